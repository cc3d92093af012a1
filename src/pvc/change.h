/* The largest change and value of an iteration, whoever finds it. */
#ifndef RGQ_PVC_CHANGE_H
#define RGQ_PVC_CHANGE_H

#include <stdint.h>
#include <string.h>

/** Largest |change| and |value|, as the bits of a float: those of numbers from 0 on, infinity
 *  and NaN rise in this order, so that nothing that is not finite is lost. */
typedef struct rgq_change {
    _Atomic uint32_t change;
    _Atomic uint32_t most;
} rgq_change;

/** Bits of |value|. */
static inline uint32_t rgq_change_bits(float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    return bits & 0x7FFFFFFFU;
}

/** Forget what was noted. */
void rgq_change_clear(rgq_change *c);

/** Note those of a piece; by several threads at once. */
void rgq_change_note(rgq_change *c, uint32_t change, uint32_t most);

/** Largest change over largest value: 0 where nothing changed, not finite where one of both is
 *  not. */
double rgq_change_of(const rgq_change *c);

#endif
