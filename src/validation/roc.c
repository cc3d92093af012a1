#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/ordinal.h"
#include "validation/sample.h"

#include "core/banned.h"

/* Placement values: of a positive the share of negatives below it, of a negative the share of
 * positives above it, ties half. Their means are the area. */
static rgq_status placements(double *placement, const double *marker, const bool *positive,
                             size_t n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ranked *sorted = NULL;
    double *work = NULL; /* ranks in all, markers of one group, their ranks */

    RGQ_TRY(err, rgq_alloc(&sorted, n, sizeof *sorted, err));
    RGQ_TRY(err, rgq_alloc(&work, 3 * n, sizeof *work, err));
    (void)rgq_midranks(work, marker, n, sorted);
    for (int group = 0; group < 2; group++) {
        double *const own = work + n;
        double *const rank = work + 2 * n;
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            if (positive[i] == (group == 1))
                own[count++] = marker[i];
        (void)rgq_midranks(rank, own, count, sorted);
        const double others = (double)(n - count);
        for (size_t i = 0, k = 0; i < n; i++) {
            if (positive[i] != (group == 1))
                continue;
            const double below = (work[i] - rank[k++]) / others;
            placement[i] = group == 1 ? below : 1.0 - below;
        }
    }
out:
    rgq_free(work);
    rgq_free(sorted);
    return st;
}

/* Variance of the area. With every row its own patient it is DeLong's. */
static double area_variance(const rgq_roc *roc, const double *placement, const bool *positive,
                            const rgq_clusters *clusters, double area)
{
    const double m = (double)roc->n_positive;
    const double n = (double)roc->n_negative;
    double with_positive = 0.0;
    double with_negative = 0.0;
    double s10 = 0.0;
    double s01 = 0.0;
    double s11 = 0.0;

    for (size_t g = 0; g < clusters->n; g++) {
        double sum[2] = {0.0, 0.0};
        bool has[2] = {false, false};
        for (size_t k = clusters->start[g]; k < clusters->start[g + 1]; k++) {
            const size_t i = clusters->row[k];
            sum[positive[i]] += placement[i] - area;
            has[positive[i]] = true;
        }
        with_positive += has[1];
        with_negative += has[0];
        s10 += sum[1] * sum[1];
        s01 += sum[0] * sum[0];
        s11 += sum[0] * sum[1];
    }
    const double all = (double)clusters->n;
    return s10 * with_positive / ((with_positive - 1.0) * m * m) +
           s01 * with_negative / ((with_negative - 1.0) * n * n) +
           2.0 * s11 * all / ((all - 1.0) * m * n);
}

static void set_area(rgq_stat *out, double area, double variance)
{
    rgq_stat about_half = *out;

    rgq_stat_by_t(&about_half, area - 0.5, sqrt(fmax(variance, 0.0)), (double)INFINITY);
    rgq_stat_by_t(out, area, about_half.se, (double)INFINITY);
    out->p = about_half.p;
    out->low = fmax(out->low, 0.0);
    out->high = fmin(out->high, 1.0);
    out->p_by = "normal, of an area of 1/2";
    if (!(out->se > 0.0)) {
        out->low = out->high = out->p = (double)NAN;
        out->note = "the area has no variance by this method: no interval";
    }
}

/* The curve from the largest marker down; equal markers make one point. */
static rgq_status make_points(rgq_roc *roc, const double *marker, const bool *positive,
                              size_t n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ranked *sorted = NULL;
    double *ranks = NULL;
    double hits = 0.0;
    double false_alarms = 0.0;

    RGQ_TRY(err, rgq_alloc(&sorted, n, sizeof *sorted, err));
    RGQ_TRY(err, rgq_alloc(&ranks, n, sizeof *ranks, err));
    RGQ_TRY(err, rgq_alloc(&roc->points, n + 1, sizeof *roc->points, err));
    (void)rgq_midranks(ranks, marker, n, sorted);
    roc->points[roc->n_points++] = (rgq_roc_point){(double)INFINITY, 0.0, 1.0};
    roc->youden = roc->points[0];
    for (size_t i = n; i > 0; i--) {
        const rgq_ranked *at = &sorted[i - 1];
        if (positive[at->row])
            hits += 1.0;
        else
            false_alarms += 1.0;
        if (i > 1 && !(sorted[i - 2].value < at->value))
            continue;
        const rgq_roc_point point = {at->value, hits / (double)roc->n_positive,
                                     1.0 - false_alarms / (double)roc->n_negative};
        roc->points[roc->n_points++] = point;
        if (point.sensitivity + point.specificity >
            roc->youden.sensitivity + roc->youden.specificity + 1e-12)
            roc->youden = point;
    }
out:
    rgq_free(ranks);
    rgq_free(sorted);
    return st;
}

static rgq_status make_areas(rgq_roc *roc, const double *marker, const bool *positive,
                             const int *cluster, size_t n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    double *placement = NULL;
    double area = 0.0;

    RGQ_TRY(err, rgq_alloc(&placement, n, sizeof *placement, err));
    RGQ_TRY(err, placements(placement, marker, positive, n, err));
    for (size_t i = 0; i < n; i++)
        if (positive[i])
            area += placement[i] / (double)roc->n_positive;
    RGQ_TRY(err, rgq_clusters_make(&clusters, NULL, n, err));
    set_area(&roc->naive_auc, area, area_variance(roc, placement, positive, &clusters, area));
    roc->naive_auc.interval_by = "DeLong";
    roc->auc = roc->naive_auc;
    if (cluster != NULL) {
        rgq_clusters_release(&clusters);
        RGQ_TRY(err, rgq_clusters_make(&clusters, cluster, n, err));
        RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
        roc->auc.note = "";
        set_area(&roc->auc, area, area_variance(roc, placement, positive, &clusters, area));
        roc->auc.interval_by = "Obuchowski, patients as clusters";
        roc->auc.n_clusters = clusters.n;
    }
out:
    rgq_free(placement);
    rgq_clusters_release(&clusters);
    return st;
}

rgq_status rgq_roc_make(rgq_roc *out, const double *marker, const bool *positive,
                        const int *cluster, size_t n, const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_stat nothing = rgq_stat_empty(n, opts);
    rgq_roc roc = {.auc = nothing, .naive_auc = nothing};

    RGQ_TRY(err, rgq_check_opts(opts, err));
    for (size_t i = 0; i < n; i++)
        roc.n_positive += positive[i];
    roc.n_negative = n - roc.n_positive;
    if (roc.n_positive < 2 || roc.n_negative < 2) {
        st =
            RGQ_RAISE(err, RGQ_E_ARGUMENT,
                      "%zu positive and %zu negative rows: a ROC curve needs 2 or more of each",
                      roc.n_positive, roc.n_negative);
        goto out;
    }
    RGQ_TRY(err, rgq_check_column(marker, n, "the marker", err));
    RGQ_TRY(err, make_areas(&roc, marker, positive, cluster, n, err));
    RGQ_TRY(err, make_points(&roc, marker, positive, n, err));
    *out = roc;
    roc.points = NULL;
out:
    rgq_free(roc.points);
    return st;
}

void rgq_roc_release(rgq_roc *roc)
{
    rgq_free(roc->points);
    memset(roc, 0, sizeof *roc);
}
