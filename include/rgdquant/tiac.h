/**
 * @file tiac.h
 * @brief From activities at a few times to time-integrated activity, with its uncertainty.
 *
 * Place in the pipeline: regions -> activities -> [TIAC] -> dose
 *
 * Times are hours after the administration, activities MBq as they were at that time (not
 * decay-corrected).
 */
#ifndef RGDQUANT_TIAC_H
#define RGDQUANT_TIAC_H

#include <stdbool.h>

#include "rgdquant/error.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* id, word after --model and in tables. lp is the physical decay constant; every rate l >= lp.
 */
#define RGQ_TIAC_MODEL_LIST(X)                                                                 \
    X(RGQ_TIAC_AUTO, "auto")               /* the candidate of least AICc */                   \
    X(RGQ_TIAC_MONO, "mono")               /* A exp(-l t) */                                   \
    X(RGQ_TIAC_UPTAKE, "uptake")           /* A (1 - exp(-k t)) exp(-l t) */                   \
    X(RGQ_TIAC_BI_PHYSICAL, "bi-physical") /* A exp(-l t) + B exp(-lp t) */                    \
    X(RGQ_TIAC_BI, "bi")                   /* A exp(-l t) + B exp(-m t) */                     \
    X(RGQ_TIAC_TRI, "tri")                 /* three of them */                                 \
    X(RGQ_TIAC_TRAPEZOID, "trapezoid")     /* decay-corrected polygon, physical tail */        \
    X(RGQ_TIAC_HAENSCHEID, "haenscheid")   /* one point: 2 t A(t) / ln 2 */                    \
    X(RGQ_TIAC_MADSEN, "madsen")           /* one point: A(t) exp(l t) / l, l given */         \
    X(RGQ_TIAC_AVERAGE, "average")         /* all candidates by their Akaike weights */

typedef enum rgq_tiac_model {
#define RGQ_X(id, word) id,
    RGQ_TIAC_MODEL_LIST(RGQ_X)
#undef RGQ_X
        RGQ_TIAC_MODELS
} rgq_tiac_model;

/** Word of a model; never NULL. */
RGQ_API const char *rgq_tiac_model_name(rgq_tiac_model model);

/** Model of a word; RGQ_E_NOTFOUND lists them, `*out` untouched. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tiac_model_parse(rgq_tiac_model *out, const char *word,
                                                       rgq_error *err);

enum { RGQ_TIAC_PARAMETERS_MAX = 6, RGQ_TIAC_POINTS_MAX = 10000, RGQ_TIAC_CANDIDATES_MAX = 6 };

/** The course of one region. */
typedef struct rgq_tiac_points {
    const char *name; /**< for messages */
    int n;
    const double *time_h;       /**< >= 0, rising */
    const double *activity_mbq; /**< >= 0 */
    const double *sd_mbq;       /**< standard deviations > 0, or NULL: not known */
} rgq_tiac_points;

typedef struct rgq_tiac_opts {
    double half_life_h; /**< physical, > 0 */
    rgq_tiac_model model;
    int point;                    /**< of HAENSCHEID and MADSEN, from 0 */
    double effective_half_life_h; /**< of MADSEN: > 0, at most half_life_h */
} rgq_tiac_opts;

/** One model fitted to one region. */
typedef struct rgq_tiac_candidate {
    rgq_tiac_model model;
    bool fitted;       /**< false: `why_not` says why, and the rest is NaN */
    bool determined;   /**< the points determine the parameters (the covariance exists) */
    char why_not[160]; /**< also why a fitted one did not stand for the choice; "" if it did */
    int n_parameters;
    /** MBq and 1/h, in the order of the formula: A l; A l k; A l B; A l B m; A l B m C n.
     *  Faster phases first. */
    double parameter[RGQ_TIAC_PARAMETERS_MAX];
    /** n_parameters x n_parameters, row by row. Rows of parameters at their bound (l = lp, an
     *  amplitude of 0) are 0: they are held there. NaN where the points do not determine it. */
    double covariance[RGQ_TIAC_PARAMETERS_MAX * RGQ_TIAC_PARAMETERS_MAX];
    double rss; /**< sum of the squared residuals, over sd^2 where it is known [else MBq^2] */
    double tiac_mbq_h;
    double sd_mbq_h;      /**< standard deviation; NaN: not known */
    double tail_fraction; /**< part of tiac after the last point */
    double aicc;          /**< NaN where n < n_parameters + 3 */
    double weight;        /**< Akaike weight among those that have an AICc; 0 for others */
} rgq_tiac_candidate;

/** What was chosen, and what it was chosen from. */
typedef struct rgq_tiac_result {
    rgq_tiac_model model; /**< never AUTO */
    char reason[160];
    double tiac_mbq_h;
    double sd_mbq_h; /**< NaN: not known */
    double tail_fraction;
    double aicc; /**< NaN: none */
    rgq_tiac_candidate candidate[RGQ_TIAC_CANDIDATES_MAX];
    int n_candidates;
    int chosen; /**< index among the candidates; -1 for AVERAGE */
} rgq_tiac_result;

/** Above the first a tail is warned of, above the second the row is flagged. */
#define RGQ_TIAC_TAIL_WARNING 0.3
#define RGQ_TIAC_TAIL_FLAG    0.5

/**
 * @brief Integrate the activity of one region from 0 to infinity.
 *
 * Exponential models are fitted by weighted least squares (1/sd^2; without sd all points alike)
 * with amplitudes >= 0 and rates >= lp: a grid of rates with amplitudes that are least squares
 * for it, then Levenberg-Marquardt in ln(l - lp). The variance of tiac is g'Vg with V =
 * (J'WJ)^-1, times chi^2/(n - p) where that is above 1; without sd always times RSS/(n - p),
 * and none for n = p.
 *
 * TRAPEZOID joins the decay-corrected points by straight lines and multiplies by the decay, so
 * that physical decay is integrated exactly; before the first and after the last point
 * activity decays physically. Its sd comes from those of the points. HAENSCHEID takes 2 t A(t)
 * / ln 2, good to a few per cent for 0.75 to 2.5 effective half-lives; MADSEN A(t) exp(l t) /
 * l.
 *
 * AUTO takes the least AICc = n ln(RSS/n) + 2k + 2k(k+1)/(n-k-1), k = p + 1, of the models
 * whose parameters the points determine and that have p + 3 points or fewer parameters. With
 * fewer than 5 points it takes MONO if that leaves no more than 10 % of the points (root mean
 * square), else TRAPEZOID. AVERAGE is the mean by Akaike weights exp(-AICc/2), its sd that of
 * Burnham and Anderson: sum w sqrt(sd^2 + (tiac - mean)^2).
 *
 * @param[out] out  every candidate with what became of it; untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT naming region and point: times that do not rise, a negative
 *         activity, an sd that is not above 0, fewer points than a named model has parameters,
 *         AVERAGE with fewer than 5; RGQ_E_NUMERIC for what is not finite; RGQ_E_NOMEM
 * Cost: about 1 ms.
 * @see cite:Gear2018, cite:Haenscheid2018, cite:Madsen2018, cite:Burnham2002
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tiac_fit(rgq_tiac_result *out,
                                               const rgq_tiac_points *points,
                                               const rgq_tiac_opts *opts, rgq_error *err);

/** One row a region: region model tiac_h sd_h tail_fraction aicc. */
RGQ_API const rgq_column *rgq_tiac_columns(int *count);

/** Append the row of one region; `per_mbq` is the administered activity [MBq] that tiac and sd
 *  are divided by, 1 for none. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tiac_add_row(rgq_table *table, const char *region,
                                                   const rgq_tiac_result *result,
                                                   double per_mbq, rgq_error *err);

/** Frames of a volume, or volumes of several scans, as they are to be fitted voxel by voxel. */
typedef struct rgq_tiac_frames {
    int n;                     /**< 1 .. RGQ_TIAC_FRAMES_MAX */
    size_t count;              /**< voxels of each */
    const float *const *frame; /**< n of them */
    const double *time_h;      /**< >= 0, rising */
    const double *gain;        /**< each frame is multiplied by this; NULL: 1 */
} rgq_tiac_frames;

enum { RGQ_TIAC_FRAMES_MAX = 256 };

/**
 * @brief Integrate every voxel from 0 to infinity: value x h, in the unit of the frames.
 *
 * MONO and BI fit each voxel anew, in its own rates and amplitudes, by variable projection: a
 * grid of rates, then damped Gauss-Newton in ln(l - lp) for groups of voxels side by side.
 * TRAPEZOID as rgq_tiac_fit(). Amplitudes are >= 0, so a voxel of noise about 0 gives a small
 * positive value where MONO or BI is fitted; TRAPEZOID keeps the sign.
 *
 * @param[out] out    frames->count values
 * @param[in]  model  MONO (2 frames or more), BI (4 or more) or TRAPEZOID
 * @return RGQ_OK; RGQ_E_ARGUMENT as above; RGQ_E_NUMERIC if a voxel is not finite (`out` is
 * then undefined); RGQ_E_NOMEM Threads: same bits for any thread count. Cost: BI of 12 frames
 * some 200 000 voxels a second and core.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tiac_voxels(float *out, const rgq_tiac_frames *frames,
                                                  rgq_tiac_model model, double half_life_h,
                                                  rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
