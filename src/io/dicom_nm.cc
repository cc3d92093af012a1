/* Nuclear Medicine images: only reconstructed tomograms are volumes. */
#include <cmath>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_frames.h"

#include "core/banned.h"

namespace rgq_dicom
{

/* The third value of ImageType. */
static void type_word(char out[text_max], DcmDataset &set)
{
    char all[text_max];

    out[0] = '\0';
    if (text(set, DCM_ImageType, all, sizeof all) != found::good)
        return;
    const char *at = all;
    for (int i = 0; i < 2 && at != nullptr; i++) {
        at = std::strchr(at, '\\');
        at = at != nullptr ? at + 1 : nullptr;
    }
    if (at == nullptr)
        return;
    rgq_text_copy(out, text_max, at);
    out[std::strcspn(out, "\\")] = '\0';
    for (size_t n = std::strlen(out); n > 0 && out[n - 1] == ' '; n--)
        out[n - 1] = '\0';
}

static rgq_status check_type(DcmDataset &set, int n_frames, rgq_error *err)
{
    static const struct {
        const char *word, *what;
    } refused[] = {
        {"TOMO", "raw projections; reconstruct them first"},
        {"GATED TOMO", "raw gated projections; reconstruct them first"},
        {"RECON GATED TOMO", "a reconstruction for each phase of a cycle, which is not read; "
                             "sum the phases or give the ungated reconstruction"},
        {"STATIC", "a planar image, not a volume"},
        {"WHOLE BODY", "a planar image, not a volume"},
        {"DYNAMIC", "planar images over time, not a volume"},
        {"GATED", "planar images over a cycle, not a volume"},
    };
    char word[text_max];

    type_word(word, set);
    if (std::strcmp(word, "RECON TOMO") == 0)
        return RGQ_OK;
    for (const auto &row : refused)
        if (std::strcmp(word, row.word) == 0)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "(0008,0008) ImageType is %s with %d frame%s: %s; RECON TOMO is "
                             "needed",
                             word, n_frames, n_frames == 1 ? "" : "s", row.what);
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "(0008,0008) ImageType is '%.40s' in a Nuclear Medicine image, which is "
                     "not known to be a volume; RECON TOMO is needed",
                     word);
}

/* One energy window, one detector, one time slot: else several images lie at one place. */
static rgq_status check_single(DcmDataset &set, rgq_error *err)
{
    static const struct {
        DcmTagKey tag;
        const char *what;
    } counts[] = {{DCM_NumberOfEnergyWindows, "(0054,0011) NumberOfEnergyWindows"},
                  {DCM_NumberOfTimeSlots, "(0054,0071) NumberOfTimeSlots"},
                  {DCM_NumberOfPhases, "(0054,0031) NumberOfPhases"},
                  {DCM_NumberOfRRIntervals, "(0054,0061) NumberOfRRIntervals"}};
    for (const auto &row : counts) {
        int n = 1;
        if (whole(set, row.tag, 0, 65535, n) == found::good && n > 1 &&
            set.tagExists(DCM_SliceVector) == OFFalse)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "%s is %d and nothing tells their slices apart", row.what, n);
    }
    return RGQ_OK;
}

/* (0054,0080): the slice each frame is; without it frame 1 is slice 1. */
static rgq_status slice_numbers(const Uint16 *&vector, DcmDataset &set, int n_frames,
                                rgq_error *err)
{
    unsigned long n = 0;

    vector = nullptr;
    if (!set.tagExists(DCM_SliceVector))
        return RGQ_OK;
    if (set.findAndGetUint16Array(DCM_SliceVector, vector, &n).bad() || vector == nullptr ||
        n != static_cast<unsigned long>(n_frames)) {
        vector = nullptr;
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0054,0080) SliceVector has %lu numbers for %d frames", n, n_frames);
    }
    return RGQ_OK;
}

/* Geometry of the first slice: in the detector information, in some files on the top level. */
static rgq_status first_slice(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    DcmItem *detector = first_item(set, DCM_DetectorInformationSequence);

    RGQ_PASS(err, read_spacing(s, set, err));
    if (detector == nullptr || !detector->tagExists(DCM_ImagePositionPatient))
        detector = &set;
    RGQ_PASS(err, read_position(s, *detector, err));
    if (!detector->tagExists(DCM_ImageOrientationPatient))
        detector = &set;
    return read_orientation(s, *detector, err);
}

/* The sign of SpacingBetweenSlices says to which side of the first slice the others lie. */
static rgq_status step_of(double &step_mm, rgq_dicom_slice &s, rgq_error *err)
{
    const bool between = std::fabs(s.between_mm) >= 1e-3 && std::fabs(s.between_mm) <= 1e3;

    s.is_thickness_step = !between;
    step_mm = between ? s.between_mm : s.thickness_mm;
    if (!(std::fabs(step_mm) >= 1e-3 && std::fabs(step_mm) <= 1e3))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "neither (0018,0088) SpacingBetweenSlices nor (0018,0050) "
                         "SliceThickness says how far the slices are apart");
    s.between_mm = std::fabs(step_mm);
    return RGQ_OK;
}

/* A rotation takes the duration of a view times the number of views. */
static void nm_times(rgq_dicom_slice &s, DcmDataset &set)
{
    double view_ms = 0.0;
    double views = 1.0;
    DcmItem *rotation = first_item(set, DCM_RotationInformationSequence);

    read_times(s, set);
    if (rotation == nullptr ||
        real(*rotation, DCM_ActualFrameDuration, view_ms) != found::good || !(view_ms > 0.0))
        return;
    if (real(*rotation, DCM_NumberOfFramesInRotation, views) == found::good && views > 0.0)
        s.duration_s = view_ms / 1000.0 * views;
}

static rgq_status nm_scale(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    mapping map;

    RGQ_PASS(err, read_rescale(s, set, err));
    s.slope_missing = false; /* counts need none, and the standard has none here */
    if (first_text(set, DCM_Units, s.units, sizeof s.units) == found::good)
        return RGQ_OK;
    if (!read_mapping(map, set)) {
        rgq_text_copy(s.units, sizeof s.units, "CNTS");
        return RGQ_OK;
    }
    rgq_text_copy(s.units, sizeof s.units, map.units);
    rgq_text_copy(s.suv_type, sizeof s.suv_type, map.suv_type);
    s.slope = map.slope;
    s.intercept = map.intercept;
    return RGQ_OK;
}

rgq_status nm_frames(rgq_dicom_list &list, const rgq_dicom_slice &base, DcmDataset &set,
                     rgq_error *err)
{
    rgq_dicom_slice first = base;
    const Uint16 *vector = nullptr;
    double step_mm = 0.0;
    const long long frame_bytes =
        static_cast<long long>(base.rows) * base.columns * (base.bits_allocated / 8);

    RGQ_PASS(err, check_type(set, base.n_frames, err));
    RGQ_PASS(err, check_single(set, err));
    RGQ_PASS(err, first_slice(first, set, err));
    RGQ_PASS(err, step_of(step_mm, first, err));
    RGQ_PASS(err, nm_scale(first, set, err));
    RGQ_PASS(err, slice_numbers(vector, set, base.n_frames, err));
    (void)first_text(set, DCM_DecayCorrection, first.decay_correction,
                     sizeof first.decay_correction);
    nm_times(first, set);
    const double *o = first.orientation;
    const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                              o[0] * o[4] - o[1] * o[3]};
    for (int f = 0; f < base.n_frames; f++) {
        rgq_dicom_slice s = first;
        const double steps = vector != nullptr ? vector[f] - vector[0] : f;
        for (int c = 0; c < 3; c++)
            s.position_mm[c] += steps * step_mm * normal[c];
        s.frame = f;
        if (base.pixels_at >= 0)
            s.pixels_at = base.pixels_at + f * frame_bytes;
        RGQ_PASS(err, rgq_dicom_list_add(&list, &s, err));
    }
    return RGQ_OK;
}

} // namespace rgq_dicom
