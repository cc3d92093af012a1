#include "num/stream_rng.h"

#include <string.h>

#include "core/banned.h"
#include "num/clones.h"

static uint64_t split_mix(uint64_t *counter)
{
    uint64_t x = *counter += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void rgq_stream_seed(rgq_stream *stream, uint64_t seed, uint64_t batch)
{
    uint64_t counter = seed;

    counter = split_mix(&counter) + batch;
    counter = split_mix(&counter);
    for (int lane = 0; lane < RGQ_STREAM_LANES; lane++)
        for (int word = 0; word < 4; word++)
            stream->s[word][lane] = split_mix(&counter);
    stream->next_uniform = RGQ_STREAM_BLOCK;
    stream->next_exponential = RGQ_STREAM_BLOCK;
}

/* One block; lanes are independent, so that the inner loop is one vector instruction each. */
RGQ_CLONES static void fill(float *out, uint64_t s[4][RGQ_STREAM_LANES])
{
    for (int i = 0; i < RGQ_STREAM_BLOCK; i += RGQ_STREAM_LANES)
        for (int k = 0; k < RGQ_STREAM_LANES; k++) {
            const uint64_t sum = s[0][k] + s[3][k];
            const uint64_t t = s[1][k] << 17;

            s[2][k] ^= s[0][k];
            s[3][k] ^= s[1][k];
            s[1][k] ^= s[2][k];
            s[0][k] ^= s[3][k];
            s[2][k] ^= t;
            s[3][k] = (s[3][k] << 45) | (s[3][k] >> 19);
            out[i + k] = ((float)(int32_t)(sum >> 41) + 0.5f) * 0x1p-23f;
        }
}

void rgq_stream_refill_uniform(rgq_stream *stream)
{
    fill(stream->uniform, stream->s);
    stream->next_uniform = 0;
}

/* ln of x in (0, 1): exponent and mantissa in [sqrt(1/2), sqrt(2)) apart, the mantissa by the
 * series of artanh to the ninth power; 3e-8 absolute before rounding. */
RGQ_CLONES static void negative_log(float *x)
{
    for (int i = 0; i < RGQ_STREAM_BLOCK; i++) {
        uint32_t bits;
        float m;

        memcpy(&bits, &x[i], sizeof bits);
        const int32_t shifted = (int32_t)(bits - UINT32_C(0x3f3504f3));
        const int32_t e = shifted >> 23;
        bits = (uint32_t)(shifted & 0x007fffff) + UINT32_C(0x3f3504f3);
        memcpy(&m, &bits, sizeof m);
        const float z = (m - 1.0f) / (m + 1.0f);
        const float q = z * z;
        const float series =
            2.0f * z *
            (1.0f + q * (1.0f / 3.0f + q * (0.2f + q * (1.0f / 7.0f + q * (1.0f / 9.0f)))));
        x[i] = -((float)e * 0.69314718f + series);
    }
}

void rgq_stream_refill_exponential(rgq_stream *stream)
{
    fill(stream->exponential, stream->s);
    negative_log(stream->exponential);
    stream->next_exponential = 0;
}
