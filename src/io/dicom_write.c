/* A volume to a folder of DICOM PET images: grid, scaling, times, identities. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/dicom_object.h"
#include "rgdquant/scan_file.h"

enum { IMAGES_MAX = 65535 }; /* (0054,1330) ImageIndex is a 16-bit number */

/* ---- nuclides: DICOM PS3.16 CID 4020 and 18 ---- */

static const struct {
    const char *symbol, *element, *mass;
    rgq_dicom_nuclide code;
} nuclides[] = {
    {"C", "carbon", "11", {"C-105A1", "^11^Carbon"}},
    {"N", "nitrogen", "13", {"C-107A1", "^13^Nitrogen"}},
    {"O", "oxygen", "15", {"C-B1038", "^15^Oxygen"}},
    {"F", "fluorine", "18", {"C-111A1", "^18^Fluorine"}},
    {"Cu", "copper", "64", {"C-127A2", "^64^Copper"}},
    {"Ga", "gallium", "68", {"C-131A3", "^68^Gallium"}},
    {"Rb", "rubidium", "82", {"C-159A2", "^82^Rubidium"}},
    {"Zr", "zirconium", "89", {"C-168A4", "^89^Zirconium"}},
    {"Tc", "technetium", "99m", {"C-163A8", "^99m^Technetium"}},
    {"In", "indium", "111", {"C-145A4", "^111^Indium"}},
    {"I", "iodine", "123", {"C-114A4", "^123^Iodine"}},
    {"I", "iodine", "124", {"C-114A5", "^124^Iodine"}},
};

/* Letters and digits alone: "^18^Fluorine" and "18-fluorine" are one. */
static void squeeze(char out[40], const char *name)
{
    size_t n = 0;
    for (; *name != '\0' && n < 39; name++)
        if (isalnum((unsigned char)*name) != 0)
            out[n++] = *name;
    out[n] = '\0';
}

static bool is_either(const char *name, const char *a, const char *b)
{
    char joined[40];
    (void)snprintf(joined, sizeof joined, "%s%s", a, b);
    if (rgq_text_equal_nocase(name, joined))
        return true;
    (void)snprintf(joined, sizeof joined, "%s%s", b, a);
    return rgq_text_equal_nocase(name, joined);
}

rgq_dicom_nuclide rgq_dicom_nuclide_find(const char *name)
{
    char plain[40];
    char code[40];

    squeeze(plain, name);
    for (size_t i = 0; i < sizeof nuclides / sizeof nuclides[0]; i++) {
        squeeze(code, nuclides[i].code.code);
        if (rgq_text_equal_nocase(plain, code) ||
            is_either(plain, nuclides[i].symbol, nuclides[i].mass) ||
            is_either(plain, nuclides[i].element, nuclides[i].mass))
            return nuclides[i].code;
    }
    return (rgq_dicom_nuclide){NULL, NULL};
}

/* ---- identities ---- */

/* What the bytes of the series depend on, as text with a digest of each frame in it. */
static rgq_status describe(rgq_text *text, const rgq_scan *scan, const char *description,
                           rgq_error *err)
{
    const rgq_volume *volume = scan->volume;
    const rgq_grid *grid = rgq_volume_grid(volume);
    const size_t n_times = (size_t)rgq_volume_n_frames(volume) * (size_t)grid->n[2];

    rgq_text_printf(text, "rgdquant DICOM PET\n%s\n%s\n",
                    rgq_unit_name(rgq_volume_unit(volume)),
                    description != NULL ? description : "");
    for (int i = 0; i < 3; i++)
        rgq_text_printf(text, "%d %.17g %.17g %.17g %.17g\n", grid->n[i], grid->affine[i][0],
                        grid->affine[i][1], grid->affine[i][2], grid->affine[i][3]);
#define RGQ_REAL(name, what)                                                                   \
    if (scan->facts.name.known)                                                                \
        rgq_text_printf(text, #name " %.17g\n", scan->facts.name.value);
#define RGQ_WORD(name, what)                                                                   \
    if (scan->facts.name.known)                                                                \
        rgq_text_printf(text, #name " %s\n", scan->facts.name.value);
    RGQ_SCAN_FACTS(RGQ_REAL, RGQ_WORD)
#undef RGQ_REAL
#undef RGQ_WORD
    for (size_t i = 0; scan->slice_time != NULL && i < n_times; i++)
        rgq_text_printf(text, "%.17g %.17g %.17g\n", scan->slice_time[i].acquisition_s,
                        scan->slice_time[i].duration_s, scan->slice_time[i].reference_s);
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        char hex[RGQ_SHA256_TEXT];
        const rgq_frame frame = rgq_volume_frame(volume, f);
        RGQ_PASS(err, rgq_hash_bytes(hex, rgq_volume_cdata(volume, f),
                                     rgq_volume_count(volume) * sizeof(float), err));
        rgq_text_printf(text, "%.17g %.17g %s\n", frame.start_s, frame.duration_s, hex);
    }
    return rgq_text_check(text, err);
}

/* 32 hexadecimal digits to decimal, one digit a division. */
static void to_decimal(char out[40], const char *hex)
{
    unsigned char digit[32]; /* of base 16, highest first */
    char reversed[40];
    size_t n = 0;

    for (size_t i = 0; i < 32; i++)
        digit[i] = (unsigned char)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
    for (bool any = true; any && n < 39;) {
        unsigned rest = 0;
        any = false;
        for (size_t i = 0; i < 32; i++) {
            rest = rest * 16 + digit[i];
            digit[i] = (unsigned char)(rest / 10);
            rest %= 10;
            any = any || digit[i] != 0;
        }
        reversed[n++] = (char)('0' + rest);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

/* "2.25." and a UUID in decimal (PS3.5 B.2); a version 8 UUID, whose bits are ours to choose:
 * here SHA-256 of the content and of what the UID is for. */
static rgq_status make_uid(char out[RGQ_DICOM_UID_MAX], const char *content, const char *use,
                           rgq_error *err)
{
    char text[RGQ_SHA256_TEXT + 64];
    char hex[RGQ_SHA256_TEXT];
    const int n = snprintf(text, sizeof text, "%s %s", content, use);

    RGQ_PASS(err, rgq_hash_bytes(hex, text, (size_t)n, err));
    hex[12] = '8';
    hex[16] = "89ab"[(unsigned char)hex[16] % 4];
    rgq_text_copy(out, RGQ_DICOM_UID_MAX, "2.25.");
    to_decimal(out + 5, hex);
    return RGQ_OK;
}

/* ---- the series ---- */

static rgq_status set_grid(rgq_dicom_series *s, const rgq_grid *grid, rgq_error *err)
{
    double spacing[3];

    if (!rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the grid are not perpendicular; DICOM PET needs them so: "
                         "write NIfTI, or resample");
    rgq_grid_spacing_mm(grid, spacing);
    s->columns = grid->n[0];
    s->rows = grid->n[1];
    s->n_slices = grid->n[2];
    for (int c = 0; c < 3; c++) {
        const double sign = c < 2 ? -1.0 : 1.0; /* RAS+ to LPS */
        s->spacing_mm[c] = spacing[c];
        s->row_direction[c] = sign * grid->affine[c][0] / spacing[0];
        s->column_direction[c] = sign * grid->affine[c][1] / spacing[1];
        s->step_mm[c] = sign * grid->affine[c][2];
        s->origin_mm[c] = sign * grid->affine[c][3];
    }
    return RGQ_OK;
}

static rgq_status set_meaning(rgq_dicom_series *s, const rgq_scan *scan, rgq_error *err)
{
    const rgq_unit unit = rgq_volume_unit(scan->volume);
    const rgq_fact_text *decay = &scan->facts.decay_correction;

    if (unit != RGQ_UNIT_BQ_ML && unit != RGQ_UNIT_SUV_BW)
        return RGQ_RAISE(err, RGQ_E_UNIT,
                         "DICOM PET is written in Bq/mL or SUVbw; the volume is in %s",
                         rgq_unit_name(unit));
    s->units = unit == RGQ_UNIT_BQ_ML ? "BQML" : "GML";
    s->decay_correction = "NONE";
    if (decay->known &&
        (strcmp(decay->value, "START") == 0 || strcmp(decay->value, "ADMIN") == 0 ||
         strcmp(decay->value, "NONE") == 0))
        s->decay_correction = decay->value;
    else if (unit == RGQ_UNIT_BQ_ML)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "DICOM PET in Bq/mL must say what time the values are decay-corrected "
                         "to, and the scan does not; add --decay-corrected-to "
                         "injection|scan|none");
    return RGQ_OK;
}

/* Date and time of the series must be there: the earliest time that is known, else 1970. */
static double series_time(const rgq_scan_facts *f)
{
    const rgq_fact *const tries[] = {&f->series_time_s, &f->acquisition_time_s, &f->time_zero_s,
                                     &f->injection_time_s};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
        if (tries[i]->known)
            return tries[i]->value;
    return 0.0;
}

static rgq_status plan_series(rgq_dicom_series *s, char content[RGQ_SHA256_TEXT],
                              const rgq_scan *scan, const rgq_write_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    const char *description = opts != NULL ? opts->description : NULL;
    const int n_frames = rgq_volume_n_frames(scan->volume);

    RGQ_TRY(err, set_meaning(s, scan, err));
    RGQ_TRY(err, set_grid(s, rgq_volume_grid(scan->volume), err));
    RGQ_TRY(err, rgq_volume_check_finite(scan->volume, "before writing DICOM", err));
    if ((long long)n_frames * s->n_slices > IMAGES_MAX) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "%d frames of %d slices; a DICOM PET series has at most %d images",
                       n_frames, s->n_slices, IMAGES_MAX);
        goto out;
    }
    s->facts = &scan->facts;
    s->n_frames = n_frames;
    s->series_time_s = series_time(s->facts);
    rgq_text_copy(s->description, sizeof s->description,
                  description != NULL ? description : "rgdquant, research use only");
    RGQ_TRY(err, describe(&text, scan, description, err));
    RGQ_TRY(err, rgq_hash_bytes(content, text.data, text.length, err));
    RGQ_TRY(err, make_uid(s->study_uid, content, "study", err));
    RGQ_TRY(err, make_uid(s->series_uid, content, "series", err));
    RGQ_TRY(err, make_uid(s->frame_of_reference_uid, content, "frame of reference", err));
out:
    rgq_text_release(&text);
    return st;
}

/* ---- one image ---- */

/* Largest voxel = 32767 steps. The slope is a decimal text of at most 16 letters, and the
 * pixels are made with the number that text gives. */
static rgq_status quantise(rgq_dicom_image *image, int16_t *pixels, const float *voxels,
                           size_t count, rgq_error *err)
{
    double top = 0.0;
    double slope = 1.0;

    for (size_t i = 0; i < count; i++)
        top = fmax(top, fabs((double)voxels[i]));
    if (top > 0.0)
        slope = top / 32767.0 * (1.0 + 1e-9); /* rounding the text must not make it too small */
    (void)snprintf(image->slope, sizeof image->slope, "%.10g", slope);
    RGQ_PASS(err, rgq_parse_real(&slope, image->slope, 0.0, HUGE_VAL, err));
    image->smallest = 32767;
    image->largest = -32767;
    for (size_t i = 0; i < count; i++) {
        const long step = lround((double)voxels[i] / slope);
        const int value = (int)(step > 32767 ? 32767 : step < -32767 ? -32767 : step);
        pixels[i] = (int16_t)value;
        image->smallest = value < image->smallest ? value : image->smallest;
        image->largest = value > image->largest ? value : image->largest;
    }
    image->pixels = pixels;
    return RGQ_OK;
}

/* What is known of the slice, else of its frame. */
static void set_times(rgq_dicom_image *image, const rgq_scan *scan)
{
    const rgq_dicom_series *s = image->series;
    const rgq_frame frame = rgq_volume_frame(scan->volume, image->frame);
    const rgq_fact *zero = &scan->facts.time_zero_s;

    image->acquisition_s = image->duration_s = image->reference_s = (double)NAN;
    if (scan->slice_time != NULL) {
        const rgq_slice_time *t = &scan->slice_time[(size_t)image->frame * (size_t)s->n_slices +
                                                    (size_t)image->slice];
        image->acquisition_s = t->acquisition_s;
        image->duration_s = t->duration_s;
        image->reference_s = t->reference_s;
    }
    if (isnan(image->acquisition_s) && zero->known)
        image->acquisition_s = zero->value + frame.start_s;
    if (isnan(image->acquisition_s) && s->n_frames == 1 && scan->facts.acquisition_time_s.known)
        image->acquisition_s = scan->facts.acquisition_time_s.value;
    if (isnan(image->duration_s))
        image->duration_s = frame.duration_s;
    if (isnan(image->reference_s) && image->frame == 0 && scan->facts.frame_reference_s.known)
        image->reference_s = scan->facts.frame_reference_s.value;
    if (isnan(image->reference_s) && isfinite(image->acquisition_s))
        image->reference_s = image->acquisition_s - s->series_time_s;
    if (isnan(image->reference_s))
        image->reference_s = frame.start_s - rgq_volume_frame(scan->volume, 0).start_s;
    if (isnan(image->reference_s))
        image->reference_s = 0.0;
}

static rgq_status write_images(const rgq_dicom_series *series, const char *content,
                               const rgq_scan *scan, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int16_t *pixels = NULL;
    const size_t plane = (size_t)series->columns * (size_t)series->rows;

    RGQ_TRY(err, rgq_alloc(&pixels, plane, sizeof *pixels, err));
    for (int i = 0; i < series->n_frames * series->n_slices; i++) {
        char name[24];
        char use[40];
        char path[RGQ_PATH_MAX];
        rgq_dicom_image image = {.series = series};
        image.frame = i / series->n_slices;
        image.slice = i % series->n_slices;
        const float *voxels =
            rgq_volume_cdata(scan->volume, image.frame) + (size_t)image.slice * plane;
        (void)snprintf(name, sizeof name, "IM_%05d.dcm", i + 1);
        (void)snprintf(use, sizeof use, "image %d", i + 1);
        RGQ_TRY(err, rgq_path_join(path, folder, name, err));
        RGQ_TRY(err, make_uid(image.instance_uid, content, use, err));
        RGQ_TRY(err, quantise(&image, pixels, voxels, plane, err));
        set_times(&image, scan);
        RGQ_TRY(err, rgq_dicom_image_write(&image, path, err));
    }
out:
    rgq_free(pixels);
    return st;
}

/* A longer series that stood here before must not mix with the new one. */
static void remove_rest(const char *folder, int written)
{
    for (int i = written; i < IMAGES_MAX; i++) {
        char name[24];
        char path[RGQ_PATH_MAX];
        (void)snprintf(name, sizeof name, "IM_%05d.dcm", i + 1);
        if (rgq_path_join(path, folder, name, NULL) != RGQ_OK || unlink(path) != 0)
            return;
    }
}

rgq_status rgq_scan_write_dicom(const char *folder, const rgq_scan *scan,
                                const rgq_write_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_outdir out_dir = {.pending = false};
    rgq_dicom_series series = {0};
    char content[RGQ_SHA256_TEXT];
    const bool force = opts != NULL && opts->force;

    RGQ_TRY(err, plan_series(&series, content, scan, opts, err));
    RGQ_TRY(err, rgq_outdir_begin(&out_dir, folder, force, err));
    RGQ_TRY(err, write_images(&series, content, scan, out_dir.temp, err));
    RGQ_TRY(err, rgq_outdir_commit(&out_dir, err));
    if (force)
        remove_rest(out_dir.path, series.n_frames * series.n_slices);
out:
    rgq_outdir_abandon(&out_dir);
    return st;
}
