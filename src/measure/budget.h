/* How uncertain mean, peak and ratios of a region are, term by term. */
#ifndef RGQ_MEASURE_BUDGET_H
#define RGQ_MEASURE_BUDGET_H

#include "measure/divisor.h"
#include "num/peak_kernel.h"

/** A region that was measured. */
typedef struct rgq_budget_case {
    const rgq_grid *grid;
    const float *values; /**< one frame */
    const char *unit;
    const rgq_measure_opts *opts;
    const rgq_peak_kernel *kernel; /**< NULL: no peaks */
    const rgq_region *region;      /**< not empty */
    double mean;
    double peak; /**< peak_global; NaN: none */
    const rgq_divisor *by;
    const rgq_log *log;
} rgq_budget_case;

/**
 * @brief Intervals into the last row of `table`, terms into opts->terms.
 *
 * The intervals hold noise alone and are for what the noise-free, blurred image would show:
 * mean and ratio of the region as it is drawn, and its peak (see rgq_measure() on what the
 * choice of the highest does). The terms are those of rgq_budget_columns().
 *
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: the noise is O(box x lags); with terms two more searches for the peak.
 */
RGQ_MUST_CHECK rgq_status rgq_budget_region(rgq_table *table, const rgq_budget_case *c,
                                            rgq_error *err);

/** The sphere of the kernel about a voxel as a region; what lies outside the image is cut off.
 *  Its weights belong to `*buffer`: free with rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_budget_sphere(rgq_region *out, float **buffer,
                                                    const rgq_peak_kernel *kernel,
                                                    const rgq_grid *grid, const int at[3],
                                                    rgq_error *err);

#endif
