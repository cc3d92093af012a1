#include "measure/budget.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ball.h"
#include "measure/edge.h"
#include "measure/peak.h"
#include "num/stats.h"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "as in the table of measures"},
    {"label", RGQ_COLUMN_INT, NULL, "as in the table of measures"},
    {"of", RGQ_COLUMN_TEXT, NULL, "mean, peak_global, tbr_mean or tbr_peak"},
    {"term", RGQ_COLUMN_TEXT, NULL,
     "noise, segmentation_edge, calibration, combined (these three in squares), "
     "partial_volume"},
    {"value", RGQ_COLUMN_REAL, NULL,
     "standard uncertainty; of partial_volume the bias, measured less true"},
    {"half_range", RGQ_COLUMN_REAL, NULL, "of segmentation_edge: value x sqrt(3)"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "of value and half_range; 1 for a ratio"},
    {"how", RGQ_COLUMN_TEXT, NULL, "how it was found, or why it is not known"},
    {"included_in_interval", RGQ_COLUMN_INT, NULL, "1: the interval holds it; 0: it does not"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0], HOW_MAX = 256 };

const rgq_column *rgq_budget_columns(int *count)
{
    *count = N_COLUMNS;
    return columns;
}

/* Mean or peak of a region, and its noise. */
typedef struct quantity {
    const char *name;  /* mean, peak_global */
    const char *ratio; /* tbr_mean, tbr_peak */
    const char *column[4];
    const char *why; /* the noise is not known; NULL: it is */
    double value;
    double variance;   /* of `value` */
    double covariance; /* with the mean of the background */
    double half_range; /* segmentation edge */
    double recovery;   /* of contrast; NaN: not known */
} quantity;

rgq_status rgq_budget_sphere(rgq_region *out, float **buffer, const rgq_peak_kernel *kernel,
                             const rgq_grid *grid, const int at[3], rgq_error *err)
{
    rgq_region sphere = {.name = "sphere", .label = 1};
    int from[3]; /* first tap that lies in the image */
    size_t i = 0;

    for (int a = 0; a < 3; a++) {
        const int lo = at[a] - kernel->half[a];
        const int hi = at[a] + kernel->half[a];
        sphere.lo[a] = lo > 0 ? lo : 0;
        sphere.n[a] = (hi < grid->n[a] ? hi : grid->n[a] - 1) - sphere.lo[a] + 1;
        from[a] = sphere.lo[a] - lo;
    }
    const size_t row = 2 * (size_t)kernel->half[0] + 1;
    const size_t slice = row * (2 * (size_t)kernel->half[1] + 1);
    RGQ_PASS(err,
             rgq_alloc(buffer, (size_t)sphere.n[0] * (size_t)sphere.n[1] * (size_t)sphere.n[2],
                       sizeof **buffer, err));
    const double whole =
        kernel->weight[slice * (size_t)kernel->half[2] + row * (size_t)kernel->half[1] +
                       (size_t)kernel->half[0]];
    for (int z = 0; z < sphere.n[2]; z++)
        for (int y = 0; y < sphere.n[1]; y++)
            for (int x = 0; x < sphere.n[0]; x++) {
                const size_t tap = slice * (size_t)(from[2] + z) + row * (size_t)(from[1] + y) +
                                   (size_t)(from[0] + x);
                (*buffer)[i++] = (float)(kernel->weight[tap] / whole);
            }
    sphere.weight = *buffer;
    *out = sphere;
    return RGQ_OK;
}

/* ---- noise ---- */

/* Why there is no noise to carry to the region; NULL if there is. */
static const char *unknown_noise(const rgq_budget_case *c)
{
    if (c->by->region == NULL)
        return "not known: no background shows the noise";
    if (!c->by->noise.known)
        return "not known: the background does not show its noise";
    if (c->opts->noise == RGQ_NOISE_PROPORTIONAL && !(c->by->moments.mean > 0.0) &&
        c->by->noise.variance > 0.0)
        return "not known: a variance in proportion to the mean needs a background above 0";
    return NULL;
}

static rgq_status find_noise(quantity *q, const rgq_budget_case *c, const rgq_region *weights,
                             rgq_error *err)
{
    const rgq_noise *noise = &c->by->noise;
    double factor = 0.0;
    double shared = 0.0;
    double hotter = 1.0;

    q->why = unknown_noise(c);
    q->variance = q->covariance = q->why == NULL ? 0.0 : (double)NAN;
    if (q->why != NULL || !(noise->variance > 0.0))
        return RGQ_OK;
    RGQ_PASS(err, rgq_noise_pairs(&factor, noise, weights, weights, 1, err));
    RGQ_PASS(err, rgq_noise_pairs(&shared, noise, weights, c->by->region, 1, err));
    if (c->opts->noise == RGQ_NOISE_PROPORTIONAL)
        hotter = fmax(q->value / c->by->moments.mean, 1.0);
    q->variance = hotter * noise->variance * factor;
    q->covariance = sqrt(hotter) * noise->variance * shared;
    return RGQ_OK;
}

static rgq_status find_peak_noise(quantity *q, const rgq_budget_case *c, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_region sphere;
    float *buffer = NULL;
    int at[3];

    rgq_peak_locate(at, c->kernel, c->values, c->grid, c->region, q->value);
    RGQ_TRY(err, rgq_budget_sphere(&sphere, &buffer, c->kernel, c->grid, at, err));
    RGQ_TRY(err, find_noise(q, c, &sphere, err));
out:
    rgq_free(buffer);
    return st;
}

static void set_intervals(rgq_table *table, const rgq_budget_case *c, const quantity *q)
{
    const double background = c->by->moments.mean;
    double ci[2];

    if (q->why != NULL)
        return;
    const double t = rgq_t_quantile(0.5 + 0.5 * c->opts->confidence, c->by->noise.dof);
    const double half = q->variance > 0.0 ? t * sqrt(q->variance) : 0.0;
    rgq_table_set_real(table, q->column[0], q->value - half);
    rgq_table_set_real(table, q->column[1], q->value + half);
    if (!(background > 0.0))
        return;
    const rgq_estimate above = {q->value, q->variance};
    const rgq_estimate below = {background, c->by->noise.variance * c->by->factor};
    if (!rgq_ratio_interval(ci, above, below, q->covariance, t)) {
        RGQ_WARN(c->log,
                 "no interval for %s of '%s': the background mean of %.6g is not clearly above "
                 "0",
                 q->ratio, c->region->name, background);
        return;
    }
    rgq_table_set_real(table, q->column[2], ci[0]);
    rgq_table_set_real(table, q->column[3], ci[1]);
}

/* ---- segmentation edge ---- */

static double mean_of(const rgq_budget_case *c, const rgq_region *region)
{
    const float *w = region->weight;
    double sum = 0.0;
    double weights = 0.0;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const float *v = c->values + rgq_region_row(c->grid, region, y, z);
            for (int x = 0; x < region->n[0]; x++, w++) {
                /* about the mean, so that an offset costs no digits */
                sum += (double)*w * ((double)v[x] - c->mean);
                weights += (double)*w;
            }
        }
    return weights > 0.0 ? c->mean + sum / weights : (double)NAN;
}

/* The centres that are left are those wholly inside, the ones that are added those half in. */
static void keep_centres(float *weight, const rgq_region *region, bool outwards)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];

    for (size_t i = 0; i < count; i++)
        weight[i] = weight[i] > 0.5f || (outwards && weight[i] >= 0.5f) ? 1.0f : 0.0f;
}

/* Half the range of both with the edge moved in and out, as measured being one of the three. */
static rgq_status find_edge(quantity q[2], const rgq_budget_case *c, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double lo[2] = {q[0].value, q[1].value};
    double hi[2] = {q[0].value, q[1].value};
    float *buffer = NULL;

    for (int outwards = 0; outwards < 2; outwards++) {
        rgq_region moved;
        double now[2] = {(double)NAN, (double)NAN};
        RGQ_TRY(err, rgq_edge_moved(&moved, &buffer, c->region, c->grid, outwards == 1, err));
        now[0] = mean_of(c, &moved);
        if (isfinite(q[1].value)) {
            keep_centres(buffer, &moved, outwards == 1);
            now[1] =
                rgq_peaks_of_rows(c->kernel, c->values, c->grid, &moved,
                                  (const int[2]){0, moved.n[1] * moved.n[2]}, (double)INFINITY)
                    .global;
        }
        for (int k = 0; k < 2; k++) { /* a NaN is passed over: nothing was left */
            lo[k] = fmin(lo[k], now[k]);
            hi[k] = fmax(hi[k], now[k]);
        }
        rgq_free(buffer);
        buffer = NULL;
    }
    for (int k = 0; k < 2; k++)
        q[k].half_range = 0.5 * (hi[k] - lo[k]);
out:
    rgq_free(buffer);
    return st;
}

/* ---- the lines ---- */

/* One line: `of` is the quantity or its ratio to the background. */
typedef struct term {
    const char *of;
    const char *name;
    double value;
    double half_range;
    const char *unit;
    const char *how;
    bool included;
} term;

static rgq_status add_term(const rgq_budget_case *c, const term *t, rgq_error *err)
{
    rgq_table *terms = c->opts->terms;

    RGQ_PASS(err, rgq_table_add_row(terms, err));
    RGQ_PASS(err, rgq_table_set_text(terms, "region", c->region->name, err));
    rgq_table_set_int(terms, "label", c->region->label);
    RGQ_PASS(err, rgq_table_set_text(terms, "of", t->of, err));
    RGQ_PASS(err, rgq_table_set_text(terms, "term", t->name, err));
    RGQ_PASS(err, rgq_table_set_text(terms, "unit", t->unit, err));
    RGQ_PASS(err, rgq_table_set_text(terms, "how", t->how, err));
    rgq_table_set_int(terms, "included_in_interval", t->included);
    rgq_table_set_real(terms, "value", t->value);
    rgq_table_set_real(terms, "half_range", t->half_range);
    return RGQ_OK;
}

/* Calibration: relative, nothing in a ratio. */
static term calibration_term(const rgq_budget_case *c, const quantity *q, bool is_ratio)
{
    const double percent = c->opts->calibration_percent;
    term t = {.name = "calibration", .value = (double)NAN, .half_range = (double)NAN};

    if (is_ratio) {
        t.value = 0.0;
        t.how = "cancels: region and background are of one scan";
    } else if (percent > 0.0) {
        t.value = fabs(q->value) * percent / 100.0;
        t.how = "relative uncertainty of the calibration, one standard deviation";
    } else
        t.how = "not known: no uncertainty of the calibration was stated";
    return t;
}

/* The same region, or a copy of it that was made a background. */
static bool is_own_background(const rgq_budget_case *c)
{
    const rgq_region *a = c->region;
    const rgq_region *b = c->by->region;

    return a == b ||
           (strcmp(a->name, b->name) == 0 && memcmp(a->lo, b->lo, sizeof a->lo) == 0 &&
            memcmp(a->n, b->n, sizeof a->n) == 0);
}

/* Measured less true, after the ball of the region's volume. */
static term partial_volume_term(char how[HOW_MAX], const rgq_budget_case *c, const quantity *q,
                                double diameter_mm)
{
    const double background = c->by->moments.mean;
    term t = {
        .name = "partial_volume", .value = (double)NAN, .half_range = (double)NAN, .how = how};

    if (c->opts->partial_volume != NULL)
        (void)snprintf(how, HOW_MAX, "not known: what the correction left (%.150s)",
                       c->opts->partial_volume);
    else if (!(c->opts->psf_fwhm_mm > 0.0))
        (void)snprintf(how, HOW_MAX, "not known: no width of the PSF was stated");
    else if (c->by->region == NULL || !isfinite(background))
        (void)snprintf(how, HOW_MAX, "not known: no background was measured");
    else if (is_own_background(c))
        (void)snprintf(how, HOW_MAX, "not known: the region is its own background");
    else if (!(q->recovery >= 0.05))
        (void)snprintf(how, HOW_MAX,
                       "not known: a ball of the region's volume (%.4g mm) keeps %.2g of its "
                       "contrast under %.4g mm, less than the 0.05 that can be undone",
                       diameter_mm, q->recovery, c->opts->psf_fwhm_mm);
    else {
        t.value = (q->value - background) * (1.0 - 1.0 / q->recovery);
        (void)snprintf(how, HOW_MAX,
                       "bias, measured less true, if the region were a uniform ball of its "
                       "volume (%.4g mm) in the background: under %.4g mm FWHM it keeps %.4g "
                       "of its contrast; never in the interval",
                       diameter_mm, c->opts->psf_fwhm_mm, q->recovery);
    }
    return t;
}

/* Noise, edge and calibration in squares; the last only if it is known. */
static term combined_term(const term *noise, const term *edge, const term *calibration)
{
    const bool calibrated = isfinite(calibration->value);
    term t = {.name = "combined", .value = (double)NAN, .half_range = (double)NAN};

    if (!isfinite(noise->value)) {
        t.how = "not known: the noise is not";
        return t;
    }
    t.value = hypot(hypot(noise->value, edge->value), calibrated ? calibration->value : 0.0);
    t.how = calibrated ? "noise, segmentation_edge and calibration in squares; not "
                         "partial_volume"
                       : "noise and segmentation_edge in squares; calibration is not known; "
                         "not partial_volume";
    return t;
}

/* The five lines of a quantity (divided by `scale`, which is the background for a ratio). */
static rgq_status add_lines(const rgq_budget_case *c, const quantity *q, bool is_ratio,
                            double diameter_mm, rgq_error *err)
{
    const double scale = is_ratio ? c->by->moments.mean : 1.0;
    const double ratio = q->value / scale;
    char how[HOW_MAX];
    double variance = q->variance;

    if (is_ratio)
        variance +=
            ratio * ratio * c->by->noise.variance * c->by->factor - 2.0 * ratio * q->covariance;
    term line[5] = {
        {.name = "noise",
         .value = q->why == NULL ? sqrt(fmax(variance, 0.0)) / scale : (double)NAN,
         .half_range = (double)NAN,
         .how = q->why != NULL ? q->why
                               : "variance and autocorrelation of the background, summed over "
                                 "the pairs of voxels",
         .included = q->why == NULL},
        {.name = "segmentation_edge",
         .value = q->half_range / sqrt(3.0) / scale,
         .half_range = q->half_range / scale,
         .how = "measured again with the edge moved in and out by half a voxel: half the range "
                "over sqrt(3)"},
        calibration_term(c, q, is_ratio)};
    line[3] = combined_term(&line[0], &line[1], &line[2]);
    line[4] = partial_volume_term(how, c, q, diameter_mm);
    line[4].value /= scale;
    for (int i = 0; i < 5; i++) {
        line[i].of = is_ratio ? q->ratio : q->name;
        line[i].unit = is_ratio ? "1" : c->unit;
        RGQ_PASS(err, add_term(c, &line[i], err));
    }
    return RGQ_OK;
}

rgq_status rgq_budget_region(rgq_table *table, const rgq_budget_case *c, rgq_error *err)
{
    quantity q[2] = {
        {.name = "mean",
         .ratio = "tbr_mean",
         .column = {"mean_ci_low", "mean_ci_high", "tbr_mean_ci_low", "tbr_mean_ci_high"},
         .value = c->mean},
        {.name = "peak_global",
         .ratio = "tbr_peak",
         .column = {"peak_ci_low", "peak_ci_high", "tbr_peak_ci_low", "tbr_peak_ci_high"},
         .value = c->kernel != NULL ? c->peak : (double)NAN}};
    const int n = isfinite(q[1].value) ? 2 : 1;

    RGQ_PASS(err, find_noise(&q[0], c, c->region, err));
    if (n == 2)
        RGQ_PASS(err, find_peak_noise(&q[1], c, err));
    for (int k = 0; k < n; k++)
        set_intervals(table, c, &q[k]);
    if (c->opts->terms == NULL)
        return RGQ_OK;
    RGQ_PASS(err, find_edge(q, c, err));
    const double radius_mm =
        cbrt(0.75 / M_PI * 1000.0 * rgq_region_volume_ml(c->region, c->grid));
    q[0].recovery = rgq_ball_recovery(radius_mm, radius_mm, c->opts->psf_fwhm_mm);
    q[1].recovery = rgq_ball_recovery(radius_mm, rgq_peak_radius_mm(), c->opts->psf_fwhm_mm);
    for (int k = 0; k < n; k++) {
        RGQ_PASS(err, add_lines(c, &q[k], false, 2.0 * radius_mm, err));
        if (c->by->region != NULL && c->by->moments.mean > 0.0)
            RGQ_PASS(err, add_lines(c, &q[k], true, 2.0 * radius_mm, err));
    }
    return RGQ_OK;
}
