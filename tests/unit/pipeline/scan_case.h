/* A small scan with two regions in a folder of its own, and what quantify makes of it. */
#ifndef SCAN_CASE_H
#define SCAN_CASE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "rgdquant/quantify.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

enum { SIDE = 12 };

/* 70 kg, 100 MBq of F-18, one hour from the injection to the scan that values refer to. */
static const double WEIGHT_G = 70000.0;
static const double ACTIVITY_BQ = 1e8;
static const double HALF_LIFE_S = 6586.2;
static const double WAIT_S = 3600.0;
static const double INJECTED_AT_S = 1306837230.0; /* 2011-05-31T10:20:30 */

typedef struct scan_case {
    char folder[64];
    char scan[128];
    char regions[128];
    char out[128];
    rgq_quantify_opts opts;
} scan_case;

static inline rgq_grid case_grid(void)
{
    return (rgq_grid){.n = {SIDE, SIDE, SIDE},
                      .affine = {{-4, 0, 0, 22}, {0, -4, 0, 22}, {0, 0, 5, -27}}};
}

/* Muscle 2 kBq/mL everywhere, a cube of 8 kBq/mL in the middle; x of -1 % per column, so that
 * nothing is constant. */
static inline float case_value(int x, int y, int z)
{
    const int in = x >= 5 && x <= 7 && y >= 5 && y <= 7 && z >= 5 && z <= 7;
    return (in ? 8000.0F : 2000.0F) * (1.0F - 0.01F * (float)(x - 6));
}

static inline void case_facts(rgq_scan_facts *f, const char *tracer, const char *nuclide)
{
    *f = (rgq_scan_facts){0};
    rgq_fact_text_set(&f->modality, "PT", "test");
    rgq_fact_text_set(&f->units, "Bq/mL", "test");
    rgq_fact_text_set(&f->radiopharmaceutical, tracer, "test");
    rgq_fact_text_set(&f->nuclide, nuclide, "test");
    rgq_fact_text_set(&f->decay_correction, "START", "test");
    rgq_fact_set(&f->weight_kg, WEIGHT_G / 1000.0, "test");
    rgq_fact_set(&f->injected_activity_bq, ACTIVITY_BQ, "test");
    rgq_fact_set(&f->half_life_s, HALF_LIFE_S, "test");
    rgq_fact_set(&f->injection_time_s, INJECTED_AT_S, "test");
    rgq_fact_set(&f->injection_date_known, 1.0, "test");
    rgq_fact_set(&f->time_zero_s, INJECTED_AT_S, "test");
    rgq_fact_set(&f->acquisition_time_s, INJECTED_AT_S + WAIT_S, "test");
    rgq_fact_set(&f->series_time_s, INJECTED_AT_S + WAIT_S, "test");
}

static inline void case_write_scan(const scan_case *c, const char *tracer, const char *nuclide)
{
    const rgq_grid grid = case_grid();
    const rgq_write_opts how = {.force = true, .description = NULL};
    rgq_volume *volume = NULL;
    rgq_scan_facts facts;
    size_t i = 0;

    case_facts(&facts, tracer, nuclide);
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                rgq_volume_data(volume, 0)[i++] = case_value(x, y, z);
    rgq_volume_set_frame(volume, 0, (rgq_frame){WAIT_S, 600.0});
    MUST(rgq_scan_write_nifti(c->scan, volume, &facts, &how, err));
    rgq_volume_free(volume);
}

/* Region 1 "muscle" is the plane z = 0 and 1, region 2 `lesion` the hot cube. */
static inline void case_write_regions(const scan_case *c, const rgq_grid *grid,
                                      const char *lesion)
{
    const rgq_write_opts how = {.force = true, .description = NULL};
    rgq_regions *regions = NULL;
    int32_t *label = NULL;

    MUST(rgq_alloc(&label, rgq_grid_count(grid), sizeof *label, err));
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const int i = x + SIDE * (y + SIDE * z);
                label[i] = z < 2 ? 1 : (case_value(x, y, z) > 5000.0F ? 2 : 0);
            }
    MUST(rgq_regions_from_labels(&regions, grid, label, err));
    MUST(rgq_regions_rename(regions, 0, "muscle", err));
    MUST(rgq_regions_rename(regions, 1, lesion, err));
    MUST(rgq_regions_write(c->regions, regions, &how, err));
    rgq_regions_free(regions);
    rgq_free(label);
}

static inline void case_begin(scan_case *c)
{
    const rgq_grid grid = case_grid();
    const rgq_quantify_opts fresh = RGQ_QUANTIFY_OPTS_INIT;

    (void)snprintf(c->folder, sizeof c->folder, "Doe_Jane_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(c->folder));
    (void)snprintf(c->scan, sizeof c->scan, "%s/Jane_pet.nii.gz", c->folder);
    (void)snprintf(c->regions, sizeof c->regions, "%s/Jane_labels.nii.gz", c->folder);
    (void)snprintf(c->out, sizeof c->out, "%s/out", c->folder);
    case_write_scan(c, "fluciclatide", "F-18");
    case_write_regions(c, &grid, "lesion <1>");
    c->opts = fresh;
    c->opts.scan = c->scan;
    c->opts.out = c->out;
    c->opts.regions = c->regions;
    c->opts.tracers = RGQ_SOURCE_DIR "/tracers";
    c->opts.tracer = "18F-fluciclatide";
    c->opts.background = "muscle";
}

static inline void case_end(const scan_case *c)
{
    char command[160];
    (void)snprintf(command, sizeof command, "rm -r %s", c->folder);
    ck_assert_int_eq(system(command), 0);
}

/* Names of what lies in the case's folder: nothing temporary may be left. */
static inline void case_is_clean(const scan_case *c)
{
    char command[256];
    (void)snprintf(command, sizeof command, "test -z \"$(find %s -name '.rgq-*')\"", c->folder);
    ck_assert_int_eq(system(command), 0);
}

static inline char *case_file(const scan_case *c, const char *name, size_t *length)
{
    char path[256];
    char *bytes = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", c->out, name);
    MUST(rgq_file_read(&bytes, length, path, 1 << 24, err));
    return bytes;
}

/* SUVbw of a value in Bq/mL at the start of the scan. */
static inline double case_suv(double bqml)
{
    return bqml * WEIGHT_G / (ACTIVITY_BQ * exp2(-WAIT_S / HALF_LIFE_S));
}

#endif
