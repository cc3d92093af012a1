/* RLE of DICOM PS3.5 annex G. DCMTK's decoder trusts the offsets of the header and reads past
 * the fragment; this one does not. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "io/dicom_file.h"

enum { RLE_HEADER = 64, RLE_SEGMENTS_MAX = 15 };

static size_t dword(const unsigned char *b)
{
    return (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

/* One segment: a byte of each sample, `step` bytes apart. False if it ends too early. */
static bool unpack(unsigned char *out, size_t count, size_t step, const unsigned char *in,
                   size_t size)
{
    size_t done = 0;
    size_t at = 0;

    while (done < count) {
        if (at >= size)
            return false;
        const unsigned code = in[at++];
        if (code == 128)
            continue;
        size_t length = code < 128 ? code + 1 : 257 - code;
        const bool is_run = code > 128;
        if (at + (is_run ? 1 : length) > size)
            return false;
        for (size_t i = 0; i < length && done < count; i++)
            out[done++ * step] = in[at + (is_run ? 0 : i)];
        at += is_run ? 1 : length;
    }
    return true;
}

static bool is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first = 0;
    memcpy(&first, &one, 1);
    return first == 1;
}

rgq_status rgq_dicom_rle_decode(unsigned char *out, size_t count, size_t bytes,
                                const unsigned char *in, size_t size, rgq_error *err)
{
    if (size < RLE_HEADER || dword(in) != bytes || bytes > RLE_SEGMENTS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the compressed pixels (RLE Lossless) are damaged: %zu bytes with %zu "
                         "segments, %zu segments are needed",
                         size, size >= 4 ? dword(in) : 0, bytes);
    for (size_t s = 0; s < bytes; s++) {
        const size_t from = dword(in + 4 + 4 * s);
        const size_t to = s + 1 < bytes ? dword(in + 8 + 4 * s) : size;
        /* the most significant byte comes first */
        const size_t place = is_little_endian() ? bytes - 1 - s : s;
        if (from < RLE_HEADER || from > to || to > size ||
            !unpack(out + place, count, bytes, in + from, to - from))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the compressed pixels (RLE Lossless) are damaged: segment %zu of "
                             "%zu does not hold %zu samples",
                             s + 1, bytes, count);
    }
    return RGQ_OK;
}
