/* Nuclear Medicine images: only reconstructed tomograms are volumes. */
#include <cmath>
#include <cstring>
#include <vector>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_frames.h"

#include "core/banned.h"

namespace rgq_dicom
{

/* A value of ImageType, counted from 0. */
static void type_word(char out[text_max], DcmDataset &set, int number)
{
    char all[text_max];

    out[0] = '\0';
    if (text(set, DCM_ImageType, all, sizeof all) != found::good)
        return;
    const char *at = all;
    for (int i = 0; i < number && at != nullptr; i++) {
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

static rgq_status check_type(DcmDataset &set, rgq_error *err)
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
    char source[text_max];
    int n_frames = 1;

    (void)whole(set, DCM_NumberOfFrames, 1, 1 << 30, n_frames);
    type_word(word, set, 2);
    type_word(source, set, 3);
    if (std::strcmp(word, "RECON TOMO") == 0 && std::strcmp(source, "TRANSMISSION") == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0008,0008) ImageType is RECON TOMO of TRANSMISSION: a map of "
                         "attenuation, not of activity; EMISSION is needed");
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

/* How many images are there at each position, and of what? More than one energy window or phase
 * may be listed for a reconstruction that sums them. */
static rgq_status refuse_sets(DcmDataset &set, const char *where, rgq_error *err)
{
    static const struct {
        DcmTagKey tag;
        const char *what;
    } counts[] = {{DCM_NumberOfEnergyWindows, "(0054,0011) NumberOfEnergyWindows"},
                  {DCM_NumberOfTimeSlices, "(0054,0101) NumberOfTimeSlices"},
                  {DCM_NumberOfTimeSlots, "(0054,0071) NumberOfTimeSlots"},
                  {DCM_NumberOfPhases, "(0054,0031) NumberOfPhases"},
                  {DCM_NumberOfRRIntervals, "(0054,0061) NumberOfRRIntervals"}};
    for (const auto &row : counts) {
        int n = 1;
        if (whole(set, row.tag, 0, 65535, n) == found::good && n > 1)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "%s is %d and %s: several volumes in one file; export each as a "
                             "file",
                             row.what, n, where);
    }
    return RGQ_OK;
}

/* One volume: else several images lie at one place. */
static rgq_status check_single(const Uint16 *vector, DcmDataset &set, int n_frames,
                               rgq_error *err)
{
    int n_slices = 0;

    if (vector == nullptr) {
        if (whole(set, DCM_NumberOfSlices, 1, 65535, n_slices) == found::good &&
            n_slices == n_frames)
            return RGQ_OK;
        return refuse_sets(set, "nothing tells their slices apart", err);
    }
    std::vector<bool> taken(65536, false);
    for (int f = 0; f < n_frames; f++) {
        if (!taken[vector[f]]) {
            taken[vector[f]] = true;
            continue;
        }
        RGQ_PASS(err, refuse_sets(set, "(0054,0080) SliceVector names slices again", err));
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0054,0080) SliceVector names slice %d more than once",
                         static_cast<int>(vector[f]));
    }
    return RGQ_OK;
}

/* Geometry of the first slice: in the detector information, in some files on the top level.
 * What old cameras leave out does not change the values: transverse slices around the origin
 * are taken, and told. */
static rgq_status first_slice(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    static const double transverse[6] = {1.0, 0.0, 0.0, 0.0, 1.0, 0.0};
    DcmItem *detector = first_item(set, DCM_DetectorInformationSequence);
    char value[text_max];

    RGQ_PASS(err, read_spacing(s, set, err));
    const auto holder = [&](const DcmTagKey &tag) -> DcmItem * {
        if (detector != nullptr && text(*detector, tag, value, sizeof value) != found::absent)
            return detector;
        return text(set, tag, value, sizeof value) != found::absent ? &set : nullptr;
    };
    DcmItem *place = holder(DCM_ImagePositionPatient);
    DcmItem *direction = holder(DCM_ImageOrientationPatient);
    s.is_place_assumed = place == nullptr;
    s.is_direction_assumed = direction == nullptr;
    if (place != nullptr)
        RGQ_PASS(err, read_position(s, *place, err));
    if (direction != nullptr)
        return read_orientation(s, *direction, err);
    std::memcpy(s.orientation, transverse, sizeof transverse);
    return RGQ_OK;
}

/* The middle of the block on the origin. */
static void centre(rgq_dicom_slice &s, const double normal[3], double step_mm, int n_slices)
{
    for (int c = 0; s.is_place_assumed && c < 3; c++)
        s.position_mm[c] = -0.5 * ((s.columns - 1) * s.spacing_mm[1] * s.orientation[c] +
                                   (s.rows - 1) * s.spacing_mm[0] * s.orientation[3 + c] +
                                   (n_slices - 1) * step_mm * normal[c]);
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

rgq_status nm_check(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    const rgq_status st = check_type(set, err);
    s.is_no_volume = st == RGQ_E_UNSUPPORTED;
    return st;
}

rgq_status nm_frames(rgq_dicom_list &list, const rgq_dicom_slice &base, DcmDataset &set,
                     rgq_error *err)
{
    rgq_dicom_slice first = base;
    const Uint16 *vector = nullptr;
    double step_mm = 0.0;
    const long long frame_bytes =
        static_cast<long long>(base.rows) * base.columns * (base.bits_allocated / 8);

    RGQ_PASS(err, first_slice(first, set, err));
    RGQ_PASS(err, step_of(step_mm, first, err));
    RGQ_PASS(err, nm_scale(first, set, err));
    RGQ_PASS(err, slice_numbers(vector, set, base.n_frames, err));
    RGQ_PASS(err, check_single(vector, set, base.n_frames, err));
    (void)first_text(set, DCM_DecayCorrection, first.decay_correction,
                     sizeof first.decay_correction);
    nm_times(first, set);
    const double *o = first.orientation;
    const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                              o[0] * o[4] - o[1] * o[3]};
    centre(first, normal, step_mm, base.n_frames);
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
