#include "io/dicom_file.h"

#include "core/banned.h"

/* DCMTK 3.6.7 (DJCodecDecoder::scanJpegDataForBitDepth) looks for the frame header by going
 * from marker to marker and never leaves a TEM marker (FF 01): a damaged or hostile fragment
 * would hang it. The walk here is the same, and stops there with an error. */
enum {
    JPEG_FIRST_SOF = 0xc0,
    JPEG_DHT = 0xc4,
    JPEG_JPG = 0xc8,
    JPEG_DAC = 0xcc,
    JPEG_LAST_SOF = 0xcf,
    JPEG_FIRST_BARE = 0xd0, /* RST0 .. RST7, SOI, EOI: markers without a length */
    JPEG_LAST_BARE = 0xd9,
    JPEG_TEM = 0x01
};

static size_t big_endian_16(const unsigned char *at)
{
    return (size_t)at[0] << 8 | at[1];
}

rgq_status rgq_dicom_jpeg_check(const unsigned char *bytes, size_t length, rgq_error *err)
{
    size_t at = 0;

    while (at + 4 < length && bytes[at] == 0xff) {
        const int marker = bytes[at + 1];
        if (marker == JPEG_TEM)
            return RGQ_RAISE(
                err, RGQ_E_FORMAT,
                "the compressed pixels (JPEG) are damaged: marker FF01 at byte %zu "
                "of a fragment, before the frame header",
                at);
        if (marker >= JPEG_FIRST_SOF && marker <= JPEG_LAST_SOF && marker != JPEG_DHT &&
            marker != JPEG_JPG && marker != JPEG_DAC)
            return RGQ_OK;
        if ((marker >= JPEG_FIRST_BARE && marker <= JPEG_LAST_BARE) || marker < JPEG_FIRST_SOF)
            at += 2;
        else
            at += 2 + big_endian_16(bytes + at + 2);
    }
    return RGQ_OK; /* no frame header: DCMTK says so itself */
}
