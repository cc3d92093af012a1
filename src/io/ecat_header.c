#include "io/ecat_header.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "io/ecat.h"

/* Where each field of the main header lies. */
enum {
    AT_SYSTEM_TYPE = 48,
    AT_FILE_TYPE = 50,
    AT_SCAN_START = 62,
    AT_ISOTOPE = 66,
    AT_HALF_LIFE = 74,
    AT_TRACER = 78,
    AT_CALIBRATION = 144,
    AT_CALIBRATION_UNITS = 148,
    AT_PATIENT_ID = 166,
    AT_PATIENT_NAME = 182,
    AT_SEX = 214,
    AT_HEIGHT = 220,
    AT_WEIGHT = 224,
    AT_BIRTH = 228,
    AT_ORIENTATION = 330,
    AT_N_FRAMES = 354,
    AT_N_GATES = 356,
    AT_PLANE_SEPARATION = 424,
    AT_BRANCHING = 450,
    AT_DOSE_START = 454,
    AT_DOSAGE = 458,
    AT_DATA_UNITS = 466,
};

/* And of the image subheader. */
enum {
    SUB_DATA_TYPE = 0,
    SUB_DIMENSION = 4,
    SUB_SCALE = 26,
    SUB_PIXEL = 34,
    SUB_DURATION = 46,
    SUB_START = 50,
    SUB_DECAY = 80,
    SUB_PROCESSING = 84,
};

enum { DECAY_CORRECTED = 512 }; /* bit of the processing code */

static const double TWO_DAYS_S = 172800.0;

static int i16(const unsigned char *bytes)
{
    return (int16_t)(uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t rgq_ecat_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

static double f32(const unsigned char *bytes)
{
    const uint32_t bits = rgq_ecat_u32(bytes);
    float value = 0.0F;

    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* A field of fixed width that may lack its NUL. */
static void take_text(rgq_fact_text *fact, const unsigned char *bytes, size_t size,
                      const char *origin)
{
    char text[40];

    memcpy(text, bytes, size);
    text[size] = '\0';
    if (text[0] != '\0' && !rgq_text_equal_nocase(text, "unknown"))
        rgq_fact_text_set(fact, text, origin);
}

static void take_positive(rgq_fact *fact, double value, double most, const char *origin)
{
    if (value > 0.0 && value <= most)
        rgq_fact_set(fact, value, origin);
}

/* A field with something in it besides blanks. */
static bool is_filled(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size && bytes[i] != '\0'; i++)
        if (bytes[i] != ' ')
            return true;
    return false;
}

static void take_patient(rgq_scan *scan, const unsigned char *bytes)
{
    rgq_scan_facts *f = &scan->facts;
    const uint32_t birth = rgq_ecat_u32(bytes + AT_BIRTH);
    const char sex[2] = {(char)bytes[AT_SEX], '\0'};

    if (sex[0] != '\0' && strchr("MFO", sex[0]) != NULL)
        rgq_fact_text_set(&f->sex, sex, "patient_sex");
    take_positive(&f->weight_kg, f32(bytes + AT_WEIGHT), 1000.0, "patient_weight");
    const double height_cm = f32(bytes + AT_HEIGHT);
    if (height_cm > 10.0) /* below, it is in no unit that the format knows */
        take_positive(&f->height_m, height_cm / 100.0, 3.0, "patient_height");
    scan->identifiers_present = is_filled(bytes + AT_PATIENT_ID, 16) ||
                                is_filled(bytes + AT_PATIENT_NAME, 32) ||
                                (birth != 0 && birth != UINT32_MAX);
}

static void take_times(rgq_scan *scan, const unsigned char *bytes, const rgq_log *log)
{
    rgq_scan_facts *f = &scan->facts;
    const double start = (double)rgq_ecat_u32(bytes + AT_SCAN_START);
    const double dose = (double)rgq_ecat_u32(bytes + AT_DOSE_START);
    const double dosage = f32(bytes + AT_DOSAGE);

    take_positive(&f->time_zero_s, start, 1e12, "scan_start_time");
    if (dose > 0.0 && start > 0.0 && fabs(start - dose) <= TWO_DAYS_S) {
        rgq_fact_set(&f->injection_time_s, dose, "dose_start_time");
        rgq_fact_set(&f->injection_date_known, 1.0, "dose_start_time");
    } else if (dose > 0.0) {
        RGQ_WARN(log, "dose_start_time lies more than two days from the scan and is not used");
    }
    if (dosage > 0.0)
        RGQ_INFO(log,
                 "the header's dosage %g has no unit that can be relied on and is not "
                 "used; state the injected activity",
                 dosage);
}

static void take_device(rgq_scan *scan, const unsigned char *bytes)
{
    rgq_scan_facts *f = &scan->facts;
    char model[48];

    rgq_fact_text_set(&f->modality, "PT", "ECAT");
    (void)snprintf(model, sizeof model, "ECAT system type %d", i16(bytes + AT_SYSTEM_TYPE));
    if (i16(bytes + AT_SYSTEM_TYPE) > 0)
        rgq_fact_text_set(&f->model, model, "system_type");
    take_text(&f->nuclide, bytes + AT_ISOTOPE, 8, "isotope_name");
    take_text(&f->radiopharmaceutical, bytes + AT_TRACER, 32, "radiopharmaceutical");
    take_positive(&f->half_life_s, f32(bytes + AT_HALF_LIFE), 1e18, "isotope_halflife");
    take_positive(&f->positron_fraction, f32(bytes + AT_BRANCHING), 1.0, "branching_fraction");
}

/* The table of ecat.h. */
static void take_calibration(rgq_ecat_main *out, rgq_scan *scan, const unsigned char *bytes,
                             const rgq_log *log)
{
    const double factor = f32(bytes + AT_CALIBRATION);
    const int units = i16(bytes + AT_CALIBRATION_UNITS);
    rgq_fact_text *word = &scan->facts.units;

    out->factor = 1.0;
    take_text(word, bytes + AT_DATA_UNITS, 32, "data_units");
    if (units == 1 && factor > 0.0 && isfinite(factor)) {
        out->factor = factor;
        return;
    }
    if (units == 1) {
        RGQ_WARN(log,
                 "the header says calibrated, but its calibration factor is %g; none is "
                 "applied",
                 factor);
        return;
    }
    if ((factor != 1.0 && factor != 0.0) || word->known)
        RGQ_WARN(log,
                 "the header says %s (calibration_units %d): its calibration factor %g and its "
                 "unit '%.32s' are not applied",
                 units == 2 ? "processed" : "not calibrated", units, factor, word->value);
    *word = (rgq_fact_text){.known = false};
}

bool rgq_ecat_is(const unsigned char *bytes, size_t length)
{
    return length >= 14 && memcmp(bytes, "MATRIX", 6) == 0;
}

rgq_status rgq_ecat_main_parse(rgq_ecat_main *out, rgq_scan *scan, const unsigned char *bytes,
                               const rgq_log *log, rgq_error *err)
{
    static const char *const kinds[] = {"of unknown kind",
                                        "a sinogram",
                                        "a stack of single images",
                                        "an attenuation correction",
                                        "a normalisation",
                                        "a polar map",
                                        "a volume",
                                        "a volume",
                                        "projections",
                                        "projections",
                                        "a stack of single images",
                                        "a 3-D sinogram",
                                        "a 3-D sinogram",
                                        "a 3-D normalisation",
                                        "a 3-D sinogram"};
    const int kind = i16(bytes + AT_FILE_TYPE);

    *out = (rgq_ecat_main){.n_frames = i16(bytes + AT_N_FRAMES),
                           .orientation = i16(bytes + AT_ORIENTATION),
                           .plane_separation_mm = 10.0 * f32(bytes + AT_PLANE_SEPARATION)};
    if (bytes[6] != '7')
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "ECAT version '%.8s'; version 7 is read",
                         (const char *)bytes);
    if (kind != 6 && kind != 7)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the file is %s (file_type %d), not a volume (6 or 7)",
                         kind >= 0 && kind < 15 ? kinds[kind] : kinds[0], kind);
    if (i16(bytes + AT_N_GATES) > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the file has %d gates; ungated files are read",
                         i16(bytes + AT_N_GATES));
    take_device(scan, bytes);
    take_patient(scan, bytes);
    take_times(scan, bytes, log);
    take_calibration(out, scan, bytes, log);
    return RGQ_OK;
}

/* ---- image subheader ---- */

static rgq_status take_type(rgq_ecat_image *out, int type, rgq_error *err)
{
    static const struct {
        int code;
        rgq_sample sample;
        bool little;
    } types[] = {{1, RGQ_SAMPLE_UINT8, false}, {2, RGQ_SAMPLE_INT16, true},
                 {3, RGQ_SAMPLE_INT32, true},  {5, RGQ_SAMPLE_FLOAT32, false},
                 {6, RGQ_SAMPLE_INT16, false}, {7, RGQ_SAMPLE_INT32, false}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == type) {
            out->sample = types[i].sample;
            out->swapped = types[i].little != rgq_is_little_endian();
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "voxels are of data_type %d%s; 1, 2, 3, 5, 6 and 7 are read", type,
                     type == 4 ? " (VAX float)" : "");
}

rgq_status rgq_ecat_image_parse(rgq_ecat_image *out, const rgq_ecat_main *header,
                                const unsigned char *bytes, rgq_error *err)
{
    *out = (rgq_ecat_image){.scale = f32(bytes + SUB_SCALE)};
    RGQ_PASS(err, take_type(out, i16(bytes + SUB_DATA_TYPE), err));
    for (int i = 0; i < 3; i++) {
        out->n[i] = i16(bytes + SUB_DIMENSION + (size_t)2 * (size_t)i);
        out->spacing_mm[i] = 10.0 * f32(bytes + SUB_PIXEL + (size_t)4 * (size_t)i);
        if (out->n[i] < 1)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "the image has %d voxels along %c", out->n[i],
                             "xyz"[i]);
    }
    if (out->spacing_mm[2] == 0.0)
        out->spacing_mm[2] = header->plane_separation_mm;
    for (int i = 0; i < 3; i++)
        if (!(out->spacing_mm[i] > 1e-6 && out->spacing_mm[i] < 1e6))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY, "a voxel is %g mm long along %c",
                             out->spacing_mm[i], "xyz"[i]);
    if (!isfinite(out->scale))
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "scale_factor is not finite");
    out->duration_s = (double)(int32_t)rgq_ecat_u32(bytes + SUB_DURATION) / 1000.0;
    out->start_s = (double)(int32_t)rgq_ecat_u32(bytes + SUB_START) / 1000.0;
    if (out->duration_s < 0.0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the frame lasts %g s", out->duration_s);
    const double decay = f32(bytes + SUB_DECAY);
    out->decay_factor = decay >= 1.0 && decay < 1e30 ? decay : (double)NAN;
    out->decay_corrected =
        (rgq_ecat_u32(bytes + SUB_PROCESSING) & DECAY_CORRECTED) != 0 || decay > 1.0;
    return RGQ_OK;
}
