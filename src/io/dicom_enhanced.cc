/* Enhanced PET and Legacy Converted Enhanced PET: many frames in a file, described by groups of
 * attributes that are shared or of one frame. */
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_frames.h"

#include "core/banned.h"

namespace rgq_dicom
{

/* Where the groups of one frame are looked for: its own item, then the shared one. */
struct frame_groups {
    DcmItem *own, *shared;
    DcmItem *find(const DcmTagKey &sequence) const
    {
        DcmItem *group = own != nullptr ? first_item(*own, sequence) : nullptr;
        if (group == nullptr && shared != nullptr)
            group = first_item(*shared, sequence);
        return group;
    }
};

static rgq_status need_group(DcmItem *&out, const frame_groups &groups,
                             const DcmTagKey &sequence, const char *what, rgq_error *err)
{
    out = groups.find(sequence);
    if (out == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is missing", what);
    return RGQ_OK;
}

static rgq_status place_frame(rgq_dicom_slice &s, const frame_groups &groups, rgq_error *err)
{
    DcmItem *group = nullptr;

    RGQ_PASS(err, need_group(group, groups, DCM_PlanePositionSequence,
                             "(0020,9113) PlanePositionSequence", err));
    RGQ_PASS(err, read_position(s, *group, err));
    RGQ_PASS(err, need_group(group, groups, DCM_PlaneOrientationSequence,
                             "(0020,9116) PlaneOrientationSequence", err));
    RGQ_PASS(err, read_orientation(s, *group, err));
    RGQ_PASS(err, need_group(group, groups, DCM_PixelMeasuresSequence,
                             "(0028,9110) PixelMeasuresSequence", err));
    return read_spacing(s, *group, err);
}

static bool is_pet_unit(const char *word)
{
    static const char *const known[] = {"BQML", "GML", "CM2ML", "CNTS", "CPS", "PROPCNTS"};
    for (const char *unit : known)
        if (std::strcmp(word, unit) == 0)
            return true;
    return false;
}

/* A slope outside its group: right in the item of the frame, or among what the conversion of a
 * classic image left over. That of the first frame stands on the top level, see
 * hoist_unassigned(), and is not every frame's. */
static DcmItem *loose_rescale(const frame_groups &groups)
{
    if (groups.own == nullptr)
        return nullptr;
    DcmItem *old = first_item(*groups.own, DCM_UnassignedPerFrameConvertedAttributesSequence);
    if (groups.own->tagExists(DCM_RescaleSlope))
        return groups.own;
    return old != nullptr && old->tagExists(DCM_RescaleSlope) ? old : nullptr;
}

/* Stored number to value. The rescaling counts where its unit is known (Units, or RescaleType);
 * else the real world value mapping, which also starts at the stored numbers; else the
 * rescaling without a unit. Some writers put the slope right into the item of the frame. */
static rgq_status scale_frame(rgq_dicom_slice &s, const frame_groups &groups, DcmDataset &set,
                              rgq_error *err)
{
    char type[RGQ_DICOM_WORD_MAX] = "";
    mapping map;
    DcmItem *rescale = groups.find(DCM_PixelValueTransformationSequence);
    const bool has_map = (groups.own != nullptr && read_mapping(map, *groups.own)) ||
                         (groups.shared != nullptr && read_mapping(map, *groups.shared)) ||
                         read_mapping(map, set);

    if (rescale == nullptr)
        rescale = loose_rescale(groups);
    RGQ_PASS(err, read_rescale(s, rescale != nullptr ? *rescale : set, err));
    if (rescale != nullptr)
        (void)first_text(*rescale, DCM_RescaleType, type, sizeof type);
    if (first_text(set, DCM_Units, s.units, sizeof s.units) == found::good)
        return RGQ_OK;
    if (is_pet_unit(type)) {
        rgq_text_copy(s.units, sizeof s.units, type);
    } else if (has_map) {
        rgq_text_copy(s.units, sizeof s.units, map.units);
        rgq_text_copy(s.suv_type, sizeof s.suv_type, map.suv_type);
        s.slope = map.slope;
        s.intercept = map.intercept;
        s.slope_missing = false;
    }
    return RGQ_OK;
}

/* Legacy Converted frames keep the attributes of their old images apart. */
static void time_frame(rgq_dicom_slice &s, const frame_groups &groups, DcmDataset &set)
{
    double value = 0.0;
    double series_s = 0.0;
    DcmItem *content = groups.find(DCM_FrameContentSequence);
    DcmItem *old = groups.find(DCM_UnassignedPerFrameConvertedAttributesSequence);

    read_times(s, old != nullptr ? *old : set);
    if (old != nullptr && s.acquisition_s != s.acquisition_s) {
        double day_s = 0.0;
        if (date_time(set, DCM_AcquisitionDate, DCM_AcquisitionTime, day_s) == found::good ||
            stamp(set, DCM_AcquisitionDateTime, day_s) == found::good)
            s.acquisition_s = day_s;
    }
    if (content == nullptr)
        return;
    if (stamp(*content, DCM_FrameAcquisitionDateTime, value) == found::good)
        s.acquisition_s = value;
    if (real(*content, DCM_FrameAcquisitionDuration, value) == found::good && value > 0.0)
        s.duration_s = value / 1000.0;
    if (stamp(*content, DCM_FrameReferenceDateTime, value) == found::good &&
        date_time(set, DCM_SeriesDate, DCM_SeriesTime, series_s) == found::good)
        s.reference_s = value - series_s;
    if (real(*content, DCM_TemporalPositionIndex, value) == found::good)
        s.temporal_index = value;
    DcmItem *moment = groups.find(DCM_TemporalPositionSequence);
    if (moment != nullptr && s.temporal_index != s.temporal_index &&
        real(*moment, DCM_TemporalPositionTimeOffset, value) == found::good)
        s.temporal_index = value;
}

/* A frame of a cycle of the heart or of breathing names its place in it. */
static bool is_phase(const frame_groups &groups, DcmDataset &set)
{
    static const DcmTagKey cycles[] = {DCM_CardiacSynchronizationSequence,
                                       DCM_RespiratorySynchronizationSequence};
    static const DcmTagKey places[] = {
        DCM_NominalPercentageOfCardiacPhase, DCM_NominalCardiacTriggerDelayTime,
        DCM_NominalPercentageOfRespiratoryPhase, DCM_NominalRespiratoryTriggerDelayTime};
    char type[text_max];

    for (const DcmTagKey &cycle : cycles) {
        DcmItem *own = groups.own != nullptr ? first_item(*groups.own, cycle) : nullptr;
        for (const DcmTagKey &place : places)
            if (own != nullptr && own->tagExists(place))
                return true;
    }
    return first_text(set, DCM_SeriesType, type, sizeof type) == found::good &&
           std::strcmp(type, "GATED") == 0;
}

static rgq_status one_frame(rgq_dicom_slice &s, const frame_groups &groups, DcmDataset &set,
                            rgq_error *err)
{
    RGQ_PASS(err, place_frame(s, groups, err));
    RGQ_PASS(err, scale_frame(s, groups, set, err));
    time_frame(s, groups, set);
    s.is_gated = is_phase(groups, set);
    return RGQ_OK;
}

static void decay_word(rgq_dicom_slice &s, DcmDataset &set)
{
    char word[RGQ_DICOM_WORD_MAX];

    if (first_text(set, DCM_DecayCorrection, s.decay_correction, sizeof s.decay_correction) ==
        found::good)
        return;
    if (first_text(set, DCM_DecayCorrected, word, sizeof word) == found::good)
        rgq_text_copy(s.decay_correction, sizeof s.decay_correction,
                      std::strcmp(word, "YES") == 0 ? "START" : "NONE");
}

rgq_status enhanced_frames(rgq_dicom_list &list, const rgq_dicom_slice &base, DcmDataset &set,
                           rgq_error *err)
{
    DcmSequenceOfItems *per_frame = nullptr;
    frame_groups groups = {nullptr, first_item(set, DCM_SharedFunctionalGroupsSequence)};
    const long long frame_bytes =
        static_cast<long long>(base.rows) * base.columns * (base.bits_allocated / 8);

    if (set.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, per_frame).bad() ||
        per_frame == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(5200,9230) PerFrameFunctionalGroupsSequence is missing: nothing "
                         "says where the %d frames lie",
                         base.n_frames);
    if (per_frame->card() != static_cast<unsigned long>(base.n_frames))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,0008) NumberOfFrames is %d, (5200,9230) describes %lu frames",
                         base.n_frames, per_frame->card());
    hoist_unassigned(set);
    /* seeking by number walks the list from its start: go along it instead */
    int number = 0;
    for (DcmObject *at = per_frame->nextInContainer(nullptr); at != nullptr;
         at = per_frame->nextInContainer(at), number++) {
        rgq_dicom_slice s = base;
        groups.own = OFstatic_cast(DcmItem *, at);
        s.frame = number;
        if (base.pixels_at >= 0)
            s.pixels_at = base.pixels_at + number * frame_bytes;
        decay_word(s, set);
        const rgq_status st = one_frame(s, groups, set, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "frame %d: ", number + 1);
            return st;
        }
        RGQ_PASS(err, rgq_dicom_list_add(&list, &s, err));
    }
    return RGQ_OK;
}

} // namespace rgq_dicom
