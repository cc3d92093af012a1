/* Random numbers by the hundred million: a block of uniform and exponential deviates at a time.
 */
#ifndef RGQ_NUM_STREAM_RNG_H
#define RGQ_NUM_STREAM_RNG_H

#include <stdint.h>

#include "rgdquant/export.h"

enum { RGQ_STREAM_LANES = 8, RGQ_STREAM_BLOCK = 512 };

/** Eight xoshiro256+ generators side by side, read as one sequence. One object serves one
 * thread; a batch of work seeds it anew, so that numbers do not depend on who computes what.
 * @see cite:Blackman2021 */
typedef struct rgq_stream {
    uint64_t s[4][RGQ_STREAM_LANES];
    float uniform[RGQ_STREAM_BLOCK];
    float exponential[RGQ_STREAM_BLOCK];
    int next_uniform;
    int next_exponential;
} rgq_stream;

/** Start sequence `batch` of `seed`: every lane from its own run of SplitMix64. */
RGQ_API void rgq_stream_seed(rgq_stream *stream, uint64_t seed, uint64_t batch);

/** Fill the uniform block; called by rgq_stream_uniform(). */
RGQ_API void rgq_stream_refill_uniform(rgq_stream *stream);
/** Fill the exponential block; called by rgq_stream_exponential(). */
RGQ_API void rgq_stream_refill_exponential(rgq_stream *stream);

/** Uniform in (0, 1): an odd multiple of 2^-24, never 0 nor 1. */
static inline float rgq_stream_uniform(rgq_stream *stream)
{
    if (stream->next_uniform == RGQ_STREAM_BLOCK)
        rgq_stream_refill_uniform(stream);
    return stream->uniform[stream->next_uniform++];
}

/** Exponential of mean 1: -ln of a uniform deviate, to 3e-7 relative; 16.6 at most, which is
 *  exceeded once in 2e7. */
static inline float rgq_stream_exponential(rgq_stream *stream)
{
    if (stream->next_exponential == RGQ_STREAM_BLOCK)
        rgq_stream_refill_exponential(stream);
    return stream->exponential[stream->next_exponential++];
}

#endif
