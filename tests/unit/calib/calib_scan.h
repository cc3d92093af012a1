/* A small scan with every fact SUV needs, and a log that keeps what it hears. */
#ifndef RGQ_TEST_CALIB_SCAN_H
#define RGQ_TEST_CALIB_SCAN_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/timestamp.h"
#include "rgdquant/suv.h"
#include "rgq_check.h"

static const double F18_S = 6586.2;
static const double ACTIVITY_BQ = 368080000.0;

typedef struct heard {
    char text[8192];
    int n_warnings;
} heard;

static inline void hear_line(void *user, rgq_level level, const char *text)
{
    heard *h = user;
    const size_t used = strlen(h->text);
    (void)snprintf(h->text + used, sizeof h->text - used, "%s\n", text);
    h->n_warnings += level == RGQ_LEVEL_WARNING;
}

static inline rgq_log log_of(heard *h)
{
    *h = (heard){"", 0};
    return (rgq_log){hear_line, NULL, h};
}

static inline double clock_of(const char *iso)
{
    double time_s = 0.0;
    MUST(rgq_time_from_iso(&time_s, iso, err));
    return time_s;
}

/* 2 x 2 x n_slices voxels of 1, 2, 3, ...; injection at 10:00, everything else at 11:00. */
static inline rgq_scan make_scan(rgq_unit unit, int n_slices, int n_frames)
{
    rgq_scan scan = {0};
    const int n[3] = {2, 2, n_slices};
    const double spacing_mm[3] = {2, 2, 2};
    const double origin_mm[3] = {0, 0, 0};
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, origin_mm);
    rgq_scan_facts *f = &scan.facts;

    MUST(rgq_volume_create(&scan.volume, &grid, n_frames, unit, err));
    for (int t = 0; t < n_frames; t++)
        for (size_t i = 0; i < rgq_volume_count(scan.volume); i++)
            rgq_volume_data(scan.volume, t)[i] = (float)(i + 1);
    rgq_text_copy(scan.format, sizeof scan.format, "DICOM PET");
    if (unit == RGQ_UNIT_BQ_ML)
        rgq_fact_text_set(&f->units, "BQML", "(0054,1001) Units");
    rgq_fact_text_set(&f->decay_correction, "START", "(0054,1102) DecayCorrection");
    rgq_fact_set(&f->weight_kg, 70.0, "(0010,1030) PatientWeight");
    rgq_fact_set(&f->injected_activity_bq, ACTIVITY_BQ, "(0018,1074) RadionuclideTotalDose");
    rgq_fact_set(&f->half_life_s, F18_S, "(0018,1075) RadionuclideHalfLife");
    rgq_fact_set(&f->injection_time_s, clock_of("2025-01-01T10:00:00"),
                 "(0018,1078) RadiopharmaceuticalStartDateTime");
    rgq_fact_set(&f->injection_date_known, 1.0, "(0018,1078)");
    rgq_fact_set(&f->series_time_s, clock_of("2025-01-01T11:00:00"), "(0008,0031) SeriesTime");
    rgq_fact_set(&f->acquisition_time_s, clock_of("2025-01-01T11:00:00"),
                 "(0008,0032) AcquisitionTime");
    return scan;
}

/* Times of all slices alike. */
static inline void set_slice_times(rgq_scan *scan, double acquisition_s, double duration_s,
                                   double reference_s)
{
    const size_t n =
        (size_t)rgq_volume_grid(scan->volume)->n[2] * (size_t)rgq_volume_n_frames(scan->volume);
    if (scan->slice_time == NULL)
        MUST(rgq_alloc(&scan->slice_time, n, sizeof *scan->slice_time, err));
    for (size_t i = 0; i < n; i++)
        scan->slice_time[i] = (rgq_slice_time){acquisition_s, duration_s, reference_s};
}

static inline rgq_nuclide nuclide_of(double half_life_s)
{
    rgq_nuclide nuclide = {.id = "F-18"};
    nuclide.half_life_s = (rgq_quantity){.known = true, .value = half_life_s};
    return nuclide;
}

static const double ONE_HOUR_S = 3600.0;

/* 70 kg, 368.08 MBq, 1 h: the digital reference objects are made with it so that 1 SUV is
 * 3600 Bq/mL; written out here with exp(). */
static inline double factor_by_hand(double uptake_s)
{
    return 70000.0 / (ACTIVITY_BQ * exp(-log(2.0) * uptake_s / F18_S));
}

static inline const rgq_suv_input *input_of(const rgq_suv_plan *plan, const char *name)
{
    for (int i = 0; i < plan->n_inputs; i++)
        if (strcmp(plan->input[i].name, name) == 0)
            return &plan->input[i];
    ck_abort_msg("no input %s", name);
    return NULL;
}

#define VOXEL_IS(voxel, expected) ck_assert_double_eq((double)(voxel), (double)(expected))

#define FACTOR_IS(scan, nuclide, log, expected)                                                \
    do {                                                                                       \
        rgq_suv_plan plan_;                                                                    \
        MUST(rgq_suv_plan_make(&plan_, (scan), RGQ_UNIT_SUV_BW, (nuclide), (log), err));       \
        ck_assert_double_eq_tol(plan_.factor / (expected), 1.0, 1e-12);                        \
        ck_assert_int_eq(plan_.to, RGQ_UNIT_SUV_BW);                                           \
        ck_assert_str_eq(plan_.refused, "");                                                   \
    } while (0)

#endif
