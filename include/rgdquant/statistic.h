/**
 * @file statistic.h
 * @brief What every statistic of the comparison with immunohistochemistry takes and gives.
 *
 * Place in the pipeline: measures + IHC scores -> pairs -> [STATISTICS] -> validation.json
 *
 * Several lesions of one patient resemble each other: they are a cluster. Where clusters are
 * given, the intervals of the first choice leave out one patient after the other.
 */
#ifndef RGDQUANT_STATISTIC_H
#define RGDQUANT_STATISTIC_H

#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Pairs that belong together: one row a lesion. Belongs to the caller. */
typedef struct rgq_pairs {
    const double *x;    /**< n values, e.g. uptake; no NaN, no infinity */
    const double *y;    /**< n values, e.g. IHC score */
    const int *cluster; /**< n ids of patients (any numbers), or NULL: all independent */
    size_t n;
} rgq_pairs;

/** Which p-value a rank correlation has. */
typedef enum rgq_p_method {
    RGQ_P_EXACT, /**< enumeration of all orders to n = 11, random permutations above */
    RGQ_P_R /**< as cor.test() of R 4 does by default, series and approximations included */
} rgq_p_method;

typedef struct rgq_stat_opts {
    double confidence;     /**< of all intervals; above 0, below 1 */
    rgq_p_method p_method; /**< of rank correlations */
    size_t permutations;   /**< random orders for a p-value; 99 .. 10^7 */
    size_t resamples;      /**< bootstrap samples; 99 .. 10^6 */
    uint64_t seed;         /**< of both; equal seeds give equal results */
} rgq_stat_opts;

#define RGQ_STAT_OPTS_INIT                                                                     \
    {                                                                                          \
        0.95, RGQ_P_EXACT, 19999, 1999, 1                                                      \
    }

/** One number with all that is needed to judge it. What does not apply is NaN, 0 or "". */
typedef struct rgq_stat {
    double value;
    double se;        /**< on the scale the interval is made on */
    double low, high; /**< interval of `confidence` */
    double confidence;
    double p;                /**< two-sided, of the value being 0 unless said otherwise */
    double dof;              /**< of Student's t behind the interval; INFINITY: normal */
    size_t n;                /**< rows that were used */
    size_t n_clusters;       /**< patients; 0: rows taken as independent */
    uint64_t seed;           /**< 0 unless random numbers were drawn */
    size_t draws;            /**< how many samples these made */
    const char *interval_by; /**< method in words, a static string */
    const char *p_by;        /**< the same of p */
    const char *note;        /**< what the reader must know, a static string */
} rgq_stat;

/**
 * @brief Holm's step-down correction: p-values of several hypotheses, adjusted.
 *
 * Sorted ascending, p_(i) becomes max over j <= i of min(1, (m - j + 1) p_(j)); rejecting what
 * is below alpha keeps the chance of any false rejection below alpha, whatever the dependence.
 *
 * @param[out] adjusted  m values; may be `p`
 * @param[in]  p         m p-values, 0..1; a NaN (no test made) stays one and does not count
 * @return RGQ_OK; RGQ_E_ARGUMENT (m of 0, a value outside 0..1; nothing is written);
 * RGQ_E_NOMEM
 * @see cite:Holm1979
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_holm(double *adjusted, const double *p, size_t m,
                                           rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
