/* The header of one file, checked: classic PET here, the multi-frame kinds beside it. */
#include <cmath>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"
#include "io/dicom_frames.h"

#include "core/banned.h"

using namespace rgq_dicom;

rgq_dicom_kind rgq_dicom_kind_of(const char *class_uid, const char *modality)
{
    static const struct {
        const char *uid;
        rgq_dicom_kind kind;
    } kinds[] = {{RGQ_DICOM_PET_UID, RGQ_DICOM_CLASSIC},
                 {RGQ_DICOM_LEGACY_PET_UID, RGQ_DICOM_ENHANCED},
                 {RGQ_DICOM_ENHANCED_PET_UID, RGQ_DICOM_ENHANCED},
                 {RGQ_DICOM_NM_UID, RGQ_DICOM_NM}};
    for (const auto &one : kinds)
        if (std::strcmp(class_uid, one.uid) == 0)
            return one.kind;
    return class_uid[0] == '\0' && std::strcmp(modality, "PT") == 0 ? RGQ_DICOM_CLASSIC
                                                                    : RGQ_DICOM_OTHER;
}

namespace rgq_dicom
{

/* The largest scans have 100 frames of 1000 slices. */
static const int frames_max = 1000000;

rgq_status wrong(rgq_error *err, found how, const char *what, const char *needed)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is %s; a PET image needs %s", what,
                     how == found::absent ? "missing" : "not readable", needed);
}

rgq_status read_matrix(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    int samples = 1;
    int representation = 0;
    found how = whole(item, DCM_Rows, 1, RGQ_GRID_SIDE_MAX, s.rows);

    if (how != found::good)
        return wrong(err, how, "(0028,0010) Rows", "a count of 1 to 32767");
    how = whole(item, DCM_Columns, 1, RGQ_GRID_SIDE_MAX, s.columns);
    if (how != found::good)
        return wrong(err, how, "(0028,0011) Columns", "a count of 1 to 32767");
    how = whole(item, DCM_BitsAllocated, 1, 64, s.bits_allocated);
    if (how != found::good)
        return wrong(err, how, "(0028,0100) BitsAllocated", "8, 16 or 32");
    if (s.bits_allocated != 8 && s.bits_allocated != 16 && s.bits_allocated != 32 &&
        s.bits_allocated != 64)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0028,0100) BitsAllocated is %d; 8, 16, 32 and 64 can be read",
                         s.bits_allocated);
    if (whole(item, DCM_SamplesPerPixel, 0, 65535, samples) == found::bad || samples != 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0028,0002) SamplesPerPixel is %d: a colour image; PET has 1",
                         samples);
    char meaning[text_max];
    if (first_text(item, DCM_PhotometricInterpretation, meaning, sizeof meaning) ==
            found::good &&
        std::strcmp(meaning, "PALETTE COLOR") == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0028,0004) PhotometricInterpretation is PALETTE COLOR: a colour "
                         "image; PET has MONOCHROME2");
    s.n_frames = 1;
    if (whole(item, DCM_NumberOfFrames, 1, frames_max, s.n_frames) == found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,0008) NumberOfFrames is not a count of 1 to %d", frames_max);
    if (whole(item, DCM_PixelRepresentation, 0, 1, representation) == found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,0103) PixelRepresentation is neither 0 nor 1");
    s.is_signed = representation == 1;
    s.bits_stored = s.bits_allocated;
    if (whole(item, DCM_BitsStored, 1, s.bits_allocated, s.bits_stored) == found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "(0028,0101) BitsStored is not within 1 to %d",
                         s.bits_allocated);
    s.high_bit = s.bits_stored - 1;
    if (whole(item, DCM_HighBit, s.bits_stored - 1, s.bits_allocated - 1, s.high_bit) ==
        found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,0102) HighBit does not fit %d bits stored "
                         "in %d",
                         s.bits_stored, s.bits_allocated);
    return RGQ_OK;
}

/* Direction cosines come rounded; they are made unit vectors, and refused if they are none. */
static rgq_status check_orientation(rgq_dicom_slice &s, rgq_error *err)
{
    const double *o = s.orientation;
    const double a = std::sqrt(o[0] * o[0] + o[1] * o[1] + o[2] * o[2]);
    const double b = std::sqrt(o[3] * o[3] + o[4] * o[4] + o[5] * o[5]);
    const double dot = o[0] * o[3] + o[1] * o[4] + o[2] * o[5];

    if (!(std::fabs(a - 1.0) < 1e-2 && std::fabs(b - 1.0) < 1e-2 && std::fabs(dot) < 1e-2))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "(0020,0037) ImageOrientationPatient: lengths %g and %g, product %g; "
                         "two perpendicular unit vectors are needed",
                         a, b, dot);
    for (int i = 0; i < 3; i++) {
        s.orientation[i] /= a;
        s.orientation[i + 3] /= b;
    }
    return RGQ_OK;
}

rgq_status read_position(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    const found how = reals(item, DCM_ImagePositionPatient, s.position_mm, 3);
    if (how != found::good)
        return wrong(err, how, "(0020,0032) ImagePositionPatient", "three numbers in mm");
    for (int i = 0; i < 3; i++)
        if (!(std::fabs(s.position_mm[i]) <= 1e5))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "(0020,0032) ImagePositionPatient has %g mm; within 100 m is "
                             "needed",
                             s.position_mm[i]);
    return RGQ_OK;
}

rgq_status read_orientation(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    const found how = reals(item, DCM_ImageOrientationPatient, s.orientation, 6);
    if (how != found::good)
        return wrong(err, how, "(0020,0037) ImageOrientationPatient", "six numbers");
    return check_orientation(s, err);
}

rgq_status read_spacing(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    const found how = reals(item, DCM_PixelSpacing, s.spacing_mm, 2);
    if (how != found::good)
        return wrong(err, how, "(0028,0030) PixelSpacing", "two numbers in mm");
    for (int i = 0; i < 2; i++)
        if (!(s.spacing_mm[i] >= 1e-3 && s.spacing_mm[i] <= 1e3))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "(0028,0030) PixelSpacing has %g mm; 0.001 to 1000 mm is needed",
                             s.spacing_mm[i]);
    if (real(item, DCM_SliceThickness, s.thickness_mm) != found::good)
        s.thickness_mm = unknown;
    if (real(item, DCM_SpacingBetweenSlices, s.between_mm) != found::good)
        s.between_mm = unknown;
    return RGQ_OK;
}

rgq_status read_rescale(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    s.slope = 1.0;
    s.intercept = 0.0;
    const found slope = real(item, DCM_RescaleSlope, s.slope);
    const found intercept = real(item, DCM_RescaleIntercept, s.intercept);

    s.slope_missing = slope == found::absent;
    if (s.slope_missing && item.tagExists(DCM_ModalityLUTSequence))
        return RGQ_RAISE(
            err, RGQ_E_UNSUPPORTED,
            "(0028,3000) ModalityLUTSequence: a table leads to the values, which is "
            "not read; (0028,1053) RescaleSlope is needed");
    if (slope == found::bad || intercept == found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is not a finite number",
                         slope == found::bad ? "(0028,1053) RescaleSlope"
                                             : "(0028,1052) RescaleIntercept");
    return RGQ_OK;
}

/* The number of 16 bits a padding attribute holds: its VR says US or SS, and often not the one
 * the pixels have. */
static double padding(DcmItem &item, const DcmTagKey &tag, bool is_signed)
{
    double value = 0.0;
    if (real(item, tag, value) != found::good)
        return unknown;
    if (is_signed && value > 32767.0)
        return value - 65536.0;
    return !is_signed && value < 0.0 ? value + 65536.0 : value;
}

static void read_padding(rgq_dicom_slice &s, DcmItem &item)
{
    const double one = padding(item, DCM_PixelPaddingValue, s.is_signed);
    const double other = padding(item, DCM_PixelPaddingRangeLimit, s.is_signed);
    s.padding_from = std::fmin(one, other); /* of a number and NaN the number */
    s.padding_to = std::fmax(one, other);
    if (std::isnan(one))
        s.padding_from = s.padding_to = unknown;
}

/* Without a date the acquisition began on the day of the series, or past the midnight after it:
 * by hours earlier than the series it cannot be. */
static bool on_series_day(DcmItem &item, double &value)
{
    static const double day_s = 86400.0;
    double series_s = 0.0;

    if (date_time(item, DCM_SeriesDate, DCM_AcquisitionTime, value) != found::good)
        return false;
    if (date_time(item, DCM_SeriesDate, DCM_SeriesTime, series_s) == found::good &&
        value < series_s - 0.5 * day_s)
        value += day_s;
    return true;
}

void read_times(rgq_dicom_slice &s, DcmItem &item)
{
    double value = 0.0;

    s.acquisition_s = s.duration_s = s.reference_s = s.temporal_index = s.image_index = unknown;
    s.trigger_s = unknown;
    if (date_time(item, DCM_AcquisitionDate, DCM_AcquisitionTime, value) == found::good ||
        stamp(item, DCM_AcquisitionDateTime, value) == found::good ||
        on_series_day(item, value))
        s.acquisition_s = value;
    if (real(item, DCM_ActualFrameDuration, value) == found::good && value > 0.0)
        s.duration_s = value / 1000.0;
    if (real(item, DCM_FrameReferenceTime, value) == found::good)
        s.reference_s = value / 1000.0;
    if (real(item, DCM_TemporalPositionIdentifier, value) == found::good)
        s.temporal_index = value;
    if (real(item, DCM_ImageIndex, value) == found::good)
        s.image_index = value;
    if (real(item, DCM_TriggerTime, value) == found::good)
        s.trigger_s = value / 1000.0;
}

DcmItem *first_item(DcmItem &item, const DcmTagKey &sequence)
{
    DcmItem *first = nullptr;
    return item.findAndGetSequenceItem(sequence, first, 0).good() ? first : nullptr;
}

/* UCUM codes of PS3.16 CID 84 and what DICOM's Units calls them. */
static const struct {
    const char *code, *units, *suv_type;
} unit_codes[] = {
    {"Bq/ml", "BQML", ""},
    {"Bq/mL", "BQML", ""},
    {"kBq/ml", "kBq/mL", ""},
    {"kBq/mL", "kBq/mL", ""},
    {"MBq/ml", "MBq/mL", ""},
    {"MBq/mL", "MBq/mL", ""},
    {"g/ml", "GML", ""},
    {"g/ml{SUVbw}", "GML", "BW"},
    {"{SUVbw}g/ml", "GML", "BW"},
    {"g/ml{SUVlbm}", "GML", "LBM"},
    {"{SUVlbm}g/ml", "GML", "LBM"},
    {"g/ml{SUVibw}", "GML", "IBW"},
    {"{SUVibw}g/ml", "GML", "IBW"},
    {"cm2/ml", "CM2ML", "BSA"},
    {"cm2/ml{SUVbsa}", "CM2ML", "BSA"},
    {"{SUVbsa}cm2/ml", "CM2ML", "BSA"},
    {"{counts}", "CNTS", ""},
    {"[counts]", "CNTS", ""},
    {"{counts}/s", "CPS", ""},
    {"{propcounts}", "PROPCNTS", ""},
};

static void name_unit(mapping &out, const char *code)
{
    rgq_text_copy(out.units, sizeof out.units, code);
    out.suv_type[0] = '\0';
    for (const auto &row : unit_codes)
        if (std::strcmp(code, row.code) == 0) {
            rgq_text_copy(out.units, sizeof out.units, row.units);
            rgq_text_copy(out.suv_type, sizeof out.suv_type, row.suv_type);
        }
}

static bool read_one_mapping(mapping &out, DcmItem &item)
{
    char code[text_max];
    DcmItem *unit = first_item(item, DCM_MeasurementUnitsCodeSequence);

    if (unit == nullptr || first_text(*unit, DCM_CodeValue, code, sizeof code) != found::good ||
        real(item, DCM_RealWorldValueSlope, out.slope) != found::good || out.slope == 0.0)
        return false;
    out.intercept = 0.0;
    if (real(item, DCM_RealWorldValueIntercept, out.intercept) == found::bad)
        return false;
    name_unit(out, code);
    return true;
}

bool read_mapping(mapping &out, DcmItem &item)
{
    DcmSequenceOfItems *sequence = nullptr;
    bool any = false;

    if (item.findAndGetSequence(DCM_RealWorldValueMappingSequence, sequence).bad() ||
        sequence == nullptr)
        return false;
    for (unsigned long i = 0; i < sequence->card() && i < 16; i++) {
        mapping one;
        if (!read_one_mapping(one, *sequence->getItem(i)))
            continue;
        if (!any || std::strcmp(one.units, "BQML") == 0)
            out = one;
        any = true;
        if (std::strcmp(one.units, "BQML") == 0)
            break;
    }
    return any;
}

static void hoist(DcmDataset &set, DcmItem *from)
{
    for (DcmObject *at = from->nextInContainer(nullptr); at != nullptr;
         at = from->nextInContainer(at)) {
        if (set.tagExists(at->getTag()))
            continue;
        DcmElement *copy = OFstatic_cast(DcmElement *, at->clone());
        if (copy != nullptr && set.insert(copy, OFFalse).bad())
            delete copy;
    }
}

void hoist_unassigned(DcmDataset &set)
{
    DcmItem *shared = first_item(set, DCM_SharedFunctionalGroupsSequence);
    DcmItem *frame = first_item(set, DCM_PerFrameFunctionalGroupsSequence);
    DcmItem *from = shared != nullptr
                        ? first_item(*shared, DCM_UnassignedSharedConvertedAttributesSequence)
                        : nullptr;
    if (from != nullptr)
        hoist(set, from);
    from = frame != nullptr
               ? first_item(*frame, DCM_UnassignedPerFrameConvertedAttributesSequence)
               : nullptr;
    if (from != nullptr)
        hoist(set, from);
}

} // namespace rgq_dicom

static bool is_personal(DcmItem &item, const DcmTagKey &tag)
{
    char value[text_max];
    return text(item, tag, value, sizeof value) == found::good &&
           !rgq_text_equal_nocase(value, "ANONYMOUS");
}

/* SeriesType says it; where it is absent, more than one slot of a cycle does. */
static bool is_gated(DcmItem &set)
{
    char type[text_max];
    int slots = 1;
    if (first_text(set, DCM_SeriesType, type, sizeof type) == found::good)
        return std::strcmp(type, "GATED") == 0;
    return whole(set, DCM_NumberOfTimeSlots, 1, 65535, slots) == found::good && slots > 1;
}

static rgq_status read_classic(rgq_dicom_list &list, rgq_dicom_slice &s, DcmDataset &set,
                               rgq_error *err)
{
    if (s.n_frames > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%d frames in an image of a class that has one, and nothing says "
                         "where each of them lies",
                         s.n_frames);
    RGQ_PASS(err, read_position(s, set, err));
    RGQ_PASS(err, read_orientation(s, set, err));
    RGQ_PASS(err, read_spacing(s, set, err));
    RGQ_PASS(err, read_rescale(s, set, err));
    (void)first_text(set, DCM_Units, s.units, sizeof s.units);
    (void)first_text(set, DCM_DecayCorrection, s.decay_correction, sizeof s.decay_correction);
    (void)whole(set, DCM_NumberOfSlices, 1, 1 << 20, s.n_slices_stated);
    s.is_gated = is_gated(set);
    read_times(s, set);
    return rgq_dicom_list_add(&list, &s, err);
}

/* DCMTK finds a fragment by going along all before it. */
static const int compressed_frames_max = 20000;

/* A compressed file must have a fragment for each frame, and no codec makes 4096 of 1. */
static rgq_status check_compressed(const rgq_dicom_slice &s, DcmElement &pixels, long long need,
                                   rgq_error *err)
{
    DcmPixelSequence *fragments = nullptr;
    E_TransferSyntax syntax = EXS_Unknown;
    const DcmRepresentationParameter *unused = nullptr;
    auto *data = dynamic_cast<DcmPixelData *>(&pixels);

    if (s.n_frames > compressed_frames_max)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%d compressed frames in one file; up to %d are read: decompress it, "
                         "e.g. with gdcmconv --raw",
                         s.n_frames, compressed_frames_max);
    if (need > 4096LL * 4096 * 8 || need * s.n_frames / 4096 > s.bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%d x %d pixels in %d frame%s cannot come from a compressed file of "
                         "%lld bytes",
                         s.columns, s.rows, s.n_frames, s.n_frames == 1 ? "" : "s", s.bytes);
    if (data != nullptr) {
        data->getOriginalRepresentationKey(syntax, unused);
        if (data->getEncapsulatedRepresentation(syntax, unused, fragments).good() &&
            fragments != nullptr &&
            fragments->card() < static_cast<unsigned long>(s.n_frames) + 1)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%d frames are stated, %lu compressed fragments are there; the "
                             "file is cut short or damaged",
                             s.n_frames, fragments->card() > 0 ? fragments->card() - 1 : 0);
    }
    return RGQ_OK;
}

/* Which pixels? Integers in most files; float and double have attributes of their own. */
static rgq_status find_pixels(rgq_dicom_slice &s, DcmElement *&pixels, DcmDataset &set,
                              rgq_error *err)
{
    s.is_float = false;
    if (set.findAndGetElement(DCM_PixelData, pixels).good()) {
        if (s.bits_allocated == 64)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "(0028,0100) BitsAllocated is 64; whole numbers of 8, 16 and 32 "
                             "bits can be read");
        return RGQ_OK;
    }
    s.is_float = true;
    const bool is_single = set.findAndGetElement(DCM_FloatPixelData, pixels).good();
    if (!is_single && set.findAndGetElement(DCM_DoubleFloatPixelData, pixels).bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "there is no pixel data (7FE0,0010); the file may be cut short");
    if (s.bits_allocated != (is_single ? 32 : 64))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "float pixels with %d bits allocated, not %d",
                         s.bits_allocated, is_single ? 32 : 64);
    return RGQ_OK;
}

/* Is there room for the pixels in the file? Nothing may be allocated before this is known. */
static rgq_status check_pixels(rgq_dicom_slice &s, DcmDataset &set,
                               const rgq_dicom_layout &layout, rgq_error *err)
{
    DcmElement *pixels = nullptr;
    const long long frame = static_cast<long long>(s.rows) * s.columns * (s.bits_allocated / 8);
    const long long need = frame * s.n_frames;

    RGQ_PASS(err, find_pixels(s, pixels, set, err));
    s.is_compressed = DcmXfer(set.getOriginalXfer()).isEncapsulated();
    if (s.is_compressed)
        return check_compressed(s, *pixels, frame, err);
    const long long have = static_cast<long long>(pixels->getLengthField());
    if (have < need || s.bytes < need)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the pixel data has %lld bytes, %d x %d pixels of %d bits in %d "
                         "frame%s need %lld; the file is cut short or damaged",
                         have < s.bytes ? have : s.bytes, s.columns, s.rows, s.bits_allocated,
                         s.n_frames, s.n_frames == 1 ? "" : "s", need);
    const unsigned element = pixels->getTag().getElement();
    if (layout.pixels_at >= 0 && !layout.is_big && layout.pixels_bytes == have &&
        layout.pixels_element == element)
        s.pixels_at = layout.pixels_at;
    return RGQ_OK;
}

/* A picture among the slices, by the values of ImageType after the second. */
static bool is_view(DcmItem &set)
{
    static const char *const views[] = {"LOCALIZER", "MIP", "MAXIP", "MAX_IP",
                                        "PROJECTION IMAGE"};
    char all[text_max];
    int number = 0;

    if (text(set, DCM_ImageType, all, sizeof all) != found::good)
        return false;
    for (char *at = all; at != nullptr; number++) {
        char *end = std::strchr(at, '\\');
        if (end != nullptr)
            *end++ = '\0';
        for (const char *view : views)
            if (number >= 2 && std::strcmp(at, view) == 0)
                return true;
        at = end;
    }
    return false;
}

static rgq_status read_header(rgq_dicom_list &list, rgq_dicom_slice &s, const char *path,
                              const rgq_dicom_sniff &sniff, rgq_error *err)
{
    DcmFileFormat file;
    rgq_dicom_layout layout;

    RGQ_PASS(err, start(err));
    RGQ_PASS(err, rgq_dicom_walk(&layout, path, &sniff, err));
    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    (void)first_text(set, DCM_SOPClassUID, s.class_uid, sizeof s.class_uid);
    (void)first_text(set, DCM_Modality, s.modality, sizeof s.modality);
    s.kind = rgq_dicom_kind_of(s.class_uid, s.modality);
    if (s.kind == RGQ_DICOM_OTHER)
        return RGQ_OK;
    if (s.class_uid[0] == '\0')
        rgq_text_copy(s.class_uid, sizeof s.class_uid, RGQ_DICOM_PET_UID);
    (void)first_text(set, DCM_SeriesInstanceUID, s.series_uid, sizeof s.series_uid);
    (void)first_text(set, DCM_SOPInstanceUID, s.instance_uid, sizeof s.instance_uid);
    s.is_view = is_view(set);
    char corrected[text_max];
    s.is_attenuation_corrected =
        text(set, DCM_CorrectedImage, corrected, sizeof corrected) == found::good &&
        std::strstr(corrected, "ATTN") != nullptr;
    s.identifiers = is_personal(set, DCM_PatientName) || is_personal(set, DCM_PatientID) ||
                    is_personal(set, DCM_PatientBirthDate);
    if (s.kind == RGQ_DICOM_NM)
        RGQ_PASS(err, nm_check(s, set, err));
    RGQ_PASS(err, read_matrix(s, set, err));
    RGQ_PASS(err, check_pixels(s, set, layout, err));
    read_padding(s, set);
    if (s.kind == RGQ_DICOM_NM)
        return nm_frames(list, s, set, err);
    const bool is_described =
        s.n_frames > 1 && set.tagExists(DCM_PerFrameFunctionalGroupsSequence) != OFFalse;
    if (s.kind == RGQ_DICOM_ENHANCED || is_described)
        return enhanced_frames(list, s, set, err);
    return read_classic(list, s, set, err);
}

rgq_status rgq_dicom_slices_read(rgq_dicom_list *list, rgq_dicom_slice *head, size_t file,
                                 const char *path, const rgq_dicom_sniff *sniff, rgq_error *err)
{
    char plain[RGQ_PATH_MAX];
    rgq_dicom_sniff now = *sniff;
    bool is_temporary = false;

    std::memset(head, 0, sizeof *head);
    rgq_text_copy(head->class_uid, sizeof head->class_uid, sniff->class_uid);
    if (head->class_uid[0] != '\0' && rgq_dicom_kind_of(head->class_uid, "") == RGQ_DICOM_OTHER)
        return RGQ_OK; /* another object: not parsed, so that nothing in it can go wrong */
    RGQ_PASS(err, rgq_dicom_plain(plain, &is_temporary, &now, path, err));
    head->file = file;
    head->bytes = now.bytes;
    head->pixels_at = -1;
    const rgq_status st = guarded(
        err, [&]() noexcept(false) { return read_header(*list, *head, plain, now, err); });
    rgq_dicom_plain_release(plain, is_temporary);
    if (is_temporary) /* the offset was that of a file which is gone */
        for (size_t i = 0; i < list->count; i++)
            if (list->slice[i].file == file)
                list->slice[i].pixels_at = -1;
    return st;
}
