/**
 * @file tissue_weights.h
 * @brief Rules of effective dose as data: weights of tissues, and what stands in for a tissue.
 *
 * The numbers stand in tracers/tissue_weights.json with their sources.
 */
#ifndef RGDQUANT_TISSUE_WEIGHTS_H
#define RGDQUANT_TISSUE_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RGQ_TISSUE_NAME = 48,
    RGQ_TISSUES_MAX = 32,
    RGQ_TISSUE_PARTS_MAX = 4,
    RGQ_STAND_INS_MAX = 24
};

/** How the organs of one tissue become its dose. */
typedef enum rgq_tissue_mean {
    RGQ_TISSUE_PARTS, /**< sum of share x dose; all of them are needed */
    RGQ_TISSUE_MAX,   /**< the higher (gonads of a body that has both) */
    RGQ_TISSUE_SEX    /**< first organ for a male, second for a female body */
} rgq_tissue_mean;

/** One tissue with a weight of its own. */
typedef struct rgq_tissue {
    char name[RGQ_TISSUE_NAME];
    double weight;
    rgq_tissue_mean mean;
    int n_parts;
    char part[RGQ_TISSUE_PARTS_MAX][RGQ_TISSUE_NAME]; /**< organs */
    double share[RGQ_TISSUE_PARTS_MAX];
} rgq_tissue;

/** How the remainder tissues become one dose. */
typedef enum rgq_remainder_mean {
    RGQ_REMAINDER_MASS,  /**< weighted by mass (ICRP 60) */
    RGQ_REMAINDER_PLAIN, /**< arithmetic mean of those that the body has (ICRP 103) */
    RGQ_REMAINDER_EACH   /**< weight / `of` for each that the body has (OLINDA/EXM 1) */
} rgq_remainder_mean;

/** One rule of effective dose. */
typedef struct rgq_weight_rule {
    char id[16];     /**< "icrp60", "icrp103", "olinda1" */
    char name[96];   /**< for people */
    char source[40]; /**< key of references.json */
    int n_tissues;
    rgq_tissue tissue[RGQ_TISSUES_MAX];
    double remainder_weight;
    rgq_remainder_mean remainder_mean;
    int remainder_of;     /**< tissues that the rule knows, present or not */
    bool remainder_split; /**< half the weight for one that is above all named tissues */
    bool sex_mean;        /**< defined as the mean of both sexes */
    int n_remainder;
    char remainder[RGQ_TISSUES_MAX][RGQ_TISSUE_NAME];
} rgq_weight_rule;

/** What takes the place of an organ that a body lacks. */
typedef struct rgq_stand_in {
    char organ[RGQ_TISSUE_NAME];
    char of[RGQ_TISSUE_NAME]; /**< its dose is that of this organ ... */
    double factor;            /**< ... times this */
    double mass_g;            /**< of the organ itself, NaN where none is needed */
    char why[160];
} rgq_stand_in;

/** All of tissue_weights.json. */
typedef struct rgq_tissue_weights {
    int n_rules;
    rgq_weight_rule rule[4];
    int n_stand_ins;
    rgq_stand_in stand_in[RGQ_STAND_INS_MAX];
} rgq_tissue_weights;

/**
 * @brief Read the rules from memory.
 *
 * @param[out] out   untouched on failure
 * @param[in]  name  stands for the file in messages
 * @return RGQ_OK; RGQ_E_FORMAT with the path of keys; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tissue_weights_parse(rgq_tissue_weights *out,
                                                           const char *text, size_t length,
                                                           const char *name, rgq_error *err);

/** The same from `<folder>/tissue_weights.json`; RGQ_E_IO if it cannot be read. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tissue_weights_load(rgq_tissue_weights *out,
                                                          const char *folder, rgq_error *err);

/** The rule of that id; NULL if there is none. */
RGQ_API const rgq_weight_rule *rgq_weight_rule_find(const rgq_tissue_weights *weights,
                                                    const char *id);

/** What stands in for that organ; NULL if nothing does. */
RGQ_API const rgq_stand_in *rgq_stand_in_find(const rgq_tissue_weights *weights,
                                              const char *organ);

#ifdef __cplusplus
}
#endif

#endif
