/* Plots of pairs: scatter with a fit, differences over means, ROC curve, changes in order.
 *
 * Each is written as NAME.svg and NAME.png into a folder. Words on them may come from a table
 * of the user: what gnuplot could take for more than a word becomes '_'. */
#ifndef RGQ_REPORT_PAIR_PLOTS_H
#define RGQ_REPORT_PAIR_PLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

/** Points of a curve with its band. */
typedef struct rgq_band_point {
    double x, y, low, high;
} rgq_band_point;

typedef struct rgq_scatter_plot {
    const char *title, *x_label, *y_label;
    const double *x, *y;
    size_t n;
    const rgq_band_point *band; /**< or NULL: points alone */
    size_t n_band;
    const char *band_label;
} rgq_scatter_plot;

typedef struct rgq_difference_plot {
    const char *title, *x_label, *y_label; /**< labels of the axes */
    const double *x, *y;                   /**< y - x over (x + y) / 2 is drawn */
    size_t n;
    double bias, lower, upper;
} rgq_difference_plot;

typedef struct rgq_roc_plot {
    const char *title;
    const double *false_positive, *sensitivity; /**< n points */
    size_t n;
} rgq_roc_plot;

typedef struct rgq_change_plot {
    const char *title, *y_label;
    const double *change; /**< drawn in rising order; those that are not finite are left out */
    size_t n;
    double low, high; /**< limits of repeatability; NaN: none */
} rgq_change_plot;

/** @return RGQ_OK; RGQ_E_NOTFOUND without gnuplot; RGQ_E_IO; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scatter_plot_write(const char *folder, const char *name,
                                                         const rgq_scatter_plot *plot,
                                                         rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_difference_plot_write(const char *folder,
                                                            const char *name,
                                                            const rgq_difference_plot *plot,
                                                            rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_roc_plot_write(const char *folder, const char *name,
                                                     const rgq_roc_plot *plot, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_change_plot_write(const char *folder, const char *name,
                                                        const rgq_change_plot *plot,
                                                        rgq_error *err);

#endif
