/**
 * @file phantom_analysis.h
 * @brief A scan of a phantom: where it lies, and what the scan makes of what is in it.
 *
 * Place in the pipeline: scan -> volume -> [PHANTOM] -> recovery curve, PSF, calibration
 */
#ifndef RGDQUANT_PHANTOM_ANALYSIS_H
#define RGDQUANT_PHANTOM_ANALYSIS_H

#include <math.h>

#include "rgdquant/log.h"
#include "rgdquant/phantom.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the user knows of the scan; NaN = not known. */
typedef struct rgq_analyse_opts {
    int frame;
    double sphere;      /**< true concentration in the spheres, in the unit of the volume */
    double background;  /**< in the rest (a cylinder: in it), the same unit */
    double ratio;       /**< spheres over background; used where a concentration is not known */
    double wall_mm;     /**< of the spheres; NaN: what the phantom's file says */
    bool point_sampled; /**< voxels hold the value at their centre, as in scans made with
                             binary edges; else the mean over their box */
    bool is_placed;     /**< the next three say where it lies; else it is looked for */
    double centre_mm[3]; /**< origin of the phantom's file, world RAS+ */
    double angle_deg;    /**< turn about the world's z, from its x to its y */
    bool mirrored;       /**< x of the phantom's file runs the other way, and z with it */
} rgq_analyse_opts;

#define RGQ_ANALYSE_OPTS_INIT                                                                  \
    {                                                                                          \
        0, (double)NAN, (double)NAN, (double)NAN, (double)NAN, false, false, {0.0, 0.0, 0.0},  \
            0.0, false                                                                         \
    }

/** A number that is no column of the table: "lung_residual_percent", ... */
typedef struct rgq_finding {
    char name[48];
    double value;
    double sd; /**< one standard deviation, or NaN */
    char unit[16];
    char what[160]; /**< a sentence */
} rgq_finding;

/** A circle that was used, for the picture. */
typedef struct rgq_mark {
    double centre_mm[3]; /**< world */
    double radius_mm;
    int kind; /**< 0 sphere or rod, 1 background, 2 insert */
    char name[24];
} rgq_mark;

/** One comparison with a limit. */
typedef struct rgq_verdict {
    char limits[48]; /**< "EARL 1 (18F)" */
    char source[48]; /**< key of the reference list */
    char what[48];   /**< "rc_max, 10 mm" */
    double value, lo, hi;
    bool passed;
} rgq_verdict;

enum { RGQ_FINDINGS_MAX = 32, RGQ_MARKS_MAX = 64, RGQ_VERDICTS_MAX = 64 };

typedef struct rgq_phantom_analysis {
    rgq_table *table;    /**< a row per sphere (nema-iec, jaszczak), rod (nema-nu4), slice */
    rgq_table *curve;    /**< recovery against diameter, with the fitted curve; or NULL */
    rgq_table *slices;   /**< what is measured slice by slice; or NULL */
    double centre_mm[3]; /**< where the phantom lies, as rgq_analyse_opts says it */
    double angle_deg;
    bool mirrored;
    double
        agreement; /**< of what was found with what was sought, 0..1; NaN if placed by hand */
    double plane_world_mm[3]; /**< a point of the slice the picture shows */
    int n_findings;
    rgq_finding finding[RGQ_FINDINGS_MAX];
    int n_marks;
    rgq_mark mark[RGQ_MARKS_MAX];
    int n_verdicts;
    rgq_verdict verdict[RGQ_VERDICTS_MAX];
    char no_verdict[200]; /**< why limits were not applied; "" if they were */
    double psf_fwhm_mm;   /**< NaN if none was fitted */
    double psf_sd_mm;
    double psf_wall_mm;
    double curve_beta_mm, curve_gamma; /**< rc = 1 / (1 + (beta/d)^gamma); NaN if no fit */
    double calibration_factor;         /**< true over measured; NaN if not known */
    double calibration_sd;
    double mean_level; /**< of a cylinder, in the unit of the volume */
    double mean_level_sd;
    double voxel_ml;
} rgq_phantom_analysis;

/**
 * @brief Find the phantom and measure it as its file says.
 *
 * Found without help: a rotation about the axis of the scanner, a shift, a turn end to end,
 * spheres in either direction. Not found: tilts of more than a few degrees.
 *
 * Spheres (nema-iec): `rc_mean` is the mean of the voxels whose centre lies in the sphere, over
 * the true concentration; `rc_max` the highest voxel it touches; `rc_peak` the
 * highest mean over a ball of 1 mL about a voxel of it; `rc_a50` the mean of the voxels above
 * half way between background and maximum. Percent contrast is measured on a disc with the
 * diameter of the sphere in the slice through the spheres, pixels by their parts, against 60
 * such discs of background in five slices (the nearest to 0, +-10, +-20 mm); their standard
 * deviation is the background variability. The lung residual is the mean of a disc of the
 * insert over the background of the largest size, slice by slice.
 *
 * @param[out] out     caller releases it with rgq_phantom_analysis_release(); holds nothing on
 *                     failure
 * @param[in]  volume  finite; in the unit the activities are in
 * @return RGQ_OK; RGQ_E_NOTFOUND (the phantom is not there, with what to type);
 *         RGQ_E_UNSUPPORTED (its file has no analysis); RGQ_E_ARGUMENT; RGQ_E_GEOMETRY;
 *         RGQ_E_NUMERIC; RGQ_E_NOMEM
 *
 * Threads: same bits for any number.
 * @see cite:NEMANU22018; tests/unit/phantom/test_analyse.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_analyse(rgq_phantom_analysis *out,
                                                      const rgq_phantom *phantom,
                                                      const rgq_volume *volume,
                                                      const rgq_analyse_opts *opts,
                                                      const rgq_log *log, rgq_error *err);

/** Frees what it holds and clears it; a zeroed one is allowed. */
RGQ_API void rgq_phantom_analysis_release(rgq_phantom_analysis *analysis);

/** What the file says can be measured: "spheres", "cylinder", "rods", "cold", or "" for
 *  nothing. */
RGQ_API const char *rgq_phantom_analysis_kind(const rgq_phantom *phantom);

#ifdef __cplusplus
}
#endif

#endif
