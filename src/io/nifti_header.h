/* The 348 or 540 bytes in front of the voxels, checked. Private to nifti*.c. */
#ifndef RGQ_IO_NIFTI_HEADER_H
#define RGQ_IO_NIFTI_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/grid.h"
#include "rgdquant/log.h"

enum { RGQ_NIFTI_HEADER_MAX = 540 };

typedef struct rgq_nifti_header {
    int version;  /* 1 or 2 */
    bool pair;    /* voxels are in a file of their own */
    bool analyze; /* 7.5: no magic word; always a pair */
    bool swapped; /* bytes are in the other order than this machine's */
    int datatype;
    int bytes; /* of one voxel */
    rgq_grid grid;
    int n_frames;
    bool scaled;
    double slope;
    double inter;
    double
        step_s; /* from frame to frame; NaN unless a unit of time is stated and there are any */
    uint64_t vox_offset;
    uint64_t data_bytes; /* of all voxels */
} rgq_nifti_header;

RGQ_MUST_CHECK rgq_status rgq_nifti_header_parse(rgq_nifti_header *out,
                                                 const unsigned char *bytes, size_t length,
                                                 const rgq_log *log, rgq_error *err);

/* "float32" and so on; NULL for a datatype that is not read. */
const char *rgq_nifti_type_name(int datatype);

#endif
