/**
 * @file tracer.h
 * @brief What is known of a tracer and of a nuclide: the typed contents of tracers/NAME.json.
 *
 * Every number carries its unit, source and status; what nobody has verified is absent.
 */
#ifndef RGDQUANT_TRACER_H
#define RGDQUANT_TRACER_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A number from outside. `known` false: not published, and the program says so. */
typedef struct rgq_quantity {
    bool known;
    double value;
    double uncertainty; /**< standard deviation in the same unit, NaN if none is stated */
    int n;              /**< number of subjects behind it, 0 if none is stated */
    char unit[24];
    char source[40];  /**< key of references.json */
    char status[24];  /**< "verified", "published", "derived", "preclinical" */
    char species[16]; /**< "human", "mouse", "rat", "nhp"; "" where it does not apply */
} rgq_quantity;

enum { RGQ_PHOTONS_MAX = 16, RGQ_BETAS_MAX = 8, RGQ_ELECTRONS_MAX = 16 };

/** A principal photon line: annihilation, gamma or x ray. */
typedef struct rgq_photon {
    double energy_kev;
    double yield; /**< photons per decay */
} rgq_photon;

/** A beta branch; its spectrum is computed from kind, end point and forbiddenness, and its
 *  energies scaled so that the mean is the tabulated one. */
typedef struct rgq_beta {
    bool is_positron; /**< "beta+" */
    double mean_energy_kev;
    double end_point_kev; /**< NaN where none was verified */
    double yield;         /**< per decay */
    /** "allowed" (also for non-unique forbidden branches, whose shape is nearly that) or
     *  "unique-1" (factor p^2 + q^2) */
    char forbiddenness[16];
} rgq_beta;

/** A conversion or Auger electron line; a group of near lines may stand as one. */
typedef struct rgq_electron {
    double energy_kev;
    double yield; /**< per decay */
} rgq_electron;

typedef struct rgq_nuclide {
    char id[16]; /**< "F-18" */
    rgq_quantity half_life_s;
    rgq_quantity positron_fraction;        /**< absent for a nuclide that emits none */
    rgq_quantity mean_electron_energy_mev; /**< electrons and positrons, per decay */
    rgq_quantity mean_photon_energy_mev;   /**< photons, per decay */
    rgq_photon photon[RGQ_PHOTONS_MAX];
    int n_photons;
    char photon_source[40];
    rgq_beta beta[RGQ_BETAS_MAX];
    int n_betas;
    char beta_source[40];
    rgq_electron electron[RGQ_ELECTRONS_MAX];
    int n_electrons;
    char electron_source[40];
    /** Energy per decay that the listed branches and lines do not carry: the tabulated mean
     * minus what is listed (weak gammas, L x rays, weak conversion lines, soft Auger
     * electrons). A calculation that is to conserve energy deposits the electron part where the
     * decay is and raises the yields of the listed photons by the photon part. Absent: the list
     * is complete within the tolerance of rgq_nuclide_check(). */
    rgq_quantity unlisted_electron_mev;
    rgq_quantity unlisted_photon_mev;
} rgq_nuclide;

enum {
    RGQ_TRACER_TARGETS_MAX = 8,
    RGQ_TRACER_NOTES_MAX = 24,
    RGQ_TRACER_NUMBERS_MAX = 32,
    RGQ_TRACER_ALIASES_MAX = 8,
    RGQ_TRACER_NUCLIDES_MAX = 4,
    RGQ_TRACER_RESPONSES_MAX = 8,
    RGQ_NOTE_MAX = 640
};

/** What the tracer binds, and whether uptake is known to follow its expression in people. */
typedef struct rgq_tracer_target {
    char integrin[32]; /**< UTF-8, e.g. "αvβ3"; or another receptor, "CXCR4" */
    bool is_integrin;  /**< one of the 24 heterodimers; false for another receptor */
    char role[24];     /**< "primary", "also binds" */
    /** one of "class-level IHC support", "lower", "none"; no tracer has more */
    char evidence_level[32];
    char evidence[RGQ_NOTE_MAX];
    char source[40];
} rgq_tracer_target;

typedef struct rgq_tracer_note {
    char text[RGQ_NOTE_MAX];
    char source[40]; /**< "" where the note is a rule of the program, not a finding */
} rgq_tracer_note;

/** A published number that no step of the program needs, kept for the reader. */
typedef struct rgq_tracer_number {
    char what[160]; /**< "absorbed dose to the kidneys" */
    rgq_quantity quantity;
} rgq_tracer_number;

/** A study that set uptake against the course of a treatment, or treated with the compound. */
typedef struct rgq_tracer_response {
    char setting[192]; /**< disease, treatment and times of the scans */
    char species[16];  /**< "human", "mouse", "rat", "nhp"; "" where it was not verified */
    int n;             /**< subjects, 0 if none is stated */
    char finding[RGQ_NOTE_MAX];
    char source[40];
} rgq_tracer_response;

/** How dose figures came about; figures of unlike conditions are not comparable. A text is ""
 *  and `voiding_h` NaN where the source does not say. */
typedef struct rgq_dose_conditions {
    bool known;       /**< at least one of them is stated */
    char phantom[96]; /**< "Cristy-Eckerman adult" */
    char code[64];    /**< "OLINDA/EXM 1.1" */
    char weights[16]; /**< "ICRP60" or "ICRP103", of the effective dose */
    char voiding[96]; /**< in words: "none", "every 3.5 h, dynamic model" */
    double voiding_h; /**< interval, h */
    char source[40];
} rgq_dose_conditions;

typedef struct rgq_tracer {
    char id[48]; /**< "18F-fluciclatide" */
    char name[96];
    char aliases[RGQ_TRACER_ALIASES_MAX][64]; /**< other names a header may use; "" ends it */
    char use[16];                             /**< "imaging" or "therapy" */
    char nuclide[16]; /**< "F-18"; "" for a ligand whose label is not published */
    char other_nuclide[RGQ_TRACER_NUCLIDES_MAX][16]; /**< further labels; "" ends the list */
    char modality[8];      /**< "PET" or "SPECT"; "" without nuclide */
    char ligand_class[96]; /**< "RGD, bicyclic", "laminin-receptor peptide, not RGD" */
    char ligand[RGQ_NOTE_MAX];
    char ligand_source[40];
    bool is_rgd;          /**< the ligand holds Arg-Gly-Asp */
    bool human_use_known; /**< false: nothing verified says whether people were scanned */
    bool used_in_humans;
    char human_use[RGQ_NOTE_MAX]; /**< who was scanned, as published; "" if nobody */
    char human_use_source[40];
    rgq_tracer_target target[RGQ_TRACER_TARGETS_MAX];
    int n_targets;
    char reference_tissue[64]; /**< region name to divide by; "" if none is established */
    char reference_source[40];
    rgq_quantity uptake_start_min; /**< imaging window after injection */
    rgq_quantity uptake_end_min;
    rgq_quantity injected_activity_mbq;
    rgq_quantity injected_activity_mbq_per_kg;
    rgq_quantity effective_dose_usv_per_mbq;
    rgq_tracer_number organ_dose[RGQ_TRACER_NUMBERS_MAX]; /**< `what` is the organ; µGy/MBq */
    int n_organ_doses;
    rgq_dose_conditions dose_conditions; /**< of organ_dose and of the effective dose */
    /** `what` is the source region; h, that is MBq h per MBq administered. A region named
     *  "total body" holds the others and is not summed with them. */
    rgq_tracer_number time_integrated_activity[RGQ_TRACER_NUMBERS_MAX];
    int n_time_integrated_activities;
    rgq_dose_conditions tiac_conditions; /**< of time_integrated_activity */
    rgq_tracer_response response[RGQ_TRACER_RESPONSES_MAX];
    int n_responses;
    rgq_tracer_number observation[RGQ_TRACER_NUMBERS_MAX];
    int n_observations;
    rgq_tracer_note caveat[RGQ_TRACER_NOTES_MAX]; /**< printed with every result */
    int n_caveats;
    rgq_tracer_note not_published[RGQ_TRACER_NOTES_MAX]; /**< what was looked for in vain */
    int n_not_published;
} rgq_tracer;

/**
 * @brief Read one tracer file, strictly.
 *
 * Refused: an unknown key, a number without unit, source or status, a unit the field does not
 * take, a text that is too long, an id that is not the file's name, an integrin that is none
 * of the 24, an evidence level of other words, a nuclide without modality, and a source that is
 * neither in the list compiled into the program (src/references.json) nor in `references_path`.
 * Each message names the file and the path of keys.
 *
 * @param[out] out              untouched on failure
 * @param[in]  references_path  further references, same form; NULL: references.json beside the
 *                              tracer file, if there is one
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_NOTFOUND for an unknown source; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_load(rgq_tracer *out, const char *path,
                                                  const char *references_path, rgq_error *err);

/** The same from memory; `name` stands for the file in messages and decides the id. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_parse(rgq_tracer *out, const char *text,
                                                   size_t length, const char *name,
                                                   rgq_error *err);

/** Read `<folder>/<id>.json`; RGQ_E_NOTFOUND lists the known ids and the nearest. The id is
 *  matched without regard to case, blanks, hyphens and brackets, and aliases count. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_find(rgq_tracer *out, const char *folder,
                                                  const char *id, rgq_error *err);

/** Read a nuclide from `<folder>/isotopes.json`; "F-18", "18F", "F18", "^18^Fluorine" are one.
 *  RGQ_E_NOTFOUND if the name is none or the table has no such nuclide. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_nuclide_find(rgq_nuclide *out, const char *folder,
                                                   const char *name, rgq_error *err);

/** Canonical id ("F-18") of a nuclide as a header writes it ("18F", "^18^Fluorine", the codes
 * of DICOM context groups 18 and 4020 in SRT and SCT), without regard to case, blanks, hyphens,
 *  carets and brackets; false if it is none that is known, `out` (16 bytes) then holds "".
 *  "Tc-99" is refused: only the metastable state is imaged, but the half-life is not guessed.
 */
RGQ_API bool rgq_nuclide_canonical(char *out, const char *text);

/** True if a radiopharmaceutical named so in a header can be this tracer: id, name and aliases,
 *  compared without case, blanks and brackets, with the tracer's nuclide before, behind or left
 *  out. Another nuclide makes it another tracer. False for NULL and "". */
RGQ_API bool rgq_tracer_is_named(const rgq_tracer *tracer, const char *radiopharmaceutical);

enum { RGQ_PROBLEMS_MAX = 16 };

/** What is implausible in a file that reads well. */
typedef struct rgq_tracer_problems {
    char text[RGQ_PROBLEMS_MAX][256];
    int count;
} rgq_tracer_problems;

/**
 * @brief Physical plausibility of a tracer against its nuclide.
 *
 * - PET needs a nuclide that emits positrons;
 * - a field that feeds human calculations (activity, window, doses, time-integrated activities)
 *   holds human numbers only, and none at all where nobody was scanned; an animal number
 *   elsewhere says "preclinical";
 * - the effective dose of a peptide is 3 to 60 µSv/MBq for F-18 and Ga-68, 2 to 15 for Tc-99m;
 * - an organ dose cannot exceed the electron energy of every decay absorbed in 10 g (this finds
 *   mGy written for µGy, a loss of the unit that is met in abstracts copied by machines);
 * - time-integrated activities, voided urine included, sum to at most half-life / ln 2 (0.5 %
 *   for rounding), and no region has more;
 * - an organ that is a source of its own absorbs at least its own electrons: its dose is no
 *   less than 0.85 of the electron energy of its decays over the larger of the two reference
 *   masses (cite:Cristy1987, cite:ICRP89), two standard deviations granted. The 0.85 stands for
 *   electrons that leave the organ; walls and organs below 20 g are left out;
 * - weights: the listed organs, each by its tissue weighting factor (cite:ICRP60 or
 * cite:ICRP103 as the conditions say; without them the smaller factor of the two), may not
 * exceed the effective dose, and where they cover at least 0.9 of the weights, scaled to all of
 * them, they must agree with it to 15 %;
 * - the imaging window ends after it starts and within ten half-lives.
 *
 * @param[in] nuclide NULL for a tracer whose label is not published: what needs it is left out,
 *                    and any number for humans is reported
 */
RGQ_API void rgq_tracer_check(rgq_tracer_problems *out, const rgq_tracer *tracer,
                              const rgq_nuclide *nuclide);

/** The same for a nuclide: the annihilation line is twice the positron fraction (1e-4), the
 *  fraction lies in (0, 1] and is the sum of the beta+ branches (1e-4), end points lie above
 *  the mean energies; and the energies close: listed branches and lines with what is stated as
 *  unlisted make the mean energy per decay, of electrons and of photons, to 0.5 %, the
 *  unlisted part being less than half. */
RGQ_API void rgq_nuclide_check(rgq_tracer_problems *out, const rgq_nuclide *nuclide);

/** Ids of nuclides. */
typedef struct rgq_nuclide_ids {
    char id[64][16];
    int count;
} rgq_nuclide_ids;

/** Ids of the nuclides of `<folder>/isotopes.json`, in file order.
 *  @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_nuclide_list(rgq_nuclide_ids *out, const char *folder,
                                                   rgq_error *err);

/** Ids of tracers. */
typedef struct rgq_tracer_ids {
    char id[64][48];
    int count;
} rgq_tracer_ids;

/** Ids of all tracer files in a folder (isotopes.json and other knowledge files left out).
 *  @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_list(rgq_tracer_ids *out, const char *folder,
                                                  rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
