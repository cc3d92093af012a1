/* The frames of a segmentation object. Read through dcmdata alone: dcmseg leaks on damaged
 * files. */
#include <cmath>
#include <cstring>
#include <limits>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/alloc.h"
#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_parse.h"
#include "io/dicom_seg.h"

#include "core/banned.h"

using namespace rgq_dicom;

namespace
{

enum { segments_max = 65535, frames_max = 1 << 22 };

rgq_status lacks(rgq_error *err, found how, const char *what, const char *needed)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is %s; a segmentation needs %s", what,
                     how == found::absent ? "missing" : "not readable", needed);
}

/* First item of a sequence, or nullptr. */
DcmItem *first_item(DcmItem *item, const DcmTagKey &tag)
{
    DcmSequenceOfItems *sequence = nullptr;

    if (item == nullptr || item->findAndGetSequence(tag, sequence).bad() ||
        sequence == nullptr || sequence->card() == 0)
        return nullptr;
    return sequence->getItem(0);
}

/* A functional group of a frame, else of all of them. */
DcmItem *group(DcmItem *frame, DcmItem *shared, const DcmTagKey &tag)
{
    DcmItem *own = first_item(frame, tag);
    return own != nullptr ? own : first_item(shared, tag);
}

rgq_status read_matrix(rgq_seg &seg, DcmItem &item, rgq_error *err)
{
    int samples = 1;
    int bits = 0;
    found how = whole(item, DCM_Rows, 1, RGQ_GRID_SIDE_MAX, seg.rows);

    if (how != found::good)
        return lacks(err, how, "(0028,0010) Rows", "a count of 1 to 32767");
    how = whole(item, DCM_Columns, 1, RGQ_GRID_SIDE_MAX, seg.columns);
    if (how != found::good)
        return lacks(err, how, "(0028,0011) Columns", "a count of 1 to 32767");
    how = whole(item, DCM_NumberOfFrames, 1, frames_max, seg.n_frames);
    if (how != found::good)
        return lacks(err, how, "(0028,0008) NumberOfFrames", "a count from 1");
    how = whole(item, DCM_BitsAllocated, 1, 64, bits);
    if (how != found::good)
        return lacks(err, how, "(0028,0100) BitsAllocated", "1 or 8");
    if (seg.label_bytes > 0) {
        if (bits != 8 && bits != 16)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "(0028,0100) BitsAllocated is %d; a label map has 8 or 16", bits);
        seg.label_bytes = bits / 8;
    } else if (bits != (seg.is_fractional ? 8 : 1))
        return RGQ_RAISE(
            err, RGQ_E_FORMAT, "(0028,0100) BitsAllocated is %d; a %s segmentation has %d",
            bits, seg.is_fractional ? "fractional" : "binary", seg.is_fractional ? 8 : 1);
    if (whole(item, DCM_SamplesPerPixel, 0, 65535, samples) == found::bad || samples != 1)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "(0028,0002) SamplesPerPixel is %d, not 1",
                         samples);
    return RGQ_OK;
}

rgq_status read_kind(rgq_seg &seg, DcmItem &item, rgq_error *err)
{
    char kind[RGQ_DICOM_WORD_MAX];
    const found how = first_text(item, DCM_SegmentationType, kind, sizeof kind);

    if (how != found::good)
        return lacks(err, how, "(0062,0001) SegmentationType",
                     "BINARY, FRACTIONAL or LABELMAP");
    if (std::strcmp(kind, "LABELMAP") == 0) {
        seg.label_bytes = 1;
        if (whole(item, DCM_PixelPaddingValue, 0, segments_max, seg.background) == found::bad)
            return lacks(err, found::bad, "(0028,0120) PixelPaddingValue", "0 to 65535");
        return RGQ_OK;
    }
    seg.is_fractional = std::strcmp(kind, "FRACTIONAL") == 0;
    if (!seg.is_fractional && std::strcmp(kind, "BINARY") != 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0062,0001) SegmentationType is '%s'; BINARY, FRACTIONAL and "
                         "LABELMAP can be read",
                         kind);
    seg.fraction_max = 1;
    if (seg.is_fractional) {
        const found most = whole(item, DCM_MaximumFractionalValue, 1, 255, seg.fraction_max);
        if (most != found::good)
            return lacks(err, most, "(0062,000E) MaximumFractionalValue", "1 to 255");
    }
    return RGQ_OK;
}

/* Bytes of so many pixels. */
long long bytes_of(const rgq_seg &seg, long long pixels)
{
    if (seg.label_bytes > 0)
        return pixels * seg.label_bytes;
    return seg.is_fractional ? pixels : (pixels + 7) / 8;
}

/* Is there room for the pixels in the file? Nothing is allocated before this is known. */
rgq_status check_pixels(DcmElement *&pixels, const rgq_seg &seg, DcmDataset &set,
                        long long file_bytes, rgq_error *err)
{
    const long long values = static_cast<long long>(seg.rows) * seg.columns * seg.n_frames;
    const long long need = bytes_of(seg, values);
    const DcmXfer syntax(set.getOriginalXfer());

    if (syntax.isEncapsulated())
        return RGQ_RAISE(
            err, RGQ_E_UNSUPPORTED,
            "the pixels of the segmentation are compressed (%s); dcmdjpeg, dcmdrle "
            "or gdcmconv --raw rewrites the file",
            syntax.getXferName());
    if (set.findAndGetElement(DCM_PixelData, pixels).bad() || pixels == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "there is no pixel data (7FE0,0010); the file may be cut short");
    const long long have = static_cast<long long>(pixels->getLengthField());
    if (have < need || file_bytes < need)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "the pixel data has %lld bytes, %d frames of %d x %d pixels need %lld; "
            "the file is cut short or damaged",
            have < file_bytes ? have : file_bytes, seg.n_frames, seg.columns, seg.rows, need);
    return RGQ_OK;
}

rgq_status copy_pixels(rgq_seg &seg, DcmElement &pixels, rgq_error *err)
{
    const size_t values = static_cast<size_t>(seg.rows) * static_cast<size_t>(seg.columns) *
                          static_cast<size_t>(seg.n_frames);
    const size_t need = static_cast<size_t>(bytes_of(seg, static_cast<long long>(values)));

    if (need > 0xfffffff0U)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%zu bytes of pixels; a DICOM value has less than "
                         "4 GB",
                         need);
    RGQ_PASS(err, rgq_alloc(&seg.pixels, need, 1, err));
    /* OW in the byte order of files, so that the bits run on from byte to byte */
    const OFCondition condition = pixels.getPartialValue(
        seg.pixels, 0, static_cast<Uint32>(need), nullptr, EBO_LittleEndian);
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the pixel data is cut short (%s)",
                         words(condition));
    return RGQ_OK;
}

rgq_status read_segments(rgq_seg &seg, DcmItem &data, rgq_error *err)
{
    DcmSequenceOfItems *list = nullptr;

    if (data.findAndGetSequence(DCM_SegmentSequence, list).bad() || list == nullptr ||
        list->card() == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "there is no segment in (0062,0002) "
                         "SegmentSequence");
    const unsigned long count = list->card();
    if (count > segments_max)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%lu segments; at most %d can be read", count,
                         static_cast<int>(segments_max));
    RGQ_PASS(err, rgq_alloc(&seg.segment, count, sizeof *seg.segment, err));
    RGQ_PASS(err, rgq_alloc(&seg.by_number, segments_max + 1, sizeof *seg.by_number, err));
    DcmItem *next = nullptr;
    for (unsigned long i = 0; i < count; i++) {
        next = next_item(*list, next);
        if (next == nullptr)
            break;
        DcmItem &item = *next;
        rgq_seg_segment &segment = seg.segment[i];
        char name[text_max];
        if (whole(item, DCM_SegmentNumber, seg.label_bytes > 0 ? 0 : 1, segments_max,
                  segment.number) != found::good)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "segment %lu has no usable (0062,0004) SegmentNumber", i + 1);
        if (seg.by_number[segment.number] != 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "two segments have SegmentNumber %d",
                             segment.number);
        seg.by_number[segment.number] = static_cast<int>(i + 1);
        (void)text(item, DCM_SegmentLabel, name, sizeof name);
        rgq_text_copy(segment.name, sizeof segment.name, name);
        seg.n_segments = static_cast<int>(i + 1);
    }
    return RGQ_OK;
}

/* Direction cosines come rounded; they are made unit vectors, and refused if they are none. */
rgq_status make_units(double *o, rgq_error *err)
{
    const double a = std::sqrt(o[0] * o[0] + o[1] * o[1] + o[2] * o[2]);
    const double b = std::sqrt(o[3] * o[3] + o[4] * o[4] + o[5] * o[5]);
    const double dot = o[0] * o[3] + o[1] * o[4] + o[2] * o[5];

    if (!(std::fabs(a - 1.0) < 1e-2 && std::fabs(b - 1.0) < 1e-2 && std::fabs(dot) < 1e-2))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "(0020,0037) ImageOrientationPatient: lengths %g and %g, product %g; "
                         "two perpendicular unit vectors are needed",
                         a, b, dot);
    for (int i = 0; i < 3; i++) {
        o[i] /= a;
        o[i + 3] /= b;
    }
    return RGQ_OK;
}

/* Orientation and pixel size of a frame. */
struct measures {
    double orientation[6];
    double spacing_mm[2];
    double thickness_mm;
    double between_mm;
};

rgq_status read_measures(measures &m, DcmItem *frame, DcmItem *shared, rgq_error *err)
{
    DcmItem *plane = group(frame, shared, DCM_PlaneOrientationSequence);
    DcmItem *size = group(frame, shared, DCM_PixelMeasuresSequence);

    found how = plane == nullptr ? found::absent
                                 : reals(*plane, DCM_ImageOrientationPatient, m.orientation, 6);
    if (how != found::good)
        return lacks(err, how, "(0020,0037) ImageOrientationPatient", "six numbers");
    RGQ_PASS(err, make_units(m.orientation, err));
    how = size == nullptr ? found::absent : reals(*size, DCM_PixelSpacing, m.spacing_mm, 2);
    if (how != found::good)
        return lacks(err, how, "(0028,0030) PixelSpacing", "two numbers in mm");
    for (double spacing : m.spacing_mm)
        if (!(spacing >= 1e-3 && spacing <= 1e3))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "(0028,0030) PixelSpacing has %g mm; 0.001 to 1000 mm is needed",
                             spacing);
    if (real(*size, DCM_SliceThickness, m.thickness_mm) != found::good)
        m.thickness_mm = std::numeric_limits<double>::quiet_NaN();
    if (real(*size, DCM_SpacingBetweenSlices, m.between_mm) != found::good)
        m.between_mm = std::numeric_limits<double>::quiet_NaN();
    return RGQ_OK;
}

/* All frames must lie alike: the grid is one. */
rgq_status take_measures(rgq_seg &seg, const measures &m, bool first, rgq_error *err)
{
    if (first) {
        std::memcpy(seg.orientation, m.orientation, sizeof seg.orientation);
        std::memcpy(seg.spacing_mm, m.spacing_mm, sizeof seg.spacing_mm);
        seg.thickness_mm = m.thickness_mm;
        seg.between_mm = m.between_mm;
        return RGQ_OK;
    }
    bool same = true;
    for (int i = 0; i < 6; i++)
        same = same && std::fabs(m.orientation[i] - seg.orientation[i]) < 1e-4;
    for (int i = 0; i < 2; i++)
        same =
            same && std::fabs(m.spacing_mm[i] - seg.spacing_mm[i]) < 1e-4 * seg.spacing_mm[i];
    if (!same)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the frames of the segmentation differ in orientation or pixel size; "
                         "frames of one grid are needed");
    return RGQ_OK;
}

rgq_status read_segment_of(int &index, const rgq_seg &seg, DcmItem *frame, DcmItem *shared,
                           rgq_error *err)
{
    int number = 0;
    DcmItem *item = group(frame, shared, DCM_SegmentIdentificationSequence);
    const found how = item == nullptr
                          ? found::absent
                          : whole(*item, DCM_ReferencedSegmentNumber, 1, segments_max, number);
    if (how != found::good)
        return lacks(err, how, "(0062,000B) ReferencedSegmentNumber", "the segment of a frame");
    index = seg.by_number[number] - 1;
    if (index >= 0)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT, "segment %d is not listed in (0062,0002)", number);
}

rgq_status read_frame(rgq_seg &seg, int i, DcmItem *frame, DcmItem *shared, rgq_error *err)
{
    measures m;
    rgq_seg_frame &out = seg.frame[i];

    RGQ_PASS(err, read_measures(m, frame, shared, err));
    RGQ_PASS(err, take_measures(seg, m, i == 0, err));
    if (seg.label_bytes == 0)
        RGQ_PASS(err, read_segment_of(out.segment, seg, frame, shared, err));
    DcmItem *place = group(frame, shared, DCM_PlanePositionSequence);
    const found how = place == nullptr
                          ? found::absent
                          : reals(*place, DCM_ImagePositionPatient, out.position_mm, 3);
    if (how != found::good)
        return lacks(err, how, "(0020,0032) ImagePositionPatient", "three numbers in mm");
    for (double mm : out.position_mm)
        if (!(std::fabs(mm) <= 1e5))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "(0020,0032) ImagePositionPatient has %g mm; within 100 m is "
                             "needed",
                             mm);
    return RGQ_OK;
}

rgq_status read_frames(rgq_seg &seg, DcmItem &data, rgq_error *err)
{
    DcmSequenceOfItems *list = nullptr;
    DcmItem *shared = first_item(&data, DCM_SharedFunctionalGroupsSequence);

    if (data.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, list).bad() ||
        list == nullptr || list->card() != static_cast<unsigned long>(seg.n_frames))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%lu frames are described in (5200,9230), (0028,0008) NumberOfFrames "
                         "is %d; the file is damaged",
                         list != nullptr ? list->card() : 0UL, seg.n_frames);
    RGQ_PASS(err,
             rgq_alloc(&seg.frame, static_cast<size_t>(seg.n_frames), sizeof *seg.frame, err));
    DcmItem *frame = nullptr;
    for (int i = 0; i < seg.n_frames; i++) {
        frame = next_item(*list, frame);
        const rgq_status st = read_frame(seg, i, frame, shared, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "frame %d: ", i + 1);
            rgq_error_push(err, __func__, __LINE__);
            return st;
        }
    }
    return RGQ_OK;
}

rgq_status read_seg(rgq_seg &seg, const char *path, long long file_bytes, rgq_error *err)
{
    DcmFileFormat file;
    DcmElement *pixels = nullptr;

    RGQ_PASS(err, start(err));
    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    RGQ_PASS(err, read_kind(seg, set, err));
    RGQ_PASS(err, read_matrix(seg, set, err));
    RGQ_PASS(err, check_pixels(pixels, seg, set, file_bytes, err));
    RGQ_PASS(err, read_segments(seg, set, err));
    RGQ_PASS(err, read_frames(seg, set, err));
    (void)first_text(set, DCM_FrameOfReferenceUID, seg.frame_uid, sizeof seg.frame_uid);
    return copy_pixels(seg, *pixels, err);
}

} // namespace

rgq_status rgq_seg_read(rgq_seg *out, const char *path, rgq_error *err)
{
    rgq_seg seg;

    std::memset(&seg, 0, sizeof seg);
    const rgq_status st =
        rgq_dicom_parse(path, err, [&](const char *plain, long long bytes) noexcept(false) {
            return read_seg(seg, plain, bytes, err);
        });
    if (st != RGQ_OK) {
        rgq_seg_release(&seg);
        return st;
    }
    *out = seg;
    return RGQ_OK;
}

void rgq_seg_release(rgq_seg *seg)
{
    rgq_free(seg->segment);
    rgq_free(seg->by_number);
    rgq_free(seg->frame);
    rgq_free(seg->pixels);
    std::memset(seg, 0, sizeof *seg);
}
