/* Cases that are far from the others: robust z-scores over the cases of a region.
 *
 * z = 0.6745 (x - median) / MAD, flagged above 3.5 (cite:IglewiczHoaglin1993). Where more than
 * half of the cases have the very same value, MAD is 0 and the mean absolute deviation takes
 * its place: z = (x - median) / (1.2533 * mean absolute deviation). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/group_inside.h"

#include "core/alloc.h"
#include "core/banned.h"
#include "num/stats.h"

enum { CASES_MIN = 5 };

static const double limit = 3.5;

const char *rgq_group_look_name(int look)
{
    static const char *const names[] = {"mean", "volume_ml"};
    return names[look];
}

bool rgq_group_is_outlier(const rgq_group_row *row, int look)
{
    return fabs(row->z[look]) > limit; /* false for a NaN */
}

/* What the rows are sorted by: tracer, region, then their own order. */
typedef struct key {
    const char *tracer, *region;
    int row;
} key;

static int compare_keys(const void *a, const void *b)
{
    const key *one = a;
    const key *two = b;
    int order = strcmp(one->tracer, two->tracer);

    if (order == 0)
        order = strcmp(one->region, two->region);
    return order != 0 ? order : (one->row > two->row) - (one->row < two->row);
}

static bool is_same_group(const key *a, const key *b)
{
    return strcmp(a->tracer, b->tracer) == 0 && strcmp(a->region, b->region) == 0;
}

/* Spread of the values about their median, in units of a normal's standard deviation; 0 if all
 * are the same. `work` is overwritten. */
static double spread_of(double *work, size_t n, double centre)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        work[i] = fabs(work[i] - centre);
        sum += work[i];
    }
    rgq_sort_double(work, n);
    const double mad = rgq_quantile_double(work, n, 0.5);
    return mad > 0.0 ? mad / 0.6745 : 1.2533 * sum / (double)n;
}

static void look_at(rgq_group *group, const key *from, size_t n, int look, double *work)
{
    size_t known = 0;

    for (size_t i = 0; i < n; i++) {
        const rgq_group_row *row = &group->row[from[i].row];
        if (isfinite(row->value[look]))
            work[known++] = row->value[look];
    }
    if (known < CASES_MIN)
        return;
    rgq_sort_double(work, known);
    const double centre = rgq_quantile_double(work, known, 0.5);
    const double spread = spread_of(work, known, centre);
    for (size_t i = 0; i < n; i++) {
        rgq_group_row *row = &group->row[from[i].row];
        row->centre[look] = centre;
        /* 1e-12: the last digits of a sum are no spread */
        if (spread > 1e-12 * fabs(centre))
            row->z[look] = (row->value[look] - centre) / spread;
    }
}

rgq_status rgq_group_find_outliers(rgq_group *group, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = (size_t)group->n_rows;
    key *keys = NULL;
    double *work = NULL;

    RGQ_TRY(err, rgq_alloc(&keys, n + 1, sizeof *keys, err));
    RGQ_TRY(err, rgq_alloc(&work, n + 1, sizeof *work, err));
    for (int i = 0; i < group->n_rows; i++) {
        rgq_group_row *row = &group->row[i];
        keys[i] = (key){group->one[row->at].tracer, rgq_group_cell(group, row, "region"), i};
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
            row->centre[look] = row->z[look] = (double)NAN;
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t from = 0, to = 0; from < n; from = to) {
        for (to = from + 1; to < n && is_same_group(&keys[from], &keys[to]);)
            to++;
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
            look_at(group, keys + from, to - from, look, work);
    }
out:
    rgq_free(keys);
    rgq_free(work);
    return st;
}
