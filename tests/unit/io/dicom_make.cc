#include "dicom_make.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djencode.h>

static const char enhanced_uid[] = "1.2.840.10008.5.1.4.1.1.130";
static const char legacy_uid[] = "1.2.840.10008.5.1.4.1.1.128.1";
static const char nm_uid[] = "1.2.840.10008.5.1.4.1.1.20";

static void put(DcmItem &item, const DcmTagKey &tag, const char *value)
{
    (void)item.putAndInsertString(DcmTag(tag), value);
}

static void put(DcmItem &item, const DcmTagKey &tag, double value)
{
    char text[32];
    DcmElement *element = nullptr;
    (void)std::snprintf(text, sizeof text, "%.10g", value);
    if (item.putAndInsertString(DcmTag(tag), text).bad() &&
        DcmItem::newDicomElement(element, DcmTag(tag)).good()) {
        (void)element->putFloat64(value); /* FD has no text */
        (void)item.insert(element, OFTrue);
    }
}

static void put_us(DcmItem &item, const DcmTagKey &tag, int value)
{
    (void)item.putAndInsertUint16(DcmTag(tag), static_cast<Uint16>(value));
}

static DcmItem &open(DcmItem &item, const DcmTagKey &sequence, long number = -2)
{
    DcmItem *inner = nullptr;
    (void)item.findOrCreateSequenceItem(DcmTag(sequence), inner, number);
    return *inner;
}

static void put_reals(DcmItem &item, const DcmTagKey &tag, const double *v, int n)
{
    char text[200] = "";
    for (int i = 0; i < n; i++) {
        const size_t used = std::strlen(text);
        (void)std::snprintf(text + used, sizeof text - used, "%s%.8g", i > 0 ? "\\" : "", v[i]);
    }
    put(item, tag, text);
}

static void normal_of(double n[3], const double o[6])
{
    n[0] = o[1] * o[5] - o[2] * o[4];
    n[1] = o[2] * o[3] - o[0] * o[5];
    n[2] = o[0] * o[4] - o[1] * o[3];
}

static void put_tracer(DcmItem &item, const made &m)
{
    DcmItem &tracer = open(item, DCM_RadiopharmaceuticalInformationSequence);
    put(tracer, DCM_RadiopharmaceuticalStartDateTime, "20240301090000");
    put(tracer, DCM_RadiopharmaceuticalStartTime, "090000");
    put(tracer, DCM_RadionuclideTotalDose, m.dose);
    put(tracer, DCM_RadionuclideHalfLife, 6586.2);
    DcmItem &code = open(tracer, DCM_RadionuclideCodeSequence);
    put(code, DCM_CodeValue, "C-111A1");
    put(code, DCM_CodingSchemeDesignator, "SRT");
    put(code, DCM_CodeMeaning, "^18^Fluorine");
}

static void put_common(DcmDataset &set, const made &m, const char *class_uid)
{
    put(set, DCM_SOPClassUID, class_uid);
    put(set, DCM_SOPInstanceUID, "2.25.7.1");
    put(set, DCM_StudyInstanceUID, "2.25.7.2");
    put(set, DCM_SeriesInstanceUID, "2.25.7.3");
    put(set, DCM_SeriesDate, "20240301");
    put(set, DCM_SeriesTime, "100000");
    put(set, DCM_PatientWeight, 70.0);
    put_us(set, DCM_SamplesPerPixel, 1);
    put(set, DCM_PhotometricInterpretation, "MONOCHROME2");
    put_us(set, DCM_Rows, m.n[1]);
    put_us(set, DCM_Columns, m.n[0]);
    const int count = m.n_frames_stated > 0 ? m.n_frames_stated
                                            : m.n[2] * m.n[3] * (m.n_sets > 1 ? m.n_sets : 1);
    put(set, DCM_NumberOfFrames, count);
    static const int bits[] = {16, 16, 32, 32, 64};
    const int b = bits[m.pixel_kind];
    put_us(set, DCM_BitsAllocated, b);
    if (m.pixel_kind < 3) {
        put_us(set, DCM_BitsStored, b);
        put_us(set, DCM_HighBit, b - 1);
        put_us(set, DCM_PixelRepresentation, m.pixel_kind != 1);
    }
}

static void put_pixels(DcmDataset &set, const std::vector<double> &v, int kind)
{
    if (kind == 3) {
        std::vector<Float32> out(v.begin(), v.end());
        (void)set.putAndInsertFloat32Array(DCM_FloatPixelData, out.data(), out.size());
        return;
    }
    if (kind == 4) {
        (void)set.putAndInsertFloat64Array(DCM_DoubleFloatPixelData, v.data(), v.size());
        return;
    }
    std::vector<Uint16> words;
    for (const double value : v) {
        const long whole = static_cast<long>(value);
        words.push_back(static_cast<Uint16>(whole & 0xffff));
        if (kind == 2)
            words.push_back(static_cast<Uint16>((whole >> 16) & 0xffff));
    }
    (void)set.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size());
}

static int save(DcmFileFormat &file, const char *path)
{
    return file.saveFile(OFFilename(path), EXS_LittleEndianExplicit).good() ? 0 : 1;
}

/* Which slice and time the frame number `f` of the file is: a walk in steps of 7, which visits
 * all if their count is no multiple of 7. */
static int place_of(int f, int count)
{
    return f * 7 % count;
}

static void put_frame_place(DcmItem &frame, const made &m, int z)
{
    double normal[3];
    double at[3];
    normal_of(normal, m.direction);
    for (int c = 0; c < 3; c++)
        at[c] = m.origin_mm[c] + z * m.spacing_mm[2] * normal[c];
    put_reals(open(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient, at, 3);
}

static void put_frame_times(DcmItem &frame, const made &m, int z, int t)
{
    char text[40];
    DcmItem &content = open(frame, DCM_FrameContentSequence);
    (void)content.putAndInsertUint32(DCM_InStackPositionNumber,
                                     static_cast<Uint32>(m.lies_in_index ? 1 : z + 1));
    (void)content.putAndInsertUint32(DCM_DimensionIndexValues, 1);
    if (m.is_gated) {
        DcmItem &cycle = open(frame, DCM_CardiacSynchronizationSequence);
        (void)cycle.putAndInsertFloat32(DCM_NominalPercentageOfCardiacPhase,
                                        static_cast<Float32>(10 * t));
    }
    if (m.has_no_times) {
        (void)content.putAndInsertUint32(DCM_TemporalPositionIndex, static_cast<Uint32>(t + 1));
        return;
    }
    (void)std::snprintf(text, sizeof text, "20240301100%d00", t);
    if (m.is_legacy) {
        DcmItem &old = open(frame, DCM_UnassignedPerFrameConvertedAttributesSequence);
        put(old, DCM_AcquisitionDate, "20240301");
        put(old, DCM_AcquisitionTime, text + 8);
        put(old, DCM_ActualFrameDuration, 60000.0);
        put(old, DCM_FrameReferenceTime, 60000.0 * t + 30000.0);
        return;
    }
    put(content, DCM_FrameAcquisitionDateTime, text);
    put(content, DCM_FrameAcquisitionDuration, 60000.0);
    (void)std::snprintf(text, sizeof text, "20240301100%d30", t);
    put(content, DCM_FrameReferenceDateTime, text);
}

static void put_frame_scale(DcmItem &frame, const made &m, double slope)
{
    DcmItem *item = nullptr;
    if (m.is_mapped) {
        item = &open(frame, DCM_RealWorldValueMappingSequence);
        (void)item->putAndInsertFloat64(DCM_RealWorldValueSlope, slope);
        (void)item->putAndInsertFloat64(DCM_RealWorldValueIntercept, 0.0);
        put(open(*item, DCM_MeasurementUnitsCodeSequence), DCM_CodeValue, "Bq/ml");
        slope = 99.0; /* of a rescaling without a unit, which must not count */
    }
    item = m.is_loose ? &open(frame, DCM_UnassignedPerFrameConvertedAttributesSequence, 0)
                      : &open(frame, DCM_PixelValueTransformationSequence);
    put(*item, DCM_RescaleSlope, slope);
    put(*item, DCM_RescaleIntercept, "0");
    put(*item, DCM_RescaleType, m.is_mapped || m.is_legacy ? "US" : "BQML");
}

static void put_shared(DcmDataset &set, const made &m)
{
    DcmItem &shared = open(set, DCM_SharedFunctionalGroupsSequence, 0);
    put_reals(open(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
              m.direction, 6);
    DcmItem &measures = open(shared, DCM_PixelMeasuresSequence);
    const double between[2] = {m.spacing_mm[1], m.spacing_mm[0]};
    put_reals(measures, DCM_PixelSpacing, between, 2);
    put(measures, DCM_SliceThickness, m.spacing_mm[2]);
    DcmItem &rest =
        m.is_legacy ? open(shared, DCM_UnassignedSharedConvertedAttributesSequence) : set;
    put_tracer(rest, m);
    if (m.is_legacy) {
        put(rest, DCM_Units, "BQML");
        put(rest, DCM_DecayCorrection, "START");
    } else {
        put(set, DCM_DecayCorrected, "YES");
        put(set, DCM_DecayCorrectionDateTime, "20240301095950");
    }
}

int make_enhanced(const char *path, const made *m)
{
    DcmFileFormat file;
    DcmDataset &set = *file.getDataset();
    std::vector<double> pixels;
    const int count = m->n[2] * m->n[3];

    put_common(set, *m, m->is_legacy ? legacy_uid : enhanced_uid);
    put(set, DCM_Modality, "PT");
    put_shared(set, *m);
    for (int f = 0; f < count; f++) {
        const int z = place_of(f, count) % m->n[2];
        const int t = place_of(f, count) / m->n[2];
        const double slope = 1 + f % 3;
        DcmItem &frame = open(set, DCM_PerFrameFunctionalGroupsSequence, f);
        put_frame_place(frame, *m, z);
        put_frame_times(frame, *m, z, t);
        put_frame_scale(frame, *m, slope);
        for (int i = 0; i < m->n[0] * m->n[1]; i++)
            pixels.push_back(made_value(m, i % m->n[0], i / m->n[0], z, t) / slope);
    }
    put_pixels(set, pixels, m->pixel_kind);
    return save(file, path);
}

static void put_nm_vectors(DcmDataset &set, const made &m)
{
    std::vector<Uint16> vector;
    for (int z = 0; z < m.n[2] * (m.n_sets > 1 ? m.n_sets : 1); z++)
        vector.push_back(static_cast<Uint16>(z % m.n[2] + 1));
    (void)set.putAndInsertUint16Array(DCM_SliceVector, vector.data(), vector.size());
    put_us(set, DCM_NumberOfSlices, m.n[2]);
}

int make_nm(const char *path, const made *m)
{
    DcmFileFormat file;
    DcmDataset &set = *file.getDataset();
    std::vector<double> pixels;
    const double between[2] = {m->spacing_mm[1], m->spacing_mm[0]};

    put_common(set, *m, nm_uid);
    put(set, DCM_Modality, "NM");
    put(set, DCM_ImageType, m->image_type);
    put(set, DCM_AcquisitionDate, "20240301");
    put(set, DCM_AcquisitionTime, "100500");
    put_reals(set, DCM_PixelSpacing, between, 2);
    put(set, DCM_SliceThickness, m->spacing_mm[2]);
    if (m->between_mm != 0.0)
        put(set, DCM_SpacingBetweenSlices, m->between_mm);
    DcmItem &detector = open(set, DCM_DetectorInformationSequence);
    if (!m->has_no_place)
        put_reals(detector, DCM_ImagePositionPatient, m->origin_mm, 3);
    if (!m->has_no_direction)
        put_reals(detector, DCM_ImageOrientationPatient, m->direction, 6);
    if (m->n_windows > 0)
        put_us(set, DCM_NumberOfEnergyWindows, m->n_windows);
    DcmItem &rotation = open(set, DCM_RotationInformationSequence);
    put(rotation, DCM_ActualFrameDuration, "20000");
    put(rotation, DCM_NumberOfFramesInRotation, "60");
    DcmItem &range =
        open(open(set, DCM_EnergyWindowInformationSequence), DCM_EnergyWindowRangeSequence);
    put(range, DCM_EnergyWindowLowerLimit, "126");
    put(range, DCM_EnergyWindowUpperLimit, "154");
    put_tracer(set, *m);
    if (m->units[0] != '\0')
        put(set, DCM_Units, m->units);
    if (m->slope != 0.0)
        put(set, DCM_RescaleSlope, m->slope);
    if (m->unit_code[0] != '\0') {
        DcmItem &map = open(set, DCM_RealWorldValueMappingSequence);
        (void)map.putAndInsertFloat64(DCM_RealWorldValueSlope, 0.5);
        (void)map.putAndInsertFloat64(DCM_RealWorldValueIntercept, 0.0);
        put(open(map, DCM_MeasurementUnitsCodeSequence), DCM_CodeValue, m->unit_code);
    }
    if (m->has_vector)
        put_nm_vectors(set, *m);
    for (int z = 0; z < m->n[2] * (m->n_sets > 1 ? m->n_sets : 1); z++)
        for (int i = 0; i < m->n[0] * m->n[1]; i++)
            pixels.push_back(made_value(m, i % m->n[0], i / m->n[0], z % m->n[2], 0));
    put_pixels(set, pixels, m->pixel_kind);
    return save(file, path);
}

int recode(const char *from, const char *to, const char *syntax)
{
    static const struct {
        const char *name;
        E_TransferSyntax to;
    } known[] = {{"deflate", EXS_DeflatedLittleEndianExplicit},
                 {"rle", EXS_RLELossless},
                 {"jpeg", EXS_JPEGProcess14SV1},
                 {"jpegls", EXS_JPEGLSLossless},
                 {"big", EXS_BigEndianExplicit},
                 {"implicit", EXS_LittleEndianImplicit}};
    DcmFileFormat file;
    E_TransferSyntax wanted = EXS_Unknown;

    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    for (const auto &row : known)
        if (std::strcmp(syntax, row.name) == 0)
            wanted = row.to;
    if (file.loadFile(OFFilename(from)).bad() || file.loadAllDataIntoMemory().bad() ||
        file.getDataset()->chooseRepresentation(wanted, nullptr).bad())
        return 1;
    return file.saveFile(OFFilename(to), wanted).good() ? 0 : 1;
}
