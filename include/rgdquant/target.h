/**
 * @file target.h
 * @brief What is known of integrins: the typed contents of tracers/integrins.json.
 *
 * Place in the pipeline: knowledge, read by `target list|show` and by the surrogate report.
 *
 * The rows are what five reviews say of expression, tissue and meaning, in words of our own,
 * each with file and lines; what contradicts stays side by side. Texts are UTF-8 and belong to
 * the knowledge.
 */
#ifndef RGDQUANT_TARGET_H
#define RGDQUANT_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One row of expression x tissue x meaning. */
typedef struct rgq_target_finding {
    int row;                 /**< from 1, in file order */
    const char *group;       /**< "RGD", "laminin", "collagen", "leukocyte", "other receptor" */
    const char *integrin;    /**< as the row names it: "αvβ3", "α6", "αvβ3, αvβ5" */
    const char *tissue;      /**< "glioblastoma", "any tissue" */
    const char *compartment; /**< "tumour cells", "vessels", ... */
    const char *direction;   /**< of expression: "high", "low", "up", "down", "present",
                                  "absent", "variable", "mixed", "association" (none stated,
                                  only what goes with it), "imaged" */
    const char *side;    /**< "towards": more of it is found, or more of it goes with a worse
                              course; "against"; "both"; "neither" */
    const char *meaning; /**< our own words */
    const char *source;  /**< reference keys of the reviews: "Xiong2021; Su2020" */
    const char *lines;   /**< where in them: "001:339; 002:235-240" (review:lines) */
    bool contradicted;   /**< another row, or the same source elsewhere, says otherwise */
} rgq_target_finding;

/** A therapeutic agent in one trial or model. */
typedef struct rgq_target_agent {
    const char *name;
    const char *integrin; /**< what it acts on, as the reviews have it */
    const char *kind;     /**< "antibody", "cyclic RGD peptide", ... */
    const char *trial;
    const char *outcome;
    const char *source;
    const char *lines;
    double half_life_low_h; /**< in plasma; NaN where the reviews give none */
    double half_life_high_h;
} rgq_target_agent;

/** One of the 24 heterodimers. */
typedef struct rgq_target {
    const char *id;           /**< "αvβ3" */
    const char *ascii;        /**< "avb3" */
    const char *ligand_class; /**< "RGD", "collagen", "laminin", "leukocyte" */
    const char *genes;        /**< "ITGAV/ITGB3" */
    const char *source;
    const char *lines;
} rgq_target;

typedef struct rgq_targets rgq_targets;

/**
 * @brief Read `<folder>/integrins.json`, strictly.
 *
 * Refused with the path of keys: an unknown key, an empty text, a word that is not one of its
 * list, a citation of an unknown review or past its lines, a row out of number, a row that
 * contradicts one that is not there, a member that is no integrin, subunit or listed receptor,
 * an integrin whose id is not its subunits.
 *
 * @param[out] out  caller frees with rgq_targets_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_NOTFOUND for an unknown source; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_targets_load(rgq_targets **out, const char *folder,
                                                   rgq_error *err);

/** The same from memory; `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_targets_parse(rgq_targets **out, const char *text,
                                                    size_t length, const char *name,
                                                    rgq_error *err);
RGQ_API void rgq_targets_free(rgq_targets *targets);

RGQ_API int rgq_targets_count(const rgq_targets *targets); /**< 24 heterodimers */
RGQ_API const rgq_target *rgq_targets_at(const rgq_targets *targets, int i);

/**
 * @brief One integrin by name.
 *
 * "αvβ3", "avb3", "alpha-v beta-3", "ITGAV/ITGB3", "integrin αVβ3" and listed other names
 * ("VLA-4") are taken, without regard to case. A pair that does not exist (α5β3, α6β6) is
 * refused by name with the partners that do, and so is a subunit alone.
 *
 * @return RGQ_OK; RGQ_E_NOTFOUND
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_targets_find(const rgq_target **out,
                                                   const rgq_targets *targets, const char *name,
                                                   rgq_error *err);

/**
 * @brief Findings in file order: `i` from 0, NULL behind the last.
 *
 * @param[in] integrin  a heterodimer (rows of its subunits count too), a subunit (rows of its
 *                      heterodimers count too), another listed receptor; NULL: any
 * @param[in] tissue    words, by synonyms: "GBM" and "high-grade glioma" find glioblastoma.
 *                      The first line of `tissues` that is in the words counts; words that no
 *                      line knows must all stand in the row. NULL: any
 */
RGQ_API const rgq_target_finding *rgq_targets_finding(const rgq_targets *targets,
                                                      const char *integrin, const char *tissue,
                                                      int i);

/** Therapeutic agents and their outcomes; the same way. */
RGQ_API const rgq_target_agent *rgq_targets_agent(const rgq_targets *targets,
                                                  const char *integrin, int i);

/** First entry of a drug by name or other name, without regard to case, blanks and hyphens;
 *  RGQ_E_NOTFOUND names the nearest. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_targets_drug(const rgq_target_agent **out,
                                                   const rgq_targets *targets, const char *name,
                                                   rgq_error *err);

/** Does the agent act on that integrin (heterodimer, subunit or receptor, as above)? */
RGQ_API bool rgq_targets_acts_on(const rgq_targets *targets, const rgq_target_agent *agent,
                                 const char *integrin);

#ifdef __cplusplus
}
#endif

#endif
