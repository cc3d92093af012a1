/* What a label map is made of. Private to labels*.c. */
#ifndef RGQ_VOLUME_LABELS_INSIDE_H
#define RGQ_VOLUME_LABELS_INSIDE_H

#include "rgdquant/labels.h"

struct rgq_labels {
    rgq_grid grid;
    uint16_t *voxel; /* 0, or 1 + index into label */
    rgq_label *label;
    int count;
};

#endif
