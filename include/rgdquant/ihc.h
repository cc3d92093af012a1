/**
 * @file ihc.h
 * @brief Stain of an immunohistochemistry image: optical density, positive fraction, nuclei,
 *        vessels.
 *
 * Place in the pipeline: slide -> [IHC] -> table, beside scan -> ... -> measures; `validate`
 * brings the two together.
 *
 * A slide of 20 000 x 20 000 pixels does not fit into memory as float: everything goes tile by
 * tile from a source, and only sums and histograms stay.
 */
#ifndef RGDQUANT_IHC_H
#define RGDQUANT_IHC_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/error.h"
#include "rgdquant/log.h"
#include "rgdquant/slide.h"
#include "rgdquant/table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_STAINS_MAX = 3 };

/** Vectors of the stains: optical density (base 10) of red, green and blue. */
typedef struct rgq_stains {
    int count;                     /**< 2 or 3; with 2 the third is their cross product */
    char name[RGQ_STAINS_MAX][16]; /**< "hematoxylin" counts nuclei, "dab" is measured; others
                                        ("eosin", "residual") only take their share */
    double od[RGQ_STAINS_MAX][3];
    bool normalise;  /**< to unit length before the inverse is formed */
    char source[40]; /**< reference key, "file" or "macenko" */
} rgq_stains;

/**
 * @brief Built-in vectors by name: "h-dab", "h-e" or "h-e-dab", as published by Ruifrok and
 *        Johnston, to be normalised.
 * @return RGQ_OK; RGQ_E_NOTFOUND for another name
 * @see cite:Ruifrok2001
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_stains_find(rgq_stains *out, const char *name,
                                                  rgq_error *err);

/** What is decided by the size of the image where the user does not say: up to this many
 *  pixels it is a field of view that somebody chose inside tissue, beyond it a slide. */
enum { RGQ_IHC_FIELD_PIXELS = 1 << 22 };

typedef enum rgq_ihc_switch {
    RGQ_IHC_AUTO, /**< no in a field of view, yes on a slide, see RGQ_IHC_FIELD_PIXELS */
    RGQ_IHC_NO,
    RGQ_IHC_YES
} rgq_ihc_switch;

typedef enum rgq_ihc_positive {
    RGQ_IHC_POSITIVE_FIXED, /**< DAB OD >= positive_od */
    RGQ_IHC_POSITIVE_OTSU   /**< DAB OD > Otsu's threshold of the sample */
} rgq_ihc_positive;

typedef struct rgq_ihc_opts {
    rgq_stains stains;      /**< see rgq_stains_find() */
    bool macenko;           /**< estimate the vectors of a set of two stains in the sample */
    rgq_ihc_switch white;   /**< white balance from the background of the sample */
    double white_rgb[3];    /**< intensity without stain where `white` is no, 1..255 */
    rgq_ihc_switch tissue;  /**< only tissue counts; no: every pixel does */
    double tissue_od;       /**< least mean OD of a tissue block [OD10], > 0 */
    double threshold_od[3]; /**< weak, moderate, strong begin here [OD10], ascending, > 0 */
    rgq_ihc_positive positive;
    double positive_od; /**< [OD10]; 0 = threshold_od[0] */
    double mpp_um;      /**< side of a pixel [um]; 0 = what the source says */
    double nucleus_um;  /**< diameter of a nucleus that fits best [um]; 0 = do not count */
    double nucleus_od;  /**< least response of a nucleus [OD10] */
    bool nucleus_sum;   /**< look for nuclei in H + DAB (nuclear stains), not H alone */
    bool vessels;       /**< count connected stained objects */
    double vessel_min_um2, vessel_max_um2; /**< their area */
    double field_mm2;                      /**< area of a hot-spot field, e.g. 0.74 (x200) */
    int n_fields;                          /**< hot spots to average, 1..100 */
    int lane_rows; /**< rows that a thread reads at a time, a multiple of 64 up to 1024; 0 = by
                         the tiles of the file. No result depends on it */
    rgq_ihc_overlay *overlay; /**< painted if not NULL: the slide made smaller (no larger than
                                   it), weak, moderate and strong DAB in yellow, orange and red,
                                   what is not tissue pale, nuclei as blue points, vessels in
                                   green boxes */
} rgq_ihc_opts;

#define RGQ_IHC_OPTS_INIT                                                                      \
    {                                                                                          \
        .white = RGQ_IHC_AUTO, .white_rgb = {255, 255, 255}, .tissue = RGQ_IHC_AUTO,           \
        .tissue_od = 0.05, .threshold_od = {0.2, 0.4, 0.6},                                    \
        .positive = RGQ_IHC_POSITIVE_FIXED, .nucleus_um = 8.0, .nucleus_od = 0.05,             \
        .vessels = true, .vessel_min_um2 = 20, .vessel_max_um2 = 10000, .field_mm2 = 0.74,     \
        .n_fields = 3                                                                          \
    }

/** What was used, for the companion JSON. What does not apply is NaN. */
typedef struct rgq_ihc_report {
    rgq_stains stains;    /**< as used: normalised or not, estimated or not */
    double inverse[3][3]; /**< stain = sum over colours of inverse[stain][colour] * OD */
    bool white_measured;
    double white_rgb[3];        /**< I0 */
    double background_fraction; /**< of the sample, where it was looked for */
    bool tissue_mask;           /**< false: every pixel counts */
    int tissue_block;           /**< side of a block [pixels] */
    long long sample_pixels;    /**< in which white, vectors and Otsu were found */
    double otsu_od;             /**< Otsu's threshold of DAB [OD10]; NaN: constant or no DAB */
    double positive_od;         /**< threshold of positive_fraction [OD10] */
    double saturated_fraction;  /**< pixels of the slide with a colour of 0, 1 or 2 of 255 */
    double mpp_um;              /**< NaN: not known; areas, nuclei, vessels are missing then */
    int work_factor;            /**< nuclei and vessels are found in means of so many pixels
                                     squared; 0 = not looked for */
    double nucleus_sigma_um;    /**< of the Gaussian */
    double field_mm2;
    int n_fields;
} rgq_ihc_report;

/** Regions to measure; count 0 (or NULL): the whole slide. */
typedef struct rgq_ihc_regions {
    int count;
    const rgq_ihc_region *region;
} rgq_ihc_regions;

/** Columns of the table, in their order. */
RGQ_API const rgq_column *rgq_ihc_columns(int *count);

/** Cells by intensity: negative, weak, moderate, strong. */
typedef struct rgq_ihc_cells {
    long long n[4];
} rgq_ihc_cells;

/** H-score of cells: % weak + 2 % moderate + 3 % strong, 0..300; NaN without cells. */
RGQ_API double rgq_ihc_h_score(const rgq_ihc_cells *cells);
/** Allred score: proportion (0..5) + mean intensity of the positive (1..3, rounded): 0, 2..8;
 *  -1 without cells. @see cite:Harvey1999 */
RGQ_API int rgq_ihc_allred(const rgq_ihc_cells *cells);
/** Immunoreactive score: proportion (0..4) * mean intensity of the positive (rounded), 0..12;
 *  -1 without cells. @see cite:Remmele1987 */
RGQ_API int rgq_ihc_irs(const rgq_ihc_cells *cells);

/**
 * @brief Measure the stain of a slide, region by region.
 *
 * OD = -log10(I / I0), I / I0 kept within 1e-6..1; the stains are OD times the inverse of the
 * vectors, clipped at 0. Columns: region area_mm2 tissue_fraction positive_fraction mean_dab_od
 * mean_h_od integrated_od weak moderate strong h_score n_nuclei nuclear_h_score
 * vessels_per_mm2, then what these rest on, see rgq_ihc_columns(). Means, fractions and sums
 * are over the tissue pixels of the region. The numbers behind white, vectors and Otsu come
 * from a sample: all pixels of a field of view, at most about RGQ_IHC_FIELD_PIXELS spread over
 * a slide.
 *
 * White: the median of each channel over sample pixels whose channels are all at least 200 and
 * differ by 24 at most, if they are 1 % of it. Tissue: blocks of a power of two of pixels next
 * to 8 um (16 pixels where their size is not known) whose OD, averaged over pixels and colours,
 * is at least tissue_od. Nuclei: maxima of -sigma^2 (LoG * hematoxylin), sigma = nucleus_um /
 * (2 sqrt 2), of at least nucleus_od, in means over work_factor^2 pixels, the factor being the
 * largest power of two that leaves sigma 2.5 of them; a disc of that diameter responds with 2/e
 * of its OD, and its intensity is the mean DAB over it. Vessels: stained coarse pixels that
 * touch by sides or corners, of an area within the limits, counted where their centroid lies.
 * Hot spots: squares of field_mm2 moved by an eighth of their side, the fullest n_fields that
 * do not overlap, tissue or not.
 *
 * @param[out] out      one row a region, or one "slide" without regions; caller frees it
 *                      with rgq_table_free(); NULL on failure
 * @param[out] report   untouched on failure; may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (options, vectors nearly in a plane);
 *         RGQ_E_MISSING: no tissue on the slide (unless opts->tissue is no), or none to
 * estimate vectors from; RGQ_E_NUMERIC: Otsu asked for where all pixels are equal;
 * RGQ_E_UNSUPPORTED: a region of too many corners; RGQ_E_NOMEM; what `read` gives
 *
 * Memory: for each thread a block of the slide of 1024 pixels x lane_rows; for nuclei and
 * vessels the lanes of all threads as floats, made smaller by work_factor; a byte for each
 * tissue block; the sample.
 * Threads: same bits for any thread count and any lane_rows. Slides with a clone() are read by
 * all threads.
 * @see cite:Ruifrok2001, cite:Macenko2009, cite:Otsu1979, cite:Weidner1991; test:
 *      tests/unit/ihc/
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_measure(rgq_table **out, rgq_ihc_report *report,
                                                  const rgq_ihc_source *source,
                                                  const rgq_ihc_regions *regions,
                                                  const rgq_ihc_opts *opts, const rgq_log *log,
                                                  rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
