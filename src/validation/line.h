/* What the ways to fit a line share. */
#ifndef RGQ_VALIDATION_LINE_H
#define RGQ_VALIDATION_LINE_H

#include "rgdquant/line_fit.h"
#include "validation/sample.h"

/** Sums of squares and products about the means. */
typedef struct rgq_moments2 {
    double mean_x, mean_y, xx, xy, yy;
} rgq_moments2;

rgq_moments2 rgq_moments2_of(const double *x, const double *y, size_t n);

/** A line about which nothing is known yet. */
rgq_line rgq_line_empty(const char *method, size_t n, const rgq_stat_opts *opts);

/** Options in range, at least 3 rows of finite numbers, x not constant. */
rgq_status rgq_line_check(const rgq_pairs *pairs, const rgq_stat_opts *opts, rgq_error *err);

#endif
