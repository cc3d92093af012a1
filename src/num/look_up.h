/* Values of a short table for many indices. */
#ifndef RGQ_NUM_LOOK_UP_H
#define RGQ_NUM_LOOK_UP_H

#include <stddef.h>
#include <stdint.h>

#include "rgdquant/export.h"

/** out[i] = table[index[i]]. Every index is below `entries`; tables of up to 32 entries stay in
 *  registers where the processor has them. */
RGQ_API void rgq_look_up(float *out, const uint16_t *index, size_t n, const float *table,
                         size_t entries);

#endif
