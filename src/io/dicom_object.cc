/* One DICOM PET image (PS3.3 A.21): every attribute of type 1 and 2, and what is known. */
#include <cmath>
#include <cstdio>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "core/timestamp.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_object.h"
#include "rgdquant/version.h"

#include "core/banned.h"

using namespace rgq_dicom;

/* A UUID of our own, in decimal: names the program that wrote a file. */
static const char implementation_uid[] = "2.25.118194792069299023618930350042160466763";

namespace
{

/* Puts attributes and remembers the first failure, so that a module reads as a list. */
class writer
{
  public:
    explicit writer(DcmItem &item) : item_(item)
    {
    }
    writer &text(const DcmTagKey &tag, const char *value);
    writer &words(const DcmTagKey &tag, const char *value, size_t most);
    writer &fact(const DcmTagKey &tag, const rgq_fact_text &value, size_t most);
    writer &reals(const DcmTagKey &tag, const double *value, int count);
    writer &real(const DcmTagKey &tag, double value);
    writer &known(const DcmTagKey &tag, const rgq_fact &value);
    writer &whole(const DcmTagKey &tag, int value);
    writer &integer_text(const DcmTagKey &tag, double value);
    writer &date(const DcmTagKey &tag, double time_s);
    writer &time(const DcmTagKey &tag, double time_s);
    writer &empty(const DcmTagKey &tag);
    writer &keep(const OFCondition &condition);
    DcmItem &open(const DcmTagKey &sequence);
    rgq_status status(rgq_error *err) const;

  private:
    DcmItem &item_;
    OFCondition first_ = EC_Normal;
};

} // namespace

writer &writer::keep(const OFCondition &condition)
{
    if (condition.bad() && first_.good())
        first_ = condition;
    return *this;
}

writer &writer::text(const DcmTagKey &tag, const char *value)
{
    return keep(item_.putAndInsertString(tag, value));
}

/* One value of a VR with a limit; a backslash would start another value. */
writer &writer::words(const DcmTagKey &tag, const char *value, size_t most)
{
    char copy[text_max];
    rgq_text_copy(copy, most + 1 < sizeof copy ? most + 1 : sizeof copy, value);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\\' || static_cast<unsigned char>(*c) < 0x20)
            *c = '/';
    return text(tag, copy);
}

writer &writer::fact(const DcmTagKey &tag, const rgq_fact_text &value, size_t most)
{
    return words(tag, value.known ? value.value : "", most);
}

/* DS: at most 16 letters, ten digits. */
writer &writer::reals(const DcmTagKey &tag, const double *value, int count)
{
    char all[text_max] = "";
    for (int i = 0; i < count; i++) {
        char one[32];
        const size_t used = std::strlen(all);
        (void)std::snprintf(one, sizeof one, "%s%.10g", i > 0 ? "\\" : "", value[i] + 0.0);
        rgq_text_copy(all + used, sizeof all - used, one);
    }
    return text(tag, all);
}

writer &writer::real(const DcmTagKey &tag, double value)
{
    return reals(tag, &value, 1);
}

/* An attribute of type 3: nothing where it is unknown. */
/* Quantities that cannot be 0: a 0 stands for what nobody entered. */
writer &writer::known(const DcmTagKey &tag, const rgq_fact &value)
{
    return value.known && value.value > 0.0 ? real(tag, value.value) : *this;
}

writer &writer::whole(const DcmTagKey &tag, int value)
{
    return keep(item_.putAndInsertUint16(tag, static_cast<Uint16>(value)));
}

/* IS: what fits 32 bits. */
writer &writer::integer_text(const DcmTagKey &tag, double value)
{
    char one[32];
    (void)std::snprintf(one, sizeof one, "%.0f", std::fmin(std::fmax(value, -2e9), 2e9));
    return text(tag, one);
}

writer &writer::date(const DcmTagKey &tag, double time_s)
{
    char buffer[RGQ_TIME_TEXT_MAX];
    return text(tag, std::isfinite(time_s) ? rgq_time_format_da(time_s, buffer) : "");
}

writer &writer::time(const DcmTagKey &tag, double time_s)
{
    char buffer[RGQ_TIME_TEXT_MAX];
    return text(tag, std::isfinite(time_s) ? rgq_time_format_tm(time_s, buffer) : "");
}

writer &writer::empty(const DcmTagKey &tag)
{
    return keep(item_.insertEmptyElement(tag));
}

DcmItem &writer::open(const DcmTagKey &sequence)
{
    DcmItem *item = nullptr;
    keep(item_.findOrCreateSequenceItem(sequence, item, 0));
    if (item == nullptr)
        throw std::bad_alloc();
    return *item;
}

rgq_status writer::status(rgq_error *err) const
{
    if (first_.good())
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "an attribute cannot be written as DICOM: %s",
                     rgq_dicom::words(first_));
}

/* CS: capital letters, digits, blank and underscore, 16 at most a value. */
static bool is_code_list(const char *text)
{
    size_t length = 0;
    for (const char *c = text; *c != '\0'; c++) {
        length = *c == '\\' ? 0 : length + 1;
        if (length > 16 ||
            std::strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ \\", *c) == nullptr)
            return false;
    }
    return true;
}

static bool is_sex(const rgq_fact_text &sex)
{
    return sex.known && std::strlen(sex.value) == 1 &&
           std::strchr("MFO", sex.value[0]) != nullptr;
}

static void put_patient(writer &w, const rgq_scan_facts &f)
{
    w.text(DCM_SpecificCharacterSet, "ISO_IR 192")
        .text(DCM_PatientName, "ANONYMOUS")
        .text(DCM_PatientID, "ANONYMOUS")
        .text(DCM_PatientBirthDate, "")
        .text(DCM_PatientSex, is_sex(f.sex) ? f.sex.value : "")
        .text(DCM_PatientIdentityRemoved, "YES")
        .text(DCM_DeidentificationMethod, "rgdquant writes no identity")
        .text(DCM_LongitudinalTemporalInformationModified, "UNMODIFIED")
        .known(DCM_PatientWeight, f.weight_kg)
        .known(DCM_PatientSize, f.height_m);
}

static void put_study_and_series(writer &w, const rgq_dicom_series &s)
{
    char software[32];

    (void)std::snprintf(software, sizeof software, "rgdquant %s", rgq_version());
    w.text(DCM_StudyInstanceUID, s.study_uid)
        .date(DCM_StudyDate, s.series_time_s)
        .time(DCM_StudyTime, s.series_time_s)
        .text(DCM_ReferringPhysicianName, "")
        .text(DCM_StudyID, "1")
        .text(DCM_AccessionNumber, "")
        .text(DCM_Modality, "PT")
        .text(DCM_SeriesInstanceUID, s.series_uid)
        .text(DCM_SeriesNumber, "1")
        .text(DCM_Laterality, "")
        .date(DCM_SeriesDate, s.series_time_s)
        .time(DCM_SeriesTime, s.series_time_s)
        .words(DCM_SeriesDescription, s.description, RGQ_DICOM_LO_MAX)
        .text(DCM_FrameOfReferenceUID, s.frame_of_reference_uid)
        .text(DCM_PositionReferenceIndicator, "")
        .fact(DCM_Manufacturer, s.facts->manufacturer, RGQ_DICOM_LO_MAX)
        .fact(DCM_ManufacturerModelName, s.facts->model, RGQ_DICOM_LO_MAX)
        .text(DCM_SoftwareVersions, software);
}

static void put_nuclide(writer &isotope, const rgq_fact_text &nuclide)
{
    if (!nuclide.known) {
        isotope.empty(DCM_RadionuclideCodeSequence);
        return;
    }
    const rgq_dicom_nuclide known = rgq_dicom_nuclide_find(nuclide.value);
    writer code(isotope.open(DCM_RadionuclideCodeSequence));
    if (known.code != nullptr)
        code.text(DCM_CodeValue, known.code)
            .text(DCM_CodingSchemeDesignator, "SRT")
            .text(DCM_CodeMeaning, known.meaning);
    else
        code.words(DCM_CodeValue, nuclide.value, 16)
            .text(DCM_CodingSchemeDesignator, "99RGDQUANT")
            .words(DCM_CodeMeaning, nuclide.value, RGQ_DICOM_LO_MAX);
}

static void put_isotope(writer &w, const rgq_scan_facts &f)
{
    char stamp[2 * RGQ_TIME_TEXT_MAX];
    char day[RGQ_TIME_TEXT_MAX];
    char time[RGQ_TIME_TEXT_MAX];
    writer isotope(w.open(DCM_RadiopharmaceuticalInformationSequence));

    put_nuclide(isotope, f.nuclide);
    if (f.radiopharmaceutical.known)
        isotope.fact(DCM_Radiopharmaceutical, f.radiopharmaceutical, RGQ_DICOM_LO_MAX);
    isotope.known(DCM_RadionuclideTotalDose, f.injected_activity_bq)
        .known(DCM_RadionuclideHalfLife, f.half_life_s)
        .known(DCM_RadionuclidePositronFraction, f.positron_fraction);
    if (f.injection_time_s.known) {
        isotope.time(DCM_RadiopharmaceuticalStartTime, f.injection_time_s.value);
        if (f.injection_date_known.value > 0.0) {
            (void)std::snprintf(stamp, sizeof stamp, "%s%s",
                                rgq_time_format_da(f.injection_time_s.value, day),
                                rgq_time_format_tm(f.injection_time_s.value, time));
            isotope.text(DCM_RadiopharmaceuticalStartDateTime, stamp);
        }
    }
    w.keep(isotope.status(nullptr) == RGQ_OK ? EC_Normal : EC_IllegalParameter);
}

static void put_pet_series(writer &w, const rgq_dicom_series &s)
{
    const rgq_scan_facts &f = *s.facts;
    const bool listed = f.corrected_image.known && is_code_list(f.corrected_image.value);

    w.text(DCM_Units, s.units)
        .text(DCM_CountsSource, "EMISSION")
        .text(DCM_SeriesType, s.n_frames > 1 ? "DYNAMIC\\IMAGE" : "STATIC\\IMAGE")
        .whole(DCM_NumberOfSlices, s.n_slices)
        .text(DCM_CorrectedImage, listed ? f.corrected_image.value : "")
        .text(DCM_DecayCorrection, s.decay_correction)
        .text(DCM_CollimatorType, "")
        .empty(DCM_PatientOrientationCodeSequence)
        .empty(DCM_PatientGantryRelationshipCodeSequence);
    if (std::strcmp(s.units, "GML") == 0)
        w.text(DCM_SUVType, "BW");
    if (s.n_frames > 1)
        w.whole(DCM_NumberOfTimeSlices, s.n_frames);
    put_isotope(w, f);
}

static void put_place(writer &w, const rgq_dicom_image &image)
{
    const rgq_dicom_series &s = *image.series;
    double position[3];
    double orientation[6];

    for (int c = 0; c < 3; c++) {
        position[c] = s.origin_mm[c] + image.slice * s.step_mm[c];
        orientation[c] = s.row_direction[c];
        orientation[3 + c] = s.column_direction[c];
    }
    const double between[2] = {s.spacing_mm[1], s.spacing_mm[0]};
    w.reals(DCM_ImagePositionPatient, position, 3)
        .reals(DCM_ImageOrientationPatient, orientation, 6)
        .reals(DCM_PixelSpacing, between, 2)
        .real(DCM_SliceThickness, s.spacing_mm[2]);
}

static bool corrects(const rgq_scan_facts &f, const char *what)
{
    return f.corrected_image.known && std::strstr(f.corrected_image.value, what) != nullptr;
}

/* Attributes that are of type 1 only because a correction is listed. Where the scan does not
 * say the factor it is 1: the stored values need no further one. */
static void put_factors(writer &w, const rgq_dicom_series &s)
{
    const rgq_scan_facts &f = *s.facts;

    if (std::strcmp(s.decay_correction, "NONE") != 0)
        w.real(DCM_DecayFactor, f.decay_factor.known ? f.decay_factor.value : 1.0);
    if (corrects(f, "DCAL"))
        w.real(DCM_DoseCalibrationFactor,
               f.dose_calibration_factor.known ? f.dose_calibration_factor.value : 1.0);
    if (corrects(f, "SLSENS"))
        w.real(DCM_SliceSensitivityFactor, 1.0);
    if (corrects(f, "DTIM"))
        w.real(DCM_DeadTimeFactor, 1.0);
}

static void put_image(writer &w, const rgq_dicom_image &image)
{
    const rgq_dicom_series &s = *image.series;
    const int index = image.frame * s.n_slices + image.slice + 1;

    w.text(DCM_SOPClassUID, RGQ_DICOM_PET_UID)
        .text(DCM_SOPInstanceUID, image.instance_uid)
        .text(DCM_ImageType, "DERIVED\\PRIMARY")
        .text(DCM_DerivationDescription,
              "Written by rgdquant as 16 bit, a slope for each slice")
        .text(DCM_ImageComments, "For research use only. Not for diagnosis or treatment.")
        .integer_text(DCM_InstanceNumber, index)
        .whole(DCM_ImageIndex, index)
        .date(DCM_ContentDate, s.series_time_s)
        .time(DCM_ContentTime, s.series_time_s)
        .date(DCM_AcquisitionDate, image.acquisition_s)
        .time(DCM_AcquisitionTime, image.acquisition_s)
        .real(DCM_FrameReferenceTime, image.reference_s * 1000.0)
        .text(DCM_RescaleIntercept, "0")
        .text(DCM_RescaleSlope, image.slope)
        .text(DCM_LossyImageCompression, "00");
    if (std::isfinite(image.duration_s))
        w.integer_text(DCM_ActualFrameDuration, image.duration_s * 1000.0);
    else
        w.text(DCM_ActualFrameDuration, "");
    put_factors(w, s);
    put_place(w, image);
}

static void put_pixels(writer &w, DcmItem &item, const rgq_dicom_image &image)
{
    const rgq_dicom_series &s = *image.series;
    const unsigned long count =
        static_cast<unsigned long>(s.columns) * static_cast<unsigned long>(s.rows);

    w.whole(DCM_SamplesPerPixel, 1)
        .text(DCM_PhotometricInterpretation, "MONOCHROME2")
        .whole(DCM_Rows, s.rows)
        .whole(DCM_Columns, s.columns)
        .whole(DCM_BitsAllocated, 16)
        .whole(DCM_BitsStored, 16)
        .whole(DCM_HighBit, 15)
        .whole(DCM_PixelRepresentation, 1)
        .keep(item.putAndInsertSint16(DCM_SmallestImagePixelValue,
                                      static_cast<Sint16>(image.smallest)))
        .keep(item.putAndInsertSint16(DCM_LargestImagePixelValue,
                                      static_cast<Sint16>(image.largest)))
        .keep(item.putAndInsertUint16Array(
            DCM_PixelData, reinterpret_cast<const Uint16 *>(image.pixels), count));
}

/* DCMTK names itself in the file meta information unless it is told to leave it alone. */
static void put_meta(writer &w, DcmItem &meta, const rgq_dicom_image &image)
{
    static const Uint8 version[2] = {0, 1};
    char name[17];

    (void)std::snprintf(name, sizeof name, "RGDQUANT_%.7s", rgq_version());
    w.keep(meta.putAndInsertUint32(DCM_FileMetaInformationGroupLength, 0))
        .keep(meta.putAndInsertUint8Array(DCM_FileMetaInformationVersion, version, 2))
        .text(DCM_MediaStorageSOPClassUID, RGQ_DICOM_PET_UID)
        .text(DCM_MediaStorageSOPInstanceUID, image.instance_uid)
        .text(DCM_TransferSyntaxUID, UID_LittleEndianExplicitTransferSyntax)
        .text(DCM_ImplementationClassUID, implementation_uid)
        .text(DCM_ImplementationVersionName, name);
    /* the length counts what follows its own twelve bytes */
    const Uint32 length = meta.getLength(EXS_LittleEndianExplicit, EET_ExplicitLength) - 12;
    w.keep(meta.putAndInsertUint32(DCM_FileMetaInformationGroupLength, length));
}

static rgq_status write_object(const rgq_dicom_image &image, const char *path, rgq_error *err)
{
    DcmFileFormat file;
    DcmDataset &set = *file.getDataset();
    writer meta(*file.getMetaInfo());
    writer w(set);

    RGQ_PASS(err, start(err));
    put_meta(meta, *file.getMetaInfo(), image);
    put_patient(w, *image.series->facts);
    put_study_and_series(w, *image.series);
    put_pet_series(w, *image.series);
    put_image(w, image);
    put_pixels(w, set, image);
    RGQ_PASS(err, meta.status(err));
    RGQ_PASS(err, w.status(err));
    const OFCondition condition =
        file.saveFile(OFFilename(path), EXS_LittleEndianExplicit, EET_ExplicitLength,
                      EGL_recalcGL, EPD_noChange, 0, 0, EWM_dontUpdateMeta);
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_IO, "a DICOM file cannot be written: %s",
                         rgq_dicom::words(condition));
    return RGQ_OK;
}

rgq_status rgq_dicom_image_write(const rgq_dicom_image *image, const char *path, rgq_error *err)
{
    return guarded(err, [&]() noexcept(false) { return write_object(*image, path, err); });
}
