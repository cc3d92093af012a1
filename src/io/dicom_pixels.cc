/* The pixels of one slice as floats: straight from the file where they are stored plainly,
 * else through DCMTK. */
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

#include "core/banned.h"

using namespace rgq_dicom;

struct rgq_dicom_pixels {
    std::FILE *raw = nullptr; /* of this or of the machine's byte order, see `swap` */
    DcmFileFormat file;
    DcmElement *element = nullptr;
    bool is_one_each = false;     /* a fragment a frame: the decoder need not search */
    bool is_jpeg_checked = false; /* all fragments, where there is not one a frame */
    char plain[RGQ_PATH_MAX] = "";
    bool is_temporary = false;

    rgq_dicom_pixels() = default;
    rgq_dicom_pixels(const rgq_dicom_pixels &) = delete;
    rgq_dicom_pixels &operator=(const rgq_dicom_pixels &) = delete;
    ~rgq_dicom_pixels()
    {
        if (raw != nullptr)
            (void)std::fclose(raw);
        rgq_dicom_plain_release(plain, is_temporary);
    }
};

/* The bytes of `work` are in the order of this machine. */
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

template <typename Number>
static void rescale_plain(float *out, const unsigned char *work, size_t count,
                          const rgq_dicom_slice &s)
{
    for (size_t i = 0; i < count; i++) {
        Number v;
        std::memcpy(&v, work + sizeof v * i, sizeof v);
        out[i] = static_cast<float>(static_cast<double>(v) * s.slope + s.intercept);
    }
}

static rgq_status check_finite(const float *out, size_t count, const rgq_dicom_slice &s,
                               rgq_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!std::isfinite(out[i]))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "the pixel in column %zu of row %zu is not finite after the slope "
                             "%g and intercept %g",
                             i % static_cast<size_t>(s.columns),
                             i / static_cast<size_t>(s.columns), s.slope, s.intercept);
    return RGQ_OK;
}

/* What lies outside the image, and slices that a slope of 0 says are empty. */
static rgq_status blank(float *out, const unsigned char *work, size_t count,
                        const rgq_dicom_slice &s, rgq_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const double stored = stored_value(work, i, s);
        if (stored >= s.padding_from && stored <= s.padding_to)
            out[i] = 0.0F;
        else if (s.slope == 0.0 && stored != 0.0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "(0028,1053) RescaleSlope is 0: every voxel would be the same");
    }
    return RGQ_OK;
}

static rgq_status rescale(float *out, const unsigned char *work, const rgq_dicom_slice &s,
                          rgq_error *err)
{
    const size_t count = static_cast<size_t>(s.rows) * static_cast<size_t>(s.columns);
    const bool is_whole_16 = s.bits_allocated == 16 && s.bits_stored == 16;

    if (s.is_float && s.bits_allocated == 64)
        rescale_plain<double>(out, work, count, s);
    else if (s.is_float)
        rescale_plain<float>(out, work, count, s);
    else if (is_whole_16 && s.is_signed)
        rescale_plain<int16_t>(out, work, count, s);
    else if (is_whole_16)
        rescale_plain<uint16_t>(out, work, count, s);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = static_cast<float>(stored_value(work, i, s) * s.slope + s.intercept);
    const bool is_padding_zero =
        s.padding_from == 0.0 && s.padding_to == 0.0 && s.intercept == 0.0;
    if (!s.is_float && (s.slope == 0.0 || (s.padding_from <= s.padding_to && !is_padding_zero)))
        RGQ_PASS(err, blank(out, work, count, s, err));
    if (s.is_float && s.slope == 0.0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,1053) RescaleSlope is 0: every voxel would be the same");
    /* no whole number of 32 bits leaves the range of a float with such a slope */
    if (!s.is_float && std::fabs(s.slope) < 1e28 && std::fabs(s.intercept) < 1e37)
        return RGQ_OK;
    return check_finite(out, count, s, err);
}

static rgq_status refuse_cut(const rgq_dicom_slice &s, size_t need, const char *why,
                             rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "the pixel data is cut short: %d x %d pixels of %d bits need %zu bytes "
                     "(%s)",
                     s.columns, s.rows, s.bits_allocated, need, why);
}

static rgq_status read_raw(rgq_dicom_pixels &p, unsigned char *work, size_t need,
                           const rgq_dicom_slice &s, rgq_error *err)
{
    if (fseeko(p.raw, static_cast<off_t>(s.pixels_at), SEEK_SET) != 0 ||
        std::fread(work, 1, need, p.raw) != need)
        return refuse_cut(s, need, "the file ends", err);
    if (gLocalByteOrder == EBO_BigEndian && s.bits_allocated > 8)
        (void)swapIfNecessary(EBO_BigEndian, EBO_LittleEndian, work, static_cast<Uint32>(need),
                              static_cast<size_t>(s.bits_allocated / 8));
    return RGQ_OK;
}

/* The compressed fragments of pixel data; nullptr if they are not compressed. */
static DcmPixelSequence *fragments_of(DcmElement *element)
{
    DcmPixelSequence *fragments = nullptr;
    E_TransferSyntax syntax = EXS_Unknown;
    const DcmRepresentationParameter *unused = nullptr;
    auto *data = dynamic_cast<DcmPixelData *>(element);

    if (data == nullptr)
        return nullptr;
    data->getOriginalRepresentationKey(syntax, unused);
    return data->getEncapsulatedRepresentation(syntax, unused, fragments).good() ? fragments
                                                                                 : nullptr;
}

/* A fragment a frame, behind the table of offsets. */
static rgq_status decode_rle(rgq_dicom_pixels &p, unsigned char *work, const rgq_dicom_slice &s,
                             rgq_error *err)
{
    DcmPixelSequence *fragments = fragments_of(p.element);
    DcmPixelItem *item = nullptr;
    Uint8 *bytes = nullptr;

    if (fragments == nullptr ||
        fragments->getItem(item, static_cast<unsigned long>(s.frame) + 1).bad() ||
        item == nullptr || item->getUint8Array(bytes).bad() || bytes == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the compressed pixels (RLE Lossless) of frame %d are missing",
                         s.frame + 1);
    const rgq_status st = rgq_dicom_rle_decode(
        work, static_cast<size_t>(s.rows) * static_cast<size_t>(s.columns),
        static_cast<size_t>(s.bits_allocated / 8), bytes, item->getLengthField(), err);
    (void)item->compact(); /* or all frames would stay in memory */
    return st;
}

/* Which fragment a frame begins in is the file's word: unless there is one each, all are looked
 * at, at the first frame. */
static rgq_status check_jpeg(rgq_dicom_pixels &p, const rgq_dicom_slice &s, rgq_error *err)
{
    DcmPixelSequence *fragments = fragments_of(p.element);
    const unsigned long count = fragments != nullptr ? fragments->card() : 0;
    const auto own = static_cast<unsigned long>(s.frame) + 1;

    if (!p.is_one_each && p.is_jpeg_checked)
        return RGQ_OK;
    for (unsigned long i = p.is_one_each ? own : 1; i < (p.is_one_each ? own + 1 : count);
         i++) {
        DcmPixelItem *item = nullptr;
        Uint8 *bytes = nullptr;
        if (fragments->getItem(item, i).bad() || item == nullptr || item->getLength() == 0)
            continue;
        if (item->getUint8Array(bytes).good() && bytes != nullptr)
            RGQ_PASS(err, rgq_dicom_jpeg_check(bytes, item->getLengthField(), err));
        (void)item->compact();
    }
    p.is_jpeg_checked = true;
    return RGQ_OK;
}

/* One frame at a time: a file of many would not fit into memory. */
static rgq_status decode(rgq_dicom_pixels &p, unsigned char *work, Uint32 need,
                         const rgq_dicom_slice &s, rgq_error *err)
{
    DcmDataset &set = *p.file.getDataset();
    const DcmXfer from(set.getOriginalXfer());
    auto *pixels = dynamic_cast<DcmPixelData *>(p.element);
    Uint32 size = 0;
    OFString colour;

    if (from.getXfer() == EXS_RLELossless)
        return decode_rle(p, work, s, err);
    if (!DcmCodecList::canChangeCoding(from.getXfer(), EXS_LittleEndianExplicit))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the transfer syntax %s cannot be decoded; convert the series to "
                         "Explicit VR Little Endian, e.g. with gdcmconv --raw",
                         from.getXferName());
    if (pixels == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the compressed pixels are no pixel sequence");
    RGQ_PASS(err, check_jpeg(p, s, err));
    OFCondition condition = pixels->getUncompressedFrameSize(&set, size);
    if (condition.good() && (size < need || size > need + 1))
        return refuse_cut(s, need, "a decoded frame has another size", err);
    const auto frame = static_cast<Uint32>(s.frame);
    Uint32 fragment = p.is_one_each ? frame + 1 : 0; /* item 0 is the table of offsets */
    if (condition.good())
        condition = pixels->getUncompressedFrame(&set, frame, fragment, work, size, colour);
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the compressed pixels (%s) are damaged: %s",
                         from.getXferName(), words(condition));
    return RGQ_OK;
}

static rgq_status read_pixels(rgq_dicom_pixels &p, float *out, void *work,
                              const rgq_dicom_slice &s, rgq_error *err)
{
    auto *bytes = static_cast<unsigned char *>(work);
    const size_t need = static_cast<size_t>(s.rows) * static_cast<size_t>(s.columns) *
                        static_cast<size_t>(s.bits_allocated / 8);

    if (p.raw != nullptr) {
        RGQ_PASS(err, read_raw(p, bytes, need, s, err));
    } else if (DcmXfer(p.file.getDataset()->getOriginalXfer()).isEncapsulated()) {
        RGQ_PASS(err, decode(p, bytes, static_cast<Uint32>(need), s, err));
    } else {
        const unsigned long long from =
            static_cast<unsigned long long>(need) * static_cast<unsigned long long>(s.frame);
        const OFCondition condition =
            from + need > 0xffffffffULL
                ? EC_InvalidOffset
                : p.element->getPartialValue(work, static_cast<Uint32>(from),
                                             static_cast<Uint32>(need), nullptr,
                                             gLocalByteOrder);
        if (condition.bad())
            return refuse_cut(s, need, words(condition), err);
    }
    return rescale(out, bytes, s, err);
}

static rgq_status open_parsed(rgq_dicom_pixels &p, const rgq_dicom_slice &s, const char *path,
                              rgq_error *err)
{
    rgq_dicom_sniff sniff;

    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    RGQ_PASS(err, rgq_dicom_plain(p.plain, &p.is_temporary, &sniff, path, err));
    RGQ_PASS(err, load(p.file, p.plain, err));
    DcmDataset &set = *p.file.getDataset();
    const DcmXfer syntax(set.getOriginalXfer());
    if (syntax.getByteOrder() == EBO_BigEndian && s.bits_allocated >= 32 && !s.is_float)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "32-bit pixels in Explicit VR Big Endian; dcmconv +te rewrites the "
                         "file");
    const DcmTagKey tag = !s.is_float              ? DCM_PixelData
                          : s.bits_allocated == 64 ? DCM_DoubleFloatPixelData
                                                   : DCM_FloatPixelData;
    if (set.findAndGetElement(tag, p.element).bad() || p.element == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "there is no pixel data");
    DcmPixelSequence *fragments = fragments_of(p.element);
    p.is_one_each =
        fragments != nullptr && fragments->card() == static_cast<unsigned long>(s.n_frames) + 1;
    return RGQ_OK;
}

static rgq_status open_pixels(rgq_dicom_pixels **out, const rgq_dicom_slice &s,
                              const char *path, rgq_error *err)
{
    auto p = std::make_unique<rgq_dicom_pixels>();

    if (s.pixels_at >= 0) {
        p->raw = std::fopen(path, "rb");
        if (p->raw == nullptr)
            return RGQ_RAISE(err, RGQ_E_IO, "%s", std::strerror(errno));
        (void)std::setvbuf(p->raw, nullptr, _IONBF, 0);
    } else {
        RGQ_PASS(err, open_parsed(*p, s, path, err));
    }
    *out = p.release();
    return RGQ_OK;
}

rgq_status rgq_dicom_pixels_open(rgq_dicom_pixels **out, const rgq_dicom_slice *slice,
                                 const char *path, rgq_error *err)
{
    *out = nullptr;
    return guarded(err, [&]() noexcept(false) { return open_pixels(out, *slice, path, err); });
}

void rgq_dicom_pixels_close(rgq_dicom_pixels *pixels)
{
    delete pixels;
}

rgq_status rgq_dicom_pixels_read(rgq_dicom_pixels *pixels, float *out, void *work,
                                 const rgq_dicom_slice *slice, rgq_error *err)
{
    return guarded(
        err, [&]() noexcept(false) { return read_pixels(*pixels, out, work, *slice, err); });
}
