/* Small series for the DICOM tests, and ways to damage them. */
#ifndef RGQ_DICOM_CASE_H
#define RGQ_DICOM_CASE_H

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "io/dicom.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

/* ---- folders ---- */

/* A private folder; remove it with drop_folder(). */
static inline void make_folder(char path[RGQ_PATH_MAX])
{
    (void)snprintf(path, RGQ_PATH_MAX, "%s/dicom-XXXXXX", RGQ_BINARY_DIR);
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static inline void drop_folder(const char *path)
{
    rgq_names names;
    char file[RGQ_PATH_MAX];
    MUST(rgq_folder_list(&names, path, err));
    for (size_t i = 0; i < names.count; i++) {
        MUST(rgq_path_join(file, path, names.name[i], err));
        (void)unlink(file);
    }
    rgq_names_release(&names);
    ck_assert_int_eq(rmdir(path), 0);
}

static inline size_t count_files(const char *path)
{
    rgq_names names;
    MUST(rgq_folder_list(&names, path, err));
    const size_t count = names.count;
    rgq_names_release(&names);
    return count;
}

static inline void image_path(char out[RGQ_PATH_MAX], const char *folder, int number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "IM_%05d.dcm", number);
    MUST(rgq_path_join(out, folder, name, err));
}

/* ---- scans ---- */

/* Noise without a library: the same on every machine. */
static inline double hash_unit(unsigned i)
{
    i = (i ^ 61U) ^ (i >> 16U);
    i *= 9U;
    i ^= i >> 4U;
    i *= 0x27d4eb2dU;
    return (double)(i >> 8U) / 16777216.0;
}

/* Rotated by 20 degrees about z, then 30 about x; spacing 2.5 x 3 x 4 mm. */
static inline rgq_grid oblique_grid(int nx, int ny, int nz)
{
    const double a = 20.0 * 3.14159265358979 / 180.0;
    const double b = 30.0 * 3.14159265358979 / 180.0;
    const double spacing[3] = {2.5, 3.0, 4.0};
    const double r[3][3] = {{cos(a), -sin(a), 0.0},
                            {cos(b) * sin(a), cos(b) * cos(a), -sin(b)},
                            {sin(b) * sin(a), sin(b) * cos(a), cos(b)}};
    rgq_grid grid = {{nx, ny, nz}, {{0.0}}};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            grid.affine[i][j] = r[i][j] * spacing[j];
        grid.affine[i][3] = 10.0 * i - 17.25;
    }
    return grid;
}

/* Values of very different size from slice to slice, of both signs. */
static inline void fill_volume(rgq_volume *volume)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const size_t plane = (size_t)grid->n[0] * (size_t)grid->n[1];
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        float *v = rgq_volume_data(volume, f);
        for (size_t i = 0; i < rgq_volume_count(volume); i++) {
            const double scale = pow(10.0, (double)(i / plane % 5)) * (1.0 + f);
            v[i] = (float)(scale * (hash_unit((unsigned)i + 77777U * (unsigned)f) - 0.1));
        }
    }
}

/* Bq/mL, F-18, injected 2024-03-01 09:00, scanned at 10:00 for 120 s a frame. */
static inline void make_scan(rgq_scan *scan, const rgq_grid *grid, int n_frames)
{
    const double injection_s = 1709283600.0;
    *scan = (rgq_scan){0};
    MUST(rgq_volume_create(&scan->volume, grid, n_frames, RGQ_UNIT_BQ_ML, err));
    fill_volume(scan->volume);
    rgq_fact_text_set(&scan->facts.decay_correction, "START", "test");
    rgq_fact_text_set(&scan->facts.corrected_image, "DECY\\ATTN\\SCAT", "test");
    rgq_fact_text_set(&scan->facts.manufacturer, "Maker", "test");
    rgq_fact_text_set(&scan->facts.model, "Model 1", "test");
    rgq_fact_text_set(&scan->facts.radiopharmaceutical, "18F-fluciclatide", "test");
    rgq_fact_text_set(&scan->facts.nuclide, "F-18", "test");
    rgq_fact_text_set(&scan->facts.sex, "F", "test");
    rgq_fact_set(&scan->facts.weight_kg, 71.5, "test");
    rgq_fact_set(&scan->facts.height_m, 1.68, "test");
    rgq_fact_set(&scan->facts.injected_activity_bq, 3.7e8, "test");
    rgq_fact_set(&scan->facts.half_life_s, 6586.2, "test");
    rgq_fact_set(&scan->facts.positron_fraction, 0.9686, "test");
    rgq_fact_set(&scan->facts.injection_time_s, injection_s, "test");
    rgq_fact_set(&scan->facts.injection_date_known, 1.0, "test");
    rgq_fact_set(&scan->facts.time_zero_s, injection_s, "test");
    rgq_fact_set(&scan->facts.series_time_s, injection_s + 3600.0, "test");
    for (int f = 0; f < n_frames; f++)
        rgq_volume_set_frame(scan->volume, f, (rgq_frame){3600.0 + 120.0 * f, 120.0});
}

/* A series on disk; `n_frames` of nx x ny x nz. */
static inline void make_series(const char *folder, int nx, int ny, int nz, int n_frames)
{
    rgq_scan scan;
    const rgq_write_opts opts = {true, NULL};
    const rgq_grid grid = oblique_grid(nx, ny, nz);
    make_scan(&scan, &grid, n_frames);
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    rgq_scan_release(&scan);
}

/* ---- what the log heard ---- */

typedef struct heard {
    char text[8192];
} heard;

static inline void hear(void *user, rgq_level level, const char *text)
{
    heard *h = user;
    const size_t used = strlen(h->text);
    (void)snprintf(h->text + used, sizeof h->text - used, "%d:%s\n", (int)level, text);
}

/* ---- damage ---- */

/* Where the value of an explicit little endian element lies in a file's bytes; `nth` counts
 * from 0. */
static inline char *find_value(char *bytes, size_t size, unsigned group, unsigned element,
                               int nth, size_t *length)
{
    const unsigned char tag[4] = {(unsigned char)(group & 255U), (unsigned char)(group >> 8U),
                                  (unsigned char)(element & 255U),
                                  (unsigned char)(element >> 8U)};
    for (size_t i = 132; i + 8 <= size; i++) {
        const unsigned char *b = (const unsigned char *)bytes + i;
        if (memcmp(b, tag, 4) != 0 || b[4] < 'A' || b[4] > 'Z' || nth-- > 0)
            continue;
        *length = (size_t)b[6] | (size_t)b[7] << 8U;
        return bytes + i + 8;
    }
    ck_abort_msg("(%04x,%04x) is not in the file", group, element);
    return NULL;
}

static inline void read_bytes(char **bytes, size_t *size, const char *path)
{
    MUST(rgq_file_read(bytes, size, path, 1U << 26U, err));
}

/* Replace a text value in place, padded with blanks. */
static inline void patch(const char *path, unsigned group, unsigned element, int nth,
                         const char *value)
{
    char *bytes = NULL;
    size_t size = 0;
    size_t length = 0;
    read_bytes(&bytes, &size, path);
    char *at = find_value(bytes, size, group, element, nth, &length);
    ck_assert_msg(strlen(value) <= length, "'%s' needs %zu bytes, %zu are there", value,
                  strlen(value), length);
    memset(at, ' ', length);
    memcpy(at, value, strlen(value));
    MUST(rgq_file_write(path, bytes, size, true, err));
    rgq_free(bytes);
}

/* Replace a 16-bit number. */
static inline void patch_u16(const char *path, unsigned group, unsigned element, unsigned value)
{
    char *bytes = NULL;
    size_t size = 0;
    size_t length = 0;
    read_bytes(&bytes, &size, path);
    char *at = find_value(bytes, size, group, element, 0, &length);
    at[0] = (char)(value & 255U);
    at[1] = (char)(value >> 8U);
    MUST(rgq_file_write(path, bytes, size, true, err));
    rgq_free(bytes);
}

/* Put an explicit little endian element of a short text in front of another one. */
static inline void insert(const char *path, const unsigned before[2], unsigned group,
                          unsigned element, const char vr[2], const char *value)
{
    char *bytes = NULL;
    char *longer = NULL;
    size_t size = 0;
    size_t length = 0;
    read_bytes(&bytes, &size, path);
    const char *at = find_value(bytes, size, before[0], before[1], 0, &length);
    const size_t head = (size_t)(at - bytes) - 8;
    const size_t n = strlen(value) + strlen(value) % 2;
    MUST(rgq_alloc(&longer, size + 8 + n, 1, err));
    memcpy(longer, bytes, head);
    char *to = longer + head;
    to[0] = (char)(group & 255U);
    to[1] = (char)(group >> 8U);
    to[2] = (char)(element & 255U);
    to[3] = (char)(element >> 8U);
    to[4] = vr[0];
    to[5] = vr[1];
    to[6] = (char)n;
    memset(to + 8, ' ', n);
    memcpy(to + 8, value, strlen(value));
    memcpy(to + 8 + n, bytes + head, size - head);
    MUST(rgq_file_write(path, longer, size + 8 + n, true, err));
    rgq_free(bytes);
    rgq_free(longer);
}

static inline void copy_file(const char *from, const char *to, size_t most)
{
    char *bytes = NULL;
    size_t size = 0;
    read_bytes(&bytes, &size, from);
    MUST(rgq_file_write(to, bytes, size < most ? size : most, true, err));
    rgq_free(bytes);
}

#endif
