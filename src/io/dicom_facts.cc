/* What a PET image says about patient, tracer, times and corrections. */
#include <cmath>
#include <cstdio>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "core/timestamp.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"
#include "io/dicom_frames.h"

#include "core/banned.h"

using namespace rgq_dicom;

static void fact(rgq_fact &out, DcmItem &item, const DcmTagKey &tag, double factor,
                 const char *origin)
{
    double value = 0.0;
    if (real(item, tag, value) == found::good)
        rgq_fact_set(&out, value * factor, origin);
}

/* Where 0 stands for "not stated". */
static void positive_fact(rgq_fact &out, DcmItem &item, const DcmTagKey &tag, double factor,
                          const char *origin)
{
    double value = 0.0;
    if (real(item, tag, value) == found::good && value > 0.0)
        rgq_fact_set(&out, value * factor, origin);
}

static void word(rgq_fact_text &out, DcmItem &item, const DcmTagKey &tag, const char *origin)
{
    char value[text_max];
    if (text(item, tag, value, sizeof value) == found::good)
        rgq_fact_text_set(&out, value, origin);
}

static void patient_facts(rgq_scan_facts &f, DcmItem &set)
{
    /* a 0 that was entered is judged, and said to be 0, where it is needed */
    fact(f.weight_kg, set, DCM_PatientWeight, 1.0, "(0010,1030) PatientWeight");
    fact(f.height_m, set, DCM_PatientSize, 1.0, "(0010,1020) PatientSize");
    word(f.sex, set, DCM_PatientSex, "(0010,0040) PatientSex");
}

static void series_facts(rgq_scan_facts &f, DcmDataset &set, const rgq_log *log)
{
    char lossy[text_max];
    if ((first_text(set, DCM_LossyImageCompression, lossy, sizeof lossy) == found::good &&
         std::strcmp(lossy, "01") == 0) ||
        DcmXfer(set.getOriginalXfer()).isLossy())
        RGQ_WARN(log, "(0028,2110) the images were compressed with loss: values are not those "
                      "the scanner measured");
    word(f.modality, set, DCM_Modality, "(0008,0060) Modality");
    word(f.units, set, DCM_Units, "(0054,1001) Units");
    word(f.suv_type, set, DCM_SUVType, "(0054,1006) SUVType");
    word(f.decay_correction, set, DCM_DecayCorrection, "(0054,1102) DecayCorrection");
    word(f.corrected_image, set, DCM_CorrectedImage, "(0028,0051) CorrectedImage");
    word(f.manufacturer, set, DCM_Manufacturer, "(0008,0070) Manufacturer");
    word(f.model, set, DCM_ManufacturerModelName, "(0008,1090) ManufacturerModelName");
    word(f.series_uid, set, DCM_SeriesInstanceUID, "(0020,000E) SeriesInstanceUID");
    fact(f.frame_reference_s, set, DCM_FrameReferenceTime, 1e-3,
         "(0054,1300) FrameReferenceTime");
    positive_fact(f.decay_factor, set, DCM_DecayFactor, 1.0, "(0054,1321) DecayFactor");
    positive_fact(f.dose_calibration_factor, set, DCM_DoseCalibrationFactor, 1.0,
                  "(0054,1322) DoseCalibrationFactor");
}

/* The day a time without a date belongs to: that of the series, else of the acquisition, else
 * of the study. */
static bool scan_day(DcmItem &set, double &day_s)
{
    static const DcmTagKey tags[] = {DCM_SeriesDate, DCM_AcquisitionDate, DCM_StudyDate};
    for (const DcmTagKey &tag : tags) {
        char value[text_max];
        if (first_text(set, tag, value, sizeof value) == found::good &&
            rgq_time_from_da(&day_s, value, nullptr) == RGQ_OK)
            return true;
    }
    return false;
}

static void series_time(rgq_scan_facts &f, DcmItem &set)
{
    double value = 0.0;
    if (date_time(set, DCM_SeriesDate, DCM_SeriesTime, value) == found::good)
        rgq_fact_set(&f.series_time_s, value,
                     "(0008,0021) SeriesDate and (0008,0031) SeriesTime");
}

/* Seconds of the day that "hhmmss..." names; -1 if it does not. */
static double clock_s(const char *digits)
{
    char hhmmss[7] = "";
    double time_s = -1.0;
    if (std::strlen(digits) < 6)
        return -1.0;
    std::memcpy(hhmmss, digits, 6);
    return rgq_time_from_tm(&time_s, hhmmss, nullptr) == RGQ_OK ? time_s : -1.0;
}

/* Both attributes state the local time of one moment; some writers change only one of them. */
static void compare_starts(DcmItem &tracer, const rgq_log *log)
{
    char stamp_text[text_max];
    char time_text[text_max];
    if (first_text(tracer, DCM_RadiopharmaceuticalStartDateTime, stamp_text,
                   sizeof stamp_text) != found::good ||
        first_text(tracer, DCM_RadiopharmaceuticalStartTime, time_text, sizeof time_text) !=
            found::good ||
        std::strlen(stamp_text) < 14)
        return;
    const double by_stamp_s = clock_s(stamp_text + 8);
    const double by_time_s = clock_s(time_text);
    if (by_stamp_s >= 0.0 && by_time_s >= 0.0 && std::fabs(by_stamp_s - by_time_s) > 1.0)
        RGQ_WARN(log,
                 "two times of the injection, %.0f s apart: (0018,1078) "
                 "RadiopharmaceuticalStartDateTime is used, not (0018,1072) "
                 "RadiopharmaceuticalStartTime; --injection-time overrides both",
                 std::fabs(by_stamp_s - by_time_s));
}

static void injection_time(rgq_scan_facts &f, DcmItem &set, DcmItem &tracer, const rgq_log *log)
{
    char value[text_max];
    double time_s = 0.0;
    double day_s = 0.0;

    if (stamp(tracer, DCM_RadiopharmaceuticalStartDateTime, time_s) == found::good) {
        const char *origin = "(0018,1078) RadiopharmaceuticalStartDateTime";
        rgq_fact_set(&f.injection_time_s, time_s, origin);
        rgq_fact_set(&f.injection_date_known, 1.0, origin);
        compare_starts(tracer, log);
        return;
    }
    if (first_text(tracer, DCM_RadiopharmaceuticalStartTime, value, sizeof value) !=
            found::good ||
        rgq_time_from_tm(&time_s, value, nullptr) != RGQ_OK)
        return;
    const bool dated = scan_day(set, day_s);
    const char *origin = dated ? "(0018,1072) RadiopharmaceuticalStartTime on the day of the "
                                 "series"
                               : "(0018,1072) RadiopharmaceuticalStartTime, date unknown";
    rgq_fact_set(&f.injection_time_s, (dated ? day_s : 0.0) + time_s, origin);
    rgq_fact_set(&f.injection_date_known, 0.0, origin);
}

/* For PET the standard says Bq; some writers put MBq. Nobody images with less than 10 kBq. For
 * NM it says MBq. */
static void dose(rgq_scan_facts &f, DcmItem &tracer, const rgq_dicom_slice &slice,
                 const rgq_log *log)
{
    double value = 0.0;
    if (real(tracer, DCM_RadionuclideTotalDose, value) != found::good)
        return;
    if (!(value > 0.0)) { /* no unit to find out; judged where it is needed */
        rgq_fact_set(&f.injected_activity_bq, value, "(0018,1074) RadionuclideTotalDose");
        return;
    }
    if (slice.kind == RGQ_DICOM_NM && value < 1e5) {
        rgq_fact_set(&f.injected_activity_bq, value * 1e6,
                     "(0018,1074) RadionuclideTotalDose, in MBq as NM has it");
        return;
    }
    if (slice.kind == RGQ_DICOM_NM)
        RGQ_WARN(log,
                 "(0018,1074) RadionuclideTotalDose is %g: NM has MBq, but this must be Bq; "
                 "--activity-mbq overrides it",
                 value);
    if (value >= 1e4) {
        rgq_fact_set(&f.injected_activity_bq, value, "(0018,1074) RadionuclideTotalDose");
        return;
    }
    RGQ_WARN(log,
             "(0018,1074) RadionuclideTotalDose is %g: below 10 kBq, so it is taken for MBq "
             "(%g Bq); --activity-mbq overrides it",
             value, value * 1e6);
    rgq_fact_set(&f.injected_activity_bq, value * 1e6,
                 "(0018,1074) RadionuclideTotalDose, written in MBq");
}

static void nuclide(rgq_scan_facts &f, DcmItem &tracer)
{
    DcmItem *code = nullptr;

    if (tracer.findAndGetSequenceItem(DCM_RadionuclideCodeSequence, code, 0).bad() ||
        code == nullptr)
        return;
    word(f.nuclide, *code, DCM_CodeMeaning,
         "(0054,0300) RadionuclideCodeSequence, (0008,0104) CodeMeaning");
    if (!f.nuclide.known)
        word(f.nuclide, *code, DCM_CodeValue,
             "(0054,0300) RadionuclideCodeSequence, (0008,0100) CodeValue");
}

static void tracer_facts(rgq_scan_facts &f, DcmItem &set, const rgq_dicom_slice &slice,
                         const rgq_log *log)
{
    DcmItem *tracer = nullptr;
    DcmItem *code = nullptr;

    if (set.findAndGetSequenceItem(DCM_RadiopharmaceuticalInformationSequence, tracer, 0)
            .bad() ||
        tracer == nullptr)
        return;
    word(f.radiopharmaceutical, *tracer, DCM_Radiopharmaceutical,
         "(0018,0031) Radiopharmaceutical");
    if (!f.radiopharmaceutical.known &&
        tracer->findAndGetSequenceItem(DCM_RadiopharmaceuticalCodeSequence, code, 0).good() &&
        code != nullptr)
        word(f.radiopharmaceutical, *code, DCM_CodeMeaning,
             "(0054,0304) RadiopharmaceuticalCodeSequence, (0008,0104) CodeMeaning");
    nuclide(f, *tracer);
    dose(f, *tracer, slice, log);
    positive_fact(f.half_life_s, *tracer, DCM_RadionuclideHalfLife, 1.0,
                  "(0018,1075) RadionuclideHalfLife");
    positive_fact(f.positron_fraction, *tracer, DCM_RadionuclidePositronFraction, 1.0,
                  "(0018,1076) RadionuclidePositronFraction");
    injection_time(f, set, *tracer, log);
}

/* A private element lies in the block its creator reserved, (gggg,bb00) for (gggg,00bb). Where
 * the creator was stripped, as some anonymisers do, the usual block 0x10 is looked at. */
static DcmTagKey private_tag(DcmItem &set, Uint16 group, const char *creator, Uint16 element)
{
    bool any = false;
    for (Uint16 block = 0x10; block <= 0xff; block++) {
        char value[text_max];
        if (first_text(set, DcmTagKey(group, block), value, sizeof value) != found::good)
            continue;
        any = true;
        if (std::strcmp(value, creator) == 0)
            return DcmTagKey(group, static_cast<Uint16>(block << 8 | element));
    }
    return any ? DCM_UndefinedTagKey : DcmTagKey(group, static_cast<Uint16>(0x1000 | element));
}

static void private_facts(rgq_scan_facts &f, DcmItem &set)
{
    static const char philips[] = "Philips PET Private Group";
    double value = 0.0;

    positive_fact(f.philips_suv_factor, set, private_tag(set, 0x7053, philips, 0x00), 1.0,
                  "(7053,1000) Philips SUV factor");
    positive_fact(f.philips_activity_factor, set, private_tag(set, 0x7053, philips, 0x09), 1.0,
                  "(7053,1009) Philips activity concentration factor");
    if (stamp(set, private_tag(set, 0x0009, "GEMS_PETD_01", 0x0d), value) == found::good)
        rgq_fact_set(&f.ge_scan_time_s, value, "(0009,100D) GE scan date and time");
    if (stamp(set, private_tag(set, 0x0071, "SIEMENS MED PT", 0x22), value) == found::good)
        rgq_fact_set(&f.siemens_decay_time_s, value,
                     "(0071,1022) Siemens decay correction date and time");
}

/* Enhanced PET names the moment the values are corrected to, and has no START or ADMIN. */
static void enhanced_decay(rgq_scan_facts &f, DcmItem &set, const rgq_dicom_slice &slice)
{
    double value = 0.0;

    if (slice.kind != RGQ_DICOM_ENHANCED)
        return;
    if (!f.decay_correction.known && slice.decay_correction[0] != '\0')
        rgq_fact_text_set(&f.decay_correction, slice.decay_correction,
                          "(0018,9758) DecayCorrected");
    if (!f.decay_correction.known || std::strcmp(f.decay_correction.value, "START") != 0 ||
        stamp(set, DCM_DecayCorrectionDateTime, value) != found::good)
        return;
    static const char origin[] = "(0018,9701) DecayCorrectionDateTime";
    if (f.injection_time_s.known && f.injection_date_known.value > 0.0 &&
        std::fabs(f.injection_time_s.value - value) < 0.5)
        rgq_fact_text_set(&f.decay_correction, "ADMIN", origin);
    else
        rgq_fact_set(&f.decay_reference_s, value, origin);
}

/* Units where (0054,1001) has none. */
static void slice_units(rgq_scan_facts &f, const rgq_dicom_slice &slice)
{
    const char *origin = slice.kind != RGQ_DICOM_NM || std::strcmp(slice.units, "CNTS") != 0
                             ? "(0040,9096) RealWorldValueMappingSequence or RescaleType"
                             : "Nuclear Medicine image without a unit: counts";

    if (!f.units.known && slice.units[0] != '\0')
        rgq_fact_text_set(&f.units, slice.units, origin);
    if (!f.suv_type.known && slice.suv_type[0] != '\0')
        rgq_fact_text_set(&f.suv_type, slice.suv_type,
                          "(0040,9096) RealWorldValueMappingSequence");
}

static bool is_single_photon(const char *nuclide)
{
    static const char *const words[] = {"Technetium", "Indium",   "Lutetium",    "Thallium",
                                        "^123^Iod",   "^131^Iod", "^67^Gallium", "Tc-99m",
                                        "In-111",     "Lu-177",   "I-123",       "Tl-201",
                                        "I-131",      "Ga-67",    "99mTc",       "177Lu"};
    for (const char *word : words)
        if (std::strstr(nuclide, word) != nullptr)
            return true;
    return false;
}

static void tell_energy(DcmItem &set, const rgq_log *log)
{
    double low = 0.0;
    double high = 0.0;
    DcmItem *window = first_item(set, DCM_EnergyWindowInformationSequence);
    DcmItem *range =
        window != nullptr ? first_item(*window, DCM_EnergyWindowRangeSequence) : nullptr;

    if (range != nullptr && real(*range, DCM_EnergyWindowLowerLimit, low) == found::good &&
        real(*range, DCM_EnergyWindowUpperLimit, high) == found::good)
        RGQ_INFO(log, "(0054,0012) energy window %g to %g keV", low, high);
}

static void tell_kind(const rgq_scan_facts &f, DcmItem &set, const rgq_dicom_slice &slice,
                      const rgq_log *log)
{
    if (slice.kind == RGQ_DICOM_NM)
        tell_energy(set, log);
    else if (f.nuclide.known && is_single_photon(f.nuclide.value))
        RGQ_INFO(log,
                 "the nuclide %s (%s) emits single photons: this is SPECT stored as images of "
                 "modality PT",
                 f.nuclide.value, f.nuclide.origin);
    if (slice.is_place_assumed)
        RGQ_WARN(log,
                 "(0020,0032) ImagePositionPatient is missing%s: the middle of the volume is "
                 "put on the origin; outlines from another scan will not fit",
                 slice.is_direction_assumed ? ", as is (0020,0037) ImageOrientationPatient"
                                            : "");
    if (slice.is_direction_assumed)
        RGQ_WARN(log, "(0020,0037) ImageOrientationPatient is missing: transverse slices with "
                      "the patient's left on the right side are assumed; check left and right");
    if (slice.kind == RGQ_DICOM_NM && slice.is_thickness_step)
        RGQ_WARN(log,
                 "(0018,0088) SpacingBetweenSlices is missing: %g mm of (0018,0050) "
                 "SliceThickness is taken, with the slices along the normal of the first",
                 slice.thickness_mm);
}

/* A value that is there and no number would else look like one that is not there. */
static void tell_unreadable(DcmItem &set, const rgq_log *log)
{
    static const struct {
        DcmTagKey tag;
        const char *what;
    } numbers[] = {{DCM_PatientWeight, "(0010,1030) PatientWeight"},
                   {DCM_PatientSize, "(0010,1020) PatientSize"},
                   {DCM_RadionuclideTotalDose, "(0018,1074) RadionuclideTotalDose"},
                   {DCM_RadionuclideHalfLife, "(0018,1075) RadionuclideHalfLife"},
                   {DCM_FrameReferenceTime, "(0054,1300) FrameReferenceTime"},
                   {DCM_ActualFrameDuration, "(0018,1242) ActualFrameDuration"}};
    DcmSequenceOfItems *tracers = nullptr;
    DcmItem *tracer = first_item(set, DCM_RadiopharmaceuticalInformationSequence);
    double value = 0.0;

    for (const auto &row : numbers)
        if (real(set, row.tag, value) == found::bad ||
            (tracer != nullptr && real(*tracer, row.tag, value) == found::bad))
            RGQ_WARN(log,
                     "%s is there but is no number (a decimal comma, letters?): it is taken "
                     "for missing",
                     row.what);
    if (set.findAndGetSequence(DCM_RadiopharmaceuticalInformationSequence, tracers).good() &&
        tracers != nullptr && tracers->card() > 1)
        RGQ_WARN(log,
                 "(0054,0016) %lu radiopharmaceuticals are listed: dose, half-life and time of "
                 "the first are used",
                 tracers->card());
}

static rgq_status read_facts(rgq_scan &scan, const rgq_dicom_slice &slice, const char *path,
                             const rgq_log *log, rgq_error *err)
{
    DcmFileFormat file;
    rgq_scan_facts &f = scan.facts;

    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    if (slice.kind == RGQ_DICOM_ENHANCED)
        hoist_unassigned(set);
    patient_facts(f, set);
    series_facts(f, set, log);
    series_time(f, set);
    tracer_facts(f, set, slice, log);
    private_facts(f, set);
    (void)first_text(set, DCM_FrameOfReferenceUID, scan.frame_uid, sizeof scan.frame_uid);
    enhanced_decay(f, set, slice);
    slice_units(f, slice);
    tell_kind(f, set, slice, log);
    tell_unreadable(set, log);
    if (!f.frame_reference_s.known && slice.kind == RGQ_DICOM_ENHANCED)
        rgq_fact_set(&f.frame_reference_s, slice.reference_s,
                     "(0018,9151) FrameReferenceDateTime");
    return RGQ_OK;
}

rgq_status rgq_dicom_facts_read(rgq_scan *out, const rgq_dicom_slice *slice, const char *path,
                                const rgq_log *log, rgq_error *err)
{
    char plain[RGQ_PATH_MAX];
    rgq_dicom_sniff sniff;
    bool is_temporary = false;

    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    RGQ_PASS(err, rgq_dicom_plain(plain, &is_temporary, &sniff, path, err));
    const rgq_status st = guarded(
        err, [&]() noexcept(false) { return read_facts(*out, *slice, plain, log, err); });
    rgq_dicom_plain_release(plain, is_temporary);
    return st;
}
