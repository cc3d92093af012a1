/**
 * @file samples.h
 * @brief Stored numbers of any width, sign and byte order as float voxels.
 */
#ifndef RGQ_IO_SAMPLES_H
#define RGQ_IO_SAMPLES_H

#include <stdbool.h>

#include "io/input.h"
#include "rgdquant/error.h"

/* id, bytes, name */
#define RGQ_SAMPLE_LIST(X)                                                                     \
    X(RGQ_SAMPLE_UINT8, 1, "uint8")                                                            \
    X(RGQ_SAMPLE_INT8, 1, "int8")                                                              \
    X(RGQ_SAMPLE_UINT16, 2, "uint16")                                                          \
    X(RGQ_SAMPLE_INT16, 2, "int16")                                                            \
    X(RGQ_SAMPLE_UINT32, 4, "uint32")                                                          \
    X(RGQ_SAMPLE_INT32, 4, "int32")                                                            \
    X(RGQ_SAMPLE_UINT64, 8, "uint64")                                                          \
    X(RGQ_SAMPLE_INT64, 8, "int64")                                                            \
    X(RGQ_SAMPLE_FLOAT32, 4, "float32")                                                        \
    X(RGQ_SAMPLE_FLOAT64, 8, "float64")

typedef enum rgq_sample {
#define RGQ_X(id, bytes, name) id,
    RGQ_SAMPLE_LIST(RGQ_X)
#undef RGQ_X
} rgq_sample;

int rgq_sample_bytes(rgq_sample sample);
const char *rgq_sample_name(rgq_sample sample);

/** True if this machine stores the low byte first. */
bool rgq_is_little_endian(void);

/** How stored numbers become voxels: value = slope * stored + inter. */
typedef struct rgq_samples {
    rgq_sample sample;
    bool swapped; /**< bytes are in the other order than this machine's */
    double slope; /**< 1 and 0 with float32 copy the bits */
    double inter;
} rgq_samples;

/** `raw` is aligned for any type; its bytes are swapped in place where needed. */
void rgq_samples_convert(float *out, unsigned char *raw, size_t count, const rgq_samples *how);

/** Put `count` items of `bytes` (1, 2, 4 or 8) each into the other byte order. */
void rgq_samples_swap(unsigned char *raw, size_t count, int bytes);

enum { RGQ_SAMPLES_CHUNK_BYTES = 1 << 20 };

/** Voxels from a file in portions. */
typedef struct rgq_sample_reader {
    rgq_input *in;
    rgq_samples how;
    unsigned char *raw; /**< RGQ_SAMPLES_CHUNK_BYTES bytes from rgq_alloc() */
    uint64_t done;      /**< bytes read so far */
    uint64_t whole;     /**< bytes of all voxels, for the text where they end early */
} rgq_sample_reader;

/** The next `count` voxels; `*finite` becomes false if one is not finite, else stays. */
RGQ_MUST_CHECK rgq_status rgq_sample_reader_read(rgq_sample_reader *reader, float *to,
                                                 size_t count, bool *finite, rgq_error *err);

#endif
