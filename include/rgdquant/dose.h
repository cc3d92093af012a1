/**
 * @file dose.h
 * @brief From time-integrated activities to organ doses, effective dose, their uncertainty, and
 *        what a dose map means for therapy.
 *
 * Doses are per administered activity [mGy/MBq]; time-integrated activities (TIAC) are per
 * administered activity too [h = MBq h / MBq]. Research use; not for treatment decisions.
 */
#ifndef RGDQUANT_DOSE_H
#define RGDQUANT_DOSE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"
#include "rgdquant/labels.h"
#include "rgdquant/tissue_weights.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rgq_svalues;
struct rgq_anatomy;

enum {
    RGQ_DOSE_NAME = 48,
    RGQ_DOSE_ORGANS_MAX = 72,
    RGQ_DOSE_NOTE = 200,
    RGQ_DOSE_NOTES_MAX = 16
};

/* ---- organ doses ---- */

/** What was in a region. */
typedef struct rgq_dose_source {
    /** an organ of the anatomy or another name of it ("kidney left", "bladder", "ULI");
     *  "red marrow"; "remainder": all organs without a row of their own; "total body": the
     *  whole body with the regions listed in it, so that what they leave is the remainder */
    char region[RGQ_DOSE_NAME];
    double tiac_h;       /**< >= 0 */
    double sd_h;         /**< its standard deviation; NaN: not known */
    double animal_share; /**< NaN, or: `tiac_h` is of an animal in which the organ has this
                              share of the body mass; it is scaled (rgq_tiac_from_animal()) */
} rgq_dose_source;

/** Mass of an organ of the patient. */
typedef struct rgq_dose_mass {
    char organ[RGQ_DOSE_NAME];
    double mass_g; /**< > 0 */
} rgq_dose_mass;

/** Why a row is not plain. */
enum {
    RGQ_DOSE_MASS_SCALED = 1, /**< to the patient's mass: electrons m_ref / m, photons
                                   (m_ref / m)^(2/3), a wall's from its contents alike by the
                                   mass of these; cross dose as it was */
    RGQ_DOSE_FROM_ANIMAL = 2, /**< some of it from TIACs of an animal */
    RGQ_DOSE_STAND_IN = 4,    /**< dose of another organ, times a factor */
    RGQ_DOSE_UPPER_BOUND = 8, /**< marrow: its electrons are all taken to stay in it */
    RGQ_DOSE_WALL = 16,       /**< a wall: `surface` and `mean` differ */
    RGQ_DOSE_SUMMED = 32,     /**< its TIAC is the sum of several rows */
    RGQ_DOSE_PART_UNKNOWN =
        64 /**< some TIAC has no standard deviation: `sd` is a lower bound */
};

/** Dose of one organ [mGy/MBq]. */
typedef struct rgq_organ_dose {
    char organ[RGQ_DOSE_NAME];
    double mass_g;  /**< the patient's where given, else that of the anatomy */
    double tiac_h;  /**< its own, with its share of the remainder */
    double surface; /**< total; a wall takes half the electron dose of its contents (MIRD) */
    double mean;    /**< total; a wall takes what its mean dose is */
    double photon;  /**< the photon part of both */
    double self;    /**< the part from itself (`mean`) */
    double sd_tiac; /**< of `surface`, from the TIACs */
    double sd_mc;   /**< of `surface`, from the Monte Carlo noise of S */
    unsigned flags;
} rgq_organ_dose;

typedef struct rgq_dose_table {
    char nuclide[16];
    char anatomy[RGQ_DOSE_NAME];
    bool female;             /**< of the anatomy; see rgq_dose_opts */
    bool from_animal;        /**< any TIAC was scaled from an animal */
    double total_tiac_h;     /**< all that was put in, after scaling */
    double remainder_tiac_h; /**< what was spread over organs without their own */
    double most_tiac_h;      /**< half-life / ln 2: no more is possible; NaN: not checked */
    int n;
    rgq_organ_dose row[RGQ_DOSE_ORGANS_MAX]; /**< targets of the anatomy, then stand-ins and
                                                  "red marrow", then "total body" */
    int n_notes;
    char note[RGQ_DOSE_NOTES_MAX][RGQ_DOSE_NOTE]; /**< for the reader, one sentence each */
} rgq_dose_table;

typedef struct rgq_dose_opts {
    bool female;        /**< the anatomy is a female one */
    double half_life_h; /**< physical; with it the sum of TIACs is checked; NaN: not */
    const rgq_dose_mass *mass;
    int n_masses;
    /** what stands in for organs the anatomy lacks (marrow for instance); NULL: nothing */
    const rgq_tissue_weights *weights;
    bool force; /**< more TIAC than can be: a note, not a refusal */
} rgq_dose_opts;

#define RGQ_DOSE_OPTS_INIT                                                                     \
    {                                                                                          \
        .half_life_h = (double)NAN                                                             \
    }

/**
 * @brief Organ doses from time-integrated activities and a matrix of S values.
 *
 * D(T) = sum over h of TIAC(h) S(T <- h). The remainder is a source in every organ without a
 * row of its own, in proportion to mass, contents included; by the matrix of all organs this is
 * S(T <- RB) = S(T <- TB) m_TB / m_RB - sum S(T <- h) m_h / m_RB, with nothing to truncate. Its
 * electrons stay in the organ, walls included (an even concentration gives no more).
 *
 * "red marrow" as a source is the skeleton for photons; its electrons all stay in marrow (an
 * upper bound, flagged).
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_NOTFOUND for a region that is no organ of the anatomy (the nearest name
 *         is shown); RGQ_E_ARGUMENT (a TIAC that is negative or not finite, a total body below
 *         its parts, more than half-life / ln 2 unless forced, an unknown mass); RGQ_E_NOMEM
 * @see cite:Bolch2009; test: tests/unit/dose/test_organ_dose.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_organs(rgq_dose_table *out,
                                                  const struct rgq_svalues *s,
                                                  const rgq_dose_source *sources, int n_sources,
                                                  const rgq_dose_opts *opts, rgq_error *err);

/** Row of that organ; NULL if there is none. */
RGQ_API const rgq_organ_dose *rgq_dose_find(const rgq_dose_table *table, const char *organ);

/** TIAC of a person from that of an animal by relative mass: tiac x (m_organ / m_body of the
 *  person) / (m_organ / m_body of the animal). */
RGQ_API double rgq_tiac_from_animal(double tiac_h, double human_share, double animal_share);

/** Time-integrated activity concentration of red marrow from blood: [blood, h/g] x marrow mass
 * x ratio of marrow to blood (1 for small molecules). */
RGQ_API double rgq_marrow_tiac_from_blood(double blood_h_per_g, double marrow_g, double ratio);

/* ---- bladder ---- */

/** A part of the activity that goes to urine. */
typedef struct rgq_urine_phase {
    double fraction;    /**< of the administered activity, 0 .. 1 */
    double half_life_h; /**< biological, of its passage into the bladder, > 0 */
} rgq_urine_phase;

/**
 * @brief TIAC of bladder contents that are voided at even intervals.
 *
 * For each phase f [(1 - exp(-lp T)) / lp - (1 - exp(-(lp + lb) T)) / (lp + lb)] /
 * (1 - exp(-(lp + lb) T)), and their sum. Without voiding (infinite T): f (1 / lp - 1 / (lp +
 * lb)).
 *
 * @param[in] physical_half_life_h  > 0
 * @param[in] void_interval_h       > 0; INFINITY: never
 * @return RGQ_OK; RGQ_E_ARGUMENT (fractions above 1 in sum)
 * @see cite:Cloutier1973
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_bladder_tiac(double *out_h, const rgq_urine_phase *phases,
                                                   int n, double physical_half_life_h,
                                                   double void_interval_h, rgq_error *err);

/** Thickness [mm] of the wall of a sphere of these contents: 202 ml and 44.5 ml give 2.5 mm.
 *  For bladders; a colon is no sphere. */
RGQ_API double rgq_wall_thickness_mm(double contents_ml, double wall_ml);

/* ---- effective dose ---- */

/** Which doses of walls are weighted. */
typedef enum rgq_wall_dose {
    RGQ_WALL_SURFACE_MIRD, /**< as MIRD, OLINDA/EXM 1 and ICRP 53 to 128 have it */
    RGQ_WALL_MEAN
} rgq_wall_dose;

typedef struct rgq_effective_opts {
    rgq_wall_dose wall;
    bool force; /**< a coverage below 0.9 is no refusal */
} rgq_effective_opts;

/** One tissue of an effective dose. */
typedef struct rgq_effective_part {
    char tissue[RGQ_TISSUE_NAME];
    double weight;      /**< that was given to it; 0: the body lacks it */
    double msv_per_mbq; /**< equivalent dose (sex mean where both bodies are given) */
} rgq_effective_part;

typedef struct rgq_effective_dose {
    char rule[16];
    double msv_per_mbq;
    double coverage; /**< part of the weights whose tissues the bodies have, 0 .. 1 */
    bool split;      /**< the footnote of ICRP 60 was used */
    char split_organ[RGQ_TISSUE_NAME];
    bool sex_mean; /**< both sexes went into it */
    bool one_sex;  /**< the rule wants both, one was given */
    int n_parts;
    rgq_effective_part part[2 * RGQ_TISSUES_MAX];
    char stand_ins[400]; /**< "red marrow <- skeleton, ..."; "" if there are none */
    char missing[400];   /**< tissues that the bodies lack */
} rgq_effective_dose;

/**
 * @brief Effective dose of one body, or of a male and a female one.
 *
 * A tissue that the bodies lack (and nothing stands in for) adds nothing: the result is a
 * lower bound, and is refused below a coverage of 0.9 unless forced.
 *
 * @param[in] a  organ doses of a body
 * @param[in] b  NULL, or those of one of the other sex for a sex mean
 * @return RGQ_OK; RGQ_E_MISSING with the coverage and what is missing; RGQ_E_ARGUMENT
 * @see cite:ICRP60, cite:ICRP103; test: tests/unit/dose/test_effective_dose.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status
rgq_effective_dose_of(rgq_effective_dose *out, const rgq_weight_rule *rule,
                      const rgq_tissue_weights *weights, const rgq_dose_table *a,
                      const rgq_dose_table *b, const rgq_effective_opts *opts, rgq_error *err);

/* ---- a patient's own body ---- */

typedef struct rgq_patient_opts {
    double body_hu;       /**< without a region "body": body is what lies within tissue above
                               this number of the CT */
    double density_g_cm3; /**< of everything, where neither CT nor density is given */
} rgq_patient_opts;

#define RGQ_PATIENT_OPTS_INIT                                                                  \
    {                                                                                          \
        .body_hu = -300.0, .density_g_cm3 = 1.0                                                \
    }

/**
 * @brief A body from a label map and, if there is one, a CT or a map of densities.
 *
 * Every region is an organ; what lies in the region "body" ("whole body", "total body") and in
 * no other is "remainder". Without such a region the CT finds the body: the largest piece above
 * `body_hu`, with what it encloses in each slice. Materials by number: air below -950, lung
 * below -200, soft tissue to 200, above it bone; density by straight lines between (-1000,
 * .00121), (-98, .930), (0, 1), (23, 1.030), (100, 1.0762), (1600, 1.9642) and on (after
 * Schneider, moved by 1.8 % at 0 so that water weighs what it weighs). Without CT all is soft
 * tissue of the density given, but regions named as lung or bone, which take theirs.
 *
 * @param[out] out      free with rgq_anatomy_free() of dose/anatomy.h; NULL on failure
 * @param[in]  ct       NULL or Hounsfield units on the grid of the labels
 * @param[in]  density  NULL or g/cm3 on that grid (then `ct` is NULL)
 * @return RGQ_OK; RGQ_E_MISSING (no body and no CT); RGQ_E_GEOMETRY (another grid, or axes that
 *         are not at right angles); RGQ_E_ARGUMENT (more than 63 regions; a density outside 0
 *         .. 25, CT numbers that are no Hounsfield units); RGQ_E_NOMEM
 * @see cite:Schneider2000; test: tests/unit/dose/test_patient.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status
rgq_patient_anatomy(struct rgq_anatomy **out, const rgq_labels *labels, const rgq_volume *ct,
                    const rgq_volume *density, const rgq_patient_opts *opts, rgq_error *err);

/** True if the body reaches the first or the last slice: what lies beyond it gives the organs
 * no dose here, and photons that leave there do not come back. */
RGQ_API bool rgq_patient_is_cut(const struct rgq_anatomy *body);

/** Density [g/cm3] of a Hounsfield unit by the lines above. */
RGQ_API double rgq_density_of_hu(double hu);

/* ---- uncertainty ---- */

/** What is known of one organ's measurement; NaN: not known, not counted, and said. */
typedef struct rgq_dose_measurement {
    double tiac_relative_sd;        /**< of the TIAC: noise and fit */
    double calibration_relative_sd; /**< of the calibration factor */
    double volume_ml;               /**< of the region */
    double voxel_mm;                /**< of the image it was drawn on */
    double fwhm_mm;                 /**< of that image */
    double recovery_b1_ml;          /**< R = 1 - 1 / (1 + (V / b1)^b2); NaN: no recovery */
    double recovery_b2;
    double recovery_relative_sd; /**< of R at that volume, from its fit */
    double s_exponent;           /**< c2 of S = c1 V^-c2; 1: electrons */
    double mc_relative_sd;
    double method_relative_sd; /**< of the engine: nothing for a patient's own body */
} rgq_dose_measurement;

enum { RGQ_BUDGET_MAX = 10 };

typedef struct rgq_budget_row {
    char name[40];
    double relative_sd; /**< of the dose; a covariance has its sign */
    double share;       /**< of the variance */
} rgq_budget_row;

typedef struct rgq_dose_uncertainty {
    double relative_sd;        /**< of the dose */
    double volume_relative_sd; /**< of the volume, from voxel and resolution */
    double recovery;           /**< R at that volume; 1 where none is used */
    int n;
    rgq_budget_row row[RGQ_BUDGET_MAX];
    char unknown[200]; /**< what was not known and so not counted; "" if nothing */
} rgq_dose_uncertainty;

/**
 * @brief Standard uncertainty of an organ dose by analytic propagation.
 *
 * u(d)^2 = a^2 / 6 + FWHM^2 / (24 ln 2) for the diameter d of a sphere of that volume, u(V) / V
 * = 3 u(d) / d; counts in the region, recovery and S all depend on V, so that its part is
 * |phi / (2 R) - dlnR/dlnV - c2| u(V) / V, listed with the parts and their covariance.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT
 * @see cite:Gear2018; test: tests/unit/dose/test_dose_uncertainty.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_uncertainty_of(rgq_dose_uncertainty *out,
                                                          const rgq_dose_measurement *known,
                                                          rgq_error *err);

/* ---- dose in a region ---- */

/** Doses of the voxels of a region, in rising order. */
typedef struct rgq_dose_voxels {
    size_t n;
    double *gy;    /**< rising */
    double *share; /**< of the volume, sum 1 */
    double volume_ml;
} rgq_dose_voxels;

/** Gather them from a map [Gy or any unit] and a region on its grid. Release with
 *  rgq_dose_voxels_release(). RGQ_E_GEOMETRY; RGQ_E_ARGUMENT for an empty region;
 *  RGQ_E_NUMERIC for a dose that is not finite; RGQ_E_NOMEM. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_voxels_of(rgq_dose_voxels *out,
                                                     const rgq_volume *map,
                                                     const rgq_region *region,
                                                     const rgq_grid *region_grid,
                                                     rgq_error *err);
RGQ_API void rgq_dose_voxels_release(rgq_dose_voxels *voxels);

RGQ_API double rgq_dose_mean(const rgq_dose_voxels *v);
/** Part of the volume that takes `gy` or more: one point of the cumulative DVH. */
RGQ_API double rgq_dose_volume_share(const rgq_dose_voxels *v, double gy);
/** Least dose of the best covered `percent` of the volume: 95 gives D95; 0 .. 100. */
RGQ_API double rgq_dose_at_volume(const rgq_dose_voxels *v, double percent);
/** Generalised equivalent uniform dose (mean of D^a)^(1/a), a != 0; 0 where a < 0 meets a dose
 *  of 0. @see cite:Niemierko1997 */
RGQ_API double rgq_dose_geud(const rgq_dose_voxels *v, double a);
/** Equivalent uniform dose -ln(mean of exp(-alpha D)) / alpha, D the BED; alpha > 0 [1/Gy]. */
RGQ_API double rgq_dose_eud(const rgq_dose_voxels *v, double alpha_per_gy);

/** Biologically effective dose of a rate that falls with one half-life:
 *  D [1 + D / (alpha/beta) T_rep / (T_rep + T_eff)]. */
RGQ_API double rgq_bed_mono(double gy, double alpha_beta_gy, double repair_half_life_h,
                            double effective_half_life_h);

/** One exponential of a dose rate. */
typedef struct rgq_rate_phase {
    double amplitude;   /**< any unit, may be negative (uptake) */
    double half_life_h; /**< effective, > 0 */
} rgq_rate_phase;

/**
 * @brief The dose protraction factor G of Lea and Catcheside for a sum of exponentials.
 *
 * G = 2 / D^2 integral of R(t) integral of R(w) exp(-mu (t - w)) dw dt, which for exponentials
 * is 2 / D^2 sum over i, j of a_i a_j / ((l_i + l_j) (l_i + mu)); BED = D (1 + G D /
 * (alpha/beta)).
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (no phase, a half-life <= 0, a rate that is negative
 * somewhere)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_lea_catcheside(double *out, const rgq_rate_phase *phases,
                                                     int n, double repair_half_life_h,
                                                     rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
