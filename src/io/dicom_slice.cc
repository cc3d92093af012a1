/* The header of one PET image, checked. */
#include <cmath>
#include <cstring>
#include <limits>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

#include "core/banned.h"

using namespace rgq_dicom;

static const double unknown = std::numeric_limits<double>::quiet_NaN();

static bool is_pet(const rgq_dicom_slice &s)
{
    if (s.class_uid[0] != '\0')
        return std::strcmp(s.class_uid, RGQ_DICOM_PET_UID) == 0;
    return std::strcmp(s.modality, "PT") == 0;
}

static rgq_status wrong(rgq_error *err, found how, const char *what, const char *needed)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is %s; a PET image needs %s", what,
                     how == found::absent ? "missing" : "not readable", needed);
}

static rgq_status read_matrix(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    int samples = 1;
    int representation = 0;
    int frames = 1;
    found how = whole(item, DCM_Rows, 1, RGQ_GRID_SIDE_MAX, s.rows);

    if (how != found::good)
        return wrong(err, how, "(0028,0010) Rows", "a count of 1 to 32767");
    how = whole(item, DCM_Columns, 1, RGQ_GRID_SIDE_MAX, s.columns);
    if (how != found::good)
        return wrong(err, how, "(0028,0011) Columns", "a count of 1 to 32767");
    how = whole(item, DCM_BitsAllocated, 1, 64, s.bits_allocated);
    if (how != found::good)
        return wrong(err, how, "(0028,0100) BitsAllocated", "8, 16 or 32");
    if (s.bits_allocated != 8 && s.bits_allocated != 16 && s.bits_allocated != 32)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0028,0100) BitsAllocated is %d; 8, 16 and 32 can be read",
                         s.bits_allocated);
    if (whole(item, DCM_SamplesPerPixel, 0, 65535, samples) == found::bad || samples != 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "(0028,0002) SamplesPerPixel is %d: a colour image; PET has 1",
                         samples);
    if (whole(item, DCM_NumberOfFrames, 1, 1 << 30, frames) == found::good && frames > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "a multi-frame image (%d frames in a file); single-frame PET can be "
                         "read",
                         frames);
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

static rgq_status read_place(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    found how = reals(item, DCM_ImagePositionPatient, s.position_mm, 3);
    if (how != found::good)
        return wrong(err, how, "(0020,0032) ImagePositionPatient", "three numbers in mm");
    for (int i = 0; i < 3; i++)
        if (!(std::fabs(s.position_mm[i]) <= 1e5))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "(0020,0032) ImagePositionPatient has %g mm; within 100 m is "
                             "needed",
                             s.position_mm[i]);
    how = reals(item, DCM_ImageOrientationPatient, s.orientation, 6);
    if (how != found::good)
        return wrong(err, how, "(0020,0037) ImageOrientationPatient", "six numbers");
    RGQ_PASS(err, check_orientation(s, err));
    how = reals(item, DCM_PixelSpacing, s.spacing_mm, 2);
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

static rgq_status read_rescale(rgq_dicom_slice &s, DcmItem &item, rgq_error *err)
{
    s.slope = 1.0;
    s.intercept = 0.0;
    const found slope = real(item, DCM_RescaleSlope, s.slope);
    const found intercept = real(item, DCM_RescaleIntercept, s.intercept);

    s.slope_missing = slope == found::absent;
    if (slope == found::bad || intercept == found::bad)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is not a finite number",
                         slope == found::bad ? "(0028,1053) RescaleSlope"
                                             : "(0028,1052) RescaleIntercept");
    if (s.slope == 0.0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(0028,1053) RescaleSlope is 0: every voxel would be the same");
    return RGQ_OK;
}

static bool is_personal(DcmItem &item, const DcmTagKey &tag)
{
    char value[text_max];
    return text(item, tag, value, sizeof value) == found::good &&
           !rgq_text_equal_nocase(value, "ANONYMOUS");
}

static void read_times(rgq_dicom_slice &s, DcmItem &item)
{
    double value = 0.0;

    s.acquisition_s = s.duration_s = s.reference_s = s.temporal_index = s.image_index = unknown;
    if (date_time(item, DCM_AcquisitionDate, DCM_AcquisitionTime, value) == found::good ||
        stamp(item, DCM_AcquisitionDateTime, value) == found::good ||
        date_time(item, DCM_SeriesDate, DCM_AcquisitionTime, value) == found::good)
        s.acquisition_s = value;
    if (real(item, DCM_ActualFrameDuration, value) == found::good && value > 0.0)
        s.duration_s = value / 1000.0;
    if (real(item, DCM_FrameReferenceTime, value) == found::good)
        s.reference_s = value / 1000.0;
    if (real(item, DCM_TemporalPositionIdentifier, value) == found::good)
        s.temporal_index = value;
    if (real(item, DCM_ImageIndex, value) == found::good)
        s.image_index = value;
}

static rgq_status read_pet(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    RGQ_PASS(err, read_matrix(s, set, err));
    RGQ_PASS(err, read_place(s, set, err));
    RGQ_PASS(err, read_rescale(s, set, err));
    (void)first_text(set, DCM_Units, s.units, sizeof s.units);
    (void)first_text(set, DCM_DecayCorrection, s.decay_correction, sizeof s.decay_correction);
    (void)whole(set, DCM_NumberOfSlices, 1, 1 << 20, s.n_slices_stated);
    s.identifiers = is_personal(set, DCM_PatientName) || is_personal(set, DCM_PatientID) ||
                    is_personal(set, DCM_PatientBirthDate);
    read_times(s, set);
    return RGQ_OK;
}

/* Is there room for the pixels in the file? Nothing may be allocated before this is known. */
static rgq_status check_pixels(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err)
{
    DcmElement *pixels = nullptr;
    const long long need = static_cast<long long>(s.rows) * s.columns * (s.bits_allocated / 8);

    if (set.findAndGetElement(DCM_PixelData, pixels).bad()) {
        s.is_float = set.findAndGetElement(DCM_FloatPixelData, pixels).good();
        if (!s.is_float)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "there is no pixel data (7FE0,0010); the file "
                             "may be cut short");
        if (s.bits_allocated != 32)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "float pixels with %d bits allocated, not 32",
                             s.bits_allocated);
    }
    s.is_compressed = DcmXfer(set.getOriginalXfer()).isEncapsulated();
    if (s.is_compressed) {
        /* PET slices have at most 512 x 512; a compressed one cannot be checked by its length
         */
        if (need > 4096LL * 4096 * 4 || need > s.bytes * 4096)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%d x %d pixels cannot come from a compressed file of %lld bytes",
                             s.columns, s.rows, s.bytes);
        return RGQ_OK;
    }
    const long long have = static_cast<long long>(pixels->getLengthField());
    if (have < need || s.bytes < need)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the pixel data has %lld bytes, %d x %d pixels of %d bits need %lld; "
                         "the file is cut short or damaged",
                         have < s.bytes ? have : s.bytes, s.columns, s.rows, s.bits_allocated,
                         need);
    return RGQ_OK;
}

static rgq_status read_header(rgq_dicom_slice &s, const char *path, rgq_error *err)
{
    DcmFileFormat file;

    RGQ_PASS(err, start(err));
    RGQ_PASS(err, rgq_dicom_check_nesting(path, err));
    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    (void)first_text(set, DCM_SOPClassUID, s.class_uid, sizeof s.class_uid);
    (void)first_text(set, DCM_Modality, s.modality, sizeof s.modality);
    if (!is_pet(s))
        return RGQ_OK;
    (void)std::memcpy(s.class_uid, RGQ_DICOM_PET_UID, sizeof RGQ_DICOM_PET_UID);
    (void)first_text(set, DCM_SeriesInstanceUID, s.series_uid, sizeof s.series_uid);
    RGQ_PASS(err, read_pet(s, set, err));
    return check_pixels(s, set, err);
}

/* Deflated data sets could unfold to any size and depth inside the parser. */
static rgq_status check_syntax(const char *uid, rgq_error *err)
{
    if (std::strcmp(uid, UID_DeflatedExplicitVRLittleEndianTransferSyntax) == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the transfer syntax is Deflated Explicit VR Little Endian, which is "
                         "not read; dcmconv +te rewrites the file");
    return RGQ_OK;
}

rgq_status rgq_dicom_slice_read(rgq_dicom_slice *out, const char *path, rgq_error *err)
{
    rgq_dicom_sniff sniff;

    std::memset(out, 0, sizeof *out);
    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    if (!sniff.is_dicom)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "this is no DICOM file");
    out->bytes = sniff.bytes;
    rgq_text_copy(out->class_uid, sizeof out->class_uid, sniff.class_uid);
    if (out->class_uid[0] != '\0' && !is_pet(*out))
        return RGQ_OK; /* another object: not parsed, so that nothing in it can go wrong */
    RGQ_PASS(err, check_syntax(sniff.syntax_uid, err));
    return guarded(err, [&]() noexcept(false) { return read_header(*out, path, err); });
}
