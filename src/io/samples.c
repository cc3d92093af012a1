#include "io/samples.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"

int rgq_sample_bytes(rgq_sample sample)
{
    static const int bytes[] = {
#define RGQ_X(id, bytes, name) bytes,
        RGQ_SAMPLE_LIST(RGQ_X)
#undef RGQ_X
    };
    return bytes[sample];
}

const char *rgq_sample_name(rgq_sample sample)
{
    static const char *const names[] = {
#define RGQ_X(id, bytes, name) name,
        RGQ_SAMPLE_LIST(RGQ_X)
#undef RGQ_X
    };
    return names[sample];
}

bool rgq_is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first = 0;

    memcpy(&first, &one, 1);
    return first == 1;
}

#define SWAP(type, swap)                                                                       \
    do {                                                                                       \
        type *items = (type *)(void *)raw;                                                     \
        for (size_t i = 0; i < count; i++)                                                     \
            items[i] = swap(items[i]);                                                         \
    } while (0)

void rgq_samples_swap(unsigned char *raw, size_t count, int bytes)
{
    if (bytes == 2)
        SWAP(uint16_t, __builtin_bswap16);
    else if (bytes == 4)
        SWAP(uint32_t, __builtin_bswap32);
    else if (bytes == 8)
        SWAP(uint64_t, __builtin_bswap64);
}

/* One loop a type: the compiler makes vector code of each. */
#define CONVERT(type)                                                                          \
    do {                                                                                       \
        const type *from = (const type *)(const void *)raw;                                    \
        for (size_t i = 0; i < count; i++)                                                     \
            out[i] = (float)(slope * (double)from[i] + inter);                                 \
    } while (0)

static void scale(float *out, const unsigned char *raw, size_t count, const rgq_samples *how)
{
    const double slope = how->slope;
    const double inter = how->inter;

    switch (how->sample) {
    case RGQ_SAMPLE_UINT8:
        CONVERT(uint8_t);
        break;
    case RGQ_SAMPLE_INT8:
        CONVERT(int8_t);
        break;
    case RGQ_SAMPLE_UINT16:
        CONVERT(uint16_t);
        break;
    case RGQ_SAMPLE_INT16:
        CONVERT(int16_t);
        break;
    case RGQ_SAMPLE_UINT32:
        CONVERT(uint32_t);
        break;
    case RGQ_SAMPLE_INT32:
        CONVERT(int32_t);
        break;
    case RGQ_SAMPLE_UINT64:
        CONVERT(uint64_t);
        break;
    case RGQ_SAMPLE_INT64:
        CONVERT(int64_t);
        break;
    case RGQ_SAMPLE_FLOAT64:
        CONVERT(double);
        break;
    case RGQ_SAMPLE_FLOAT32:
        CONVERT(float);
        break;
    }
}

void rgq_samples_convert(float *out, unsigned char *raw, size_t count, const rgq_samples *how)
{
    if (how->swapped)
        rgq_samples_swap(raw, count, rgq_sample_bytes(how->sample));
    if (how->sample == RGQ_SAMPLE_FLOAT32 && how->slope == 1.0 && how->inter == 0.0)
        memcpy(out, raw, count * sizeof *out);
    else
        scale(out, raw, count, how);
}

static bool is_all_finite(const float *values, size_t count)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !isfinite(values[i]);
    return bad == 0;
}

rgq_status rgq_sample_reader_read(rgq_sample_reader *reader, float *to, size_t count,
                                  bool *finite, rgq_error *err)
{
    const size_t width = (size_t)rgq_sample_bytes(reader->how.sample);
    const size_t chunk = RGQ_SAMPLES_CHUNK_BYTES / width;

    for (size_t at = 0; at < count; at += chunk) {
        const size_t n = count - at < chunk ? count - at : chunk;
        RGQ_PASS(err, rgq_input_all(reader->in, reader->raw, n * width, reader->done,
                                    reader->whole, err));
        reader->done += n * width;
        rgq_samples_convert(to + at, reader->raw, n, &reader->how);
    }
    *finite = is_all_finite(to, count) && *finite;
    return RGQ_OK;
}
