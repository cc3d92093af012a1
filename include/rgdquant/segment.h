/**
 * @file segment.h
 * @brief From a volume to a mask and to labelled components.
 *
 * Place in the pipeline: ... -> filter/PVC -> [REGIONS] -> measures -> ...
 */
#ifndef RGDQUANT_SEGMENT_H
#define RGDQUANT_SEGMENT_H

#include <math.h>

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where to look, from what, and what to do with what was found. */
typedef struct rgq_segment_opts {
    /* where */
    bool has_seed;
    double seed_mm[3]; /**< RAS+ mm; the lesion that holds it is the one that is meant */
    bool has_sphere;
    double sphere_mm[4]; /**< x, y, z, radius: look only inside */
    bool has_box;
    double box_mm[6];           /**< two opposite corners: look only between them */
    const rgq_regions *within;  /**< look only inside these regions; NULL = everywhere */
    const rgq_regions *exclude; /**< never look inside these (organs that are hot anyway) */
    double exclude_margin_mm;   /**< nor so near to them: what spills over; >= 0 */

    /* from what */
    const rgq_regions *background; /**< where the background is; NULL: a shell about the lesion,
                                        and no reference for percist */
    const char *background_region; /**< the region of that set; NULL = all of it */
    double background_value;       /**< the background itself, instead; NaN = not given */
    double background_value_sd;    /**< its standard deviation; >= 0 */
    const rgq_regions *inside;  /**< walker, gradient: what is lesion; NULL = by thresholds */
    const rgq_regions *outside; /**< walker, gradient: what is not */
    double psf_mm;              /**< FWHM of the scan: how far a lesion's blur reaches; > 0 */
    const char *tracer; /**< its name, for warnings; NULL = not known, FDG knows no warning */

    /* afterwards, in this order; 0 = not done */
    double open_mm;   /**< radius: erode, then dilate */
    double close_mm;  /**< radius: dilate, then erode */
    double smooth_mm; /**< FWHM of a Gaussian over the mask, which is then cut at one half */
    bool fill_holes;
    double erode_mm;
    double dilate_mm;
    double split_depth;   /**< part what touches where the saddle lies so much below the lower
                               peak, as a fraction of it; 0 .. 1 */
    bool components;      /**< each connected component becomes a region */
    int connectivity;     /**< 6, 18 or 26 */
    double min_volume_ml; /**< drop smaller components; 0 keeps all */
} rgq_segment_opts;

#define RGQ_SEGMENT_OPTS_INIT                                                                  \
    {                                                                                          \
        .background_value = (double)NAN, .psf_mm = 5.0, .connectivity = 26                     \
    }

enum { RGQ_SEGMENT_STEPS_MAX = 100, RGQ_SEGMENT_CLASSES_MAX = 8 };

/** One step of a growth. */
typedef struct rgq_segment_step {
    double threshold;
    double volume_ml;
    double contrast; /**< mean fall of the value across the surface [unit/mm] */
} rgq_segment_step;

/** One component of a mixture, or one class of Otsu's. */
typedef struct rgq_segment_class {
    double share; /**< of the voxels, 0 .. 1 */
    double mean;
    double sd;
} rgq_segment_class;

/** What was done; for the log, the run record and the companion JSON. What a method has not is
 *  NaN or 0. */
typedef struct rgq_segment_report {
    char method[24];
    double threshold;     /**< in the unit of the volume; NaN: not by a threshold */
    double maximum;       /**< of the component with the seed, else of the search region */
    double background;    /**< local background or reference mean */
    double background_sd; /**< NaN if not measured */
    double contour;       /**< threshold of the contour the local background was taken about */
    int n_components;     /**< before --min-volume-ml; 1 with a seed */
    int n_kept;
    double dropped_ml;
    int rounds;      /**< iterations that were needed */
    double residual; /**< walker: relative residual reached */
    bool leaked;     /**< grow: ran out of the lesion at the last of the steps */
    int n_steps;     /**< grow */
    rgq_segment_step step[RGQ_SEGMENT_STEPS_MAX];
    int n_classes; /**< gmm, otsu: by rising mean */
    rgq_segment_class klass[RGQ_SEGMENT_CLASSES_MAX];
} rgq_segment_report;

/** Is the text a method? Costs nothing, so that a slip is found before a scan is read.
 *  @return RGQ_OK; RGQ_E_ARGUMENT with what to type */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_segment_check(const char *spec, rgq_error *err);

/** One method, for help and records. */
typedef struct rgq_segment_method {
    const char *name;
    const char *form;    /**< as typed, e.g. "percent-max:P" */
    const char *summary; /**< one line */
    const char *cite;    /**< key of the references, or NULL */
    bool for_fdg;        /**< its numbers were calibrated for FDG */
} rgq_segment_method;

/** Method `i` from 0; NULL behind the last. */
RGQ_API const rgq_segment_method *rgq_segment_method_at(int i);

/** The method of a specification; NULL if it is none. */
RGQ_API const rgq_segment_method *rgq_segment_method_of(const char *spec);

/**
 * @brief Segment frame 0 of a volume.
 *
 * The search region: opts->within by a weight of at least 0.5, sphere and box by the voxel's
 * centre, without opts->exclude and its margin. What is found never leaves it.
 *
 * One threshold for the whole search region (a voxel belongs if its value is >= T); with a seed
 * the component that holds the seed:
 * - "fixed:T": T in the volume's unit.
 * - "percent-max:P": P % of the maximum, 0.1 <= P <= 100. With a seed it is the maximum of the
 *   component that holds the seed at that very threshold, found by iteration; where there is
 *   none (a hotter neighbour joins in), the higher candidate is taken, with a warning.
 * - "percent-peak:P": P % of the highest mean over a sphere of 1 mL, likewise.
 * - "percist" or "percist:F,K": F x mean + K x SD of the reference region, 1.5 and 2.
 * - "otsu", "otsu:N": N classes (2 .. 5), the hottest is the segment; the thresholds make the
 *   variance between the classes largest. With a seed and no search region they are found from
 *   the lesion and its shell.
 * - "gmm", "gmm:K": a mixture of K normal distributions (2 .. 6, else 3) with a common standard
 *   deviation is fitted to the values by EM, from where Otsu's classes are. The threshold lies
 *   half-way between the means of the coldest and the hottest component; those between stand
 *   for what blur mixes. (With a deviation for each, the widest component takes both tails and
 *   with them the blurred surface.) The values are those otsu takes.
 *
 * About one lesion: that with the seed, else that with the maximum of the search region. Its
 * maximum is reached from the seed uphill, over dips of at most 30 %. Its local background is
 * what opts give, else the mean of a shell of 10 mm that begins one FWHM (opts->psf_mm) outside
 * the contour at 41 % of the maximum, without voxels above that contour (other lesions); where
 * that contour would lie within two SD of the surroundings, the one at 41 % between background
 * and maximum stands in.
 * - "a50": T = (maximum + background) / 2; refused if T <= background + 2 SD.
 * - "nestle": T = 0.15 x mean of the voxels >= 70 % of the maximum + background.
 * - "schaefer:A,B": T = A x that mean + B x background; A and B are the scanner's.
 * - "black": T = 0.307 x mean of the lesion + 0.588, SUVbw only.
 *   These three are repeated until the lesion does not change (at most 50 rounds, then a
 *   warning); nestle and schaefer take a new shell each time.
 * - "grow", "grow:TOL": from the maximum down to (1 - TOL) x maximum (TOL 0.05 .. 0.95, else
 *   0.6) by 1 % of it; the step with the largest mean fall across its surface is taken. Where
 *   the volume more than doubles from one step to the next it has leaked: the growth ends
 * before.
 * - "gradient": watershed of the gradient's magnitude, from two markers: inside, what lies
 *   above 70 % between background and maximum; outside, what lies a FWHM beyond the contour.
 * - "walker", "walker:BETA": random walker from the same markers (or from opts->inside and
 *   opts->outside): weight exp(-BETA (difference / (maximum - background))^2) / spacing^2, BETA
 *   300; beside it a weight of 0.05 for what the value itself says, from the background
 * (outside) to the mean of the inside; solved to a relative residual of 1e-4; a voxel belongs
 * at a probability of 1/2.
 *
 * A threshold within two standard deviations of the local background is warned of: the region
 * may have run out of the lesion. Numbers that were calibrated for FDG are, with another
 * tracer.
 *
 * Afterwards: opening, closing, smoothing, holes, erosion, dilation (Euclidean distances
 * between voxel centres; nothing is eroded from the edge of the image); then parting,
 * components.
 *
 * @param[out] out     one region "segment", or with opts->components one a component:
 *                     "lesion-1", "lesion-2", ... by falling maximum (ties: the lower voxel
 *                     index); caller frees it; NULL on failure
 * @param[out] report  may be NULL; untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (bad spec or option, seed outside the grid or the search
 *         region, in air, or below the threshold, empty search region, more than
 *         RGQ_REGIONS_MAX components); RGQ_E_NUMERIC (a voxel is not finite, the walker did not
 *         converge); RGQ_E_NOTFOUND (nothing reaches the threshold, nothing is as large as
 *         min_volume_ml, no local background, a lesion that does not stand out); RGQ_E_MISSING
 *         (percist without a reference); RGQ_E_UNIT (black); RGQ_E_GEOMETRY (regions on
 *         another grid; a distance on axes that are not perpendicular); RGQ_E_NOMEM
 *
 * Cost: O(voxels) time and 7 bytes a voxel, 15 with split_depth, for whole-volume methods;
 * gradient, walker, grow and seeded gmm and otsu work in a box about the lesion. Threads: same
 * bits for any number.
 * @see cite:Boellaard2015, cite:Nestle2005, cite:Schaefer2008, cite:Black2004, cite:Wahl2009,
 *      cite:Otsu1979, cite:Hojjatoleslami1998, cite:Meyer1994, cite:Grady2005, cite:Grady2006,
 *      cite:Dempster1977; test: tests/unit/roi/
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_segment(rgq_regions **out, const rgq_volume *volume,
                                              const char *spec, const rgq_segment_opts *opts,
                                              rgq_segment_report *report, const rgq_log *log,
                                              rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
