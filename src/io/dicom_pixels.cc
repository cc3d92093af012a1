/* The pixels of one PET image as floats. */
#include <cmath>
#include <cstdint>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dctk.h>

#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

#include "core/banned.h"

using namespace rgq_dicom;

/* getPartialValue() gives the bytes in the order of this machine. */
static double stored_value(const unsigned char *work, size_t i, const rgq_dicom_slice &s)
{
    uint32_t bits = 0;

    if (s.bits_allocated == 8) {
        bits = work[i];
    } else if (s.bits_allocated == 16) {
        uint16_t half = 0;
        std::memcpy(&half, work + 2 * i, sizeof half);
        bits = half;
    } else {
        std::memcpy(&bits, work + 4 * i, sizeof bits);
    }
    bits >>= s.high_bit + 1 - s.bits_stored;
    if (s.bits_stored < 32)
        bits &= (static_cast<uint32_t>(1) << s.bits_stored) - 1;
    if (s.is_signed && (bits >> (s.bits_stored - 1) & 1) != 0)
        return static_cast<double>(bits) - std::ldexp(1.0, s.bits_stored);
    return static_cast<double>(bits);
}

static float float_value(const unsigned char *work, size_t i)
{
    float value = 0.0F;
    std::memcpy(&value, work + 4 * i, sizeof value);
    return value;
}

static rgq_status rescale(float *out, const unsigned char *work, const rgq_dicom_slice &s,
                          rgq_error *err)
{
    const size_t count = static_cast<size_t>(s.rows) * static_cast<size_t>(s.columns);
    const bool plain = s.bits_allocated == 16 && s.bits_stored == 16 && s.is_signed;

    for (size_t i = 0; i < count; i++) {
        double stored = 0.0;
        if (plain) { /* what nearly every scanner writes */
            int16_t v = 0;
            std::memcpy(&v, work + 2 * i, sizeof v);
            stored = v;
        } else {
            stored = s.is_float ? static_cast<double>(float_value(work, i))
                                : stored_value(work, i, s);
        }
        out[i] = static_cast<float>(stored * s.slope + s.intercept);
    }
    for (size_t i = 0; i < count; i++)
        if (!std::isfinite(out[i]))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "the pixel in column %zu of row %zu is not finite after the slope "
                             "%g and intercept %g",
                             i % static_cast<size_t>(s.columns),
                             i / static_cast<size_t>(s.columns), s.slope, s.intercept);
    return RGQ_OK;
}

static rgq_status decode(DcmDataset &set, rgq_error *err)
{
    const DcmXfer from(set.getOriginalXfer());

    if (!DcmCodecList::canChangeCoding(from.getXfer(), EXS_LittleEndianExplicit))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the transfer syntax %s cannot be decoded; convert the series to "
                         "Explicit VR Little Endian, e.g. with gdcmconv --raw",
                         from.getXferName());
    const OFCondition condition = set.chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the compressed pixels (%s) are damaged: %s",
                         from.getXferName(), words(condition));
    return RGQ_OK;
}

static rgq_status read_pixels(float *out, void *work, const rgq_dicom_slice &s,
                              const char *path, rgq_error *err)
{
    DcmFileFormat file;
    DcmElement *pixels = nullptr;
    const Uint32 need = static_cast<Uint32>(s.rows) * static_cast<Uint32>(s.columns) *
                        static_cast<Uint32>(s.bits_allocated / 8);

    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    const DcmXfer syntax(set.getOriginalXfer());
    if (syntax.isEncapsulated())
        RGQ_PASS(err, decode(set, err));
    else if (syntax.getByteOrder() == EBO_BigEndian && s.bits_allocated == 32 && !s.is_float)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "32-bit pixels in Explicit VR Big Endian; dcmconv +te rewrites the "
                         "file");
    if (set.findAndGetElement(s.is_float ? DCM_FloatPixelData : DCM_PixelData, pixels).bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT, "there is no pixel data");
    const OFCondition condition =
        pixels->getPartialValue(work, 0, need, nullptr, gLocalByteOrder);
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the pixel data is cut short: %d x %d pixels of %d bits need %u bytes "
                         "(%s)",
                         s.columns, s.rows, s.bits_allocated, need, words(condition));
    return rescale(out, static_cast<const unsigned char *>(work), s, err);
}

rgq_status rgq_dicom_pixels_read(float *out, void *work, const rgq_dicom_slice *slice,
                                 const char *path, rgq_error *err)
{
    return guarded(err,
                   [&]() noexcept(false) { return read_pixels(out, work, *slice, path, err); });
}
