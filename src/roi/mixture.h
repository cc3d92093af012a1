/* Values taken apart into classes: Otsu's thresholds, a mixture of normal distributions. */
#ifndef RGQ_ROI_MIXTURE_H
#define RGQ_ROI_MIXTURE_H

#include <stdint.h>

#include "rgdquant/segment.h"

/** Values in rising order with their multiplicity: each by itself up to RGQ_BINS_MAX of them,
 *  else the mean of each filled one of RGQ_BINS_MAX bins of equal width. */
typedef struct rgq_bins {
    double *value;
    double *weight;
    size_t count;
    double total; /**< sum of weights */
} rgq_bins;

enum { RGQ_BINS_MAX = 4096 };

/** @param[in] use  one byte a value; any but 0 counts; at least one must
 *  @return RGQ_OK; RGQ_E_NOMEM. Release it. Cost: O(count). Same bits for any thread count. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_bins_make(rgq_bins *out, const float *values,
                                                const uint8_t *use, size_t count,
                                                rgq_error *err);
RGQ_API void rgq_bins_release(rgq_bins *bins);

/**
 * @brief Thresholds that make the variance between `n_classes` classes largest.
 *
 * Found exactly over all choices of ends between neighbouring bins, by dynamic programming; of
 * equal ones the lowest. A threshold lies half-way between the bins on its sides.
 *
 * @param[out] threshold  n_classes - 1 values, rising
 * @param[out] klass      n_classes classes, by rising mean; may be NULL
 * @return RGQ_OK; RGQ_E_NOTFOUND if there are fewer values than classes; RGQ_E_NOMEM
 *
 * Cost: O(n_classes bins^2).
 * @see cite:Otsu1979, cite:Liao2001
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_otsu(double *threshold, rgq_segment_class *klass,
                                           int n_classes, const rgq_bins *bins, rgq_error *err);

/** How a fit went. */
typedef struct rgq_mixture_fit {
    int rounds;
    bool converged;        /**< the mean log-likelihood changed by less than 1e-9 */
    double log_likelihood; /**< mean over the values */
} rgq_mixture_fit;

/**
 * @brief Mixture of normal distributions by EM, from classes to start with; at most 1000
 * rounds.
 *
 * No standard deviation falls below 1/1000 of the range of the values, and no component below
 * a share of 1e-12 takes part in a round.
 *
 * @param[in,out] klass  n_classes classes; sorted by rising mean at the end
 * @see cite:Dempster1977
 */
RGQ_API void rgq_mixture_run(rgq_segment_class *klass, int n_classes, const rgq_bins *bins,
                             rgq_mixture_fit *fit);

#endif
