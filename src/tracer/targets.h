/* The knowledge of integrins while it is read and searched; see include/rgdquant/target.h. */
#ifndef RGQ_TRACER_TARGETS_H
#define RGQ_TRACER_TARGETS_H

#include "core/json.h"
#include "rgdquant/target.h"

enum {
    RGQ_TARGET_KEY_MAX = 24, /**< "aiibb3", "igf1r" */
    RGQ_TARGET_MEMBERS_MAX = 12,
    RGQ_TARGET_SOURCE_MAX = 160
};

/** Integrins a row or a drug is about, as keys. */
typedef struct rgq_target_members {
    char key[RGQ_TARGET_MEMBERS_MAX][RGQ_TARGET_KEY_MAX];
    int count;
} rgq_target_members;

typedef struct rgq_target_row {
    rgq_target_finding is;
    char source[RGQ_TARGET_SOURCE_MAX];
    rgq_target_members members;
} rgq_target_row;

typedef struct rgq_target_entry {
    rgq_target is;
    char source[RGQ_TARGET_SOURCE_MAX];
    char alpha[RGQ_TARGET_KEY_MAX]; /**< "av" */
    char beta[RGQ_TARGET_KEY_MAX];
    const rgq_json *other_names; /**< array or NULL */
} rgq_target_entry;

typedef struct rgq_target_drug {
    rgq_target_agent is; /**< of one trial */
    char source[RGQ_TARGET_SOURCE_MAX];
    rgq_target_members members;
    const rgq_json *aliases; /**< array or NULL */
} rgq_target_drug;

struct rgq_targets {
    rgq_json *root; /**< the texts live here */
    rgq_target_entry *entry;
    int n_entries;
    rgq_target_row *row;
    int n_rows;
    rgq_target_drug *drug;
    int n_drugs;
};

/**
 * @brief Name of an integrin, subunit or receptor as a key: "αvβ3", "alpha-v beta-3",
 *        "ITGAV/ITGB3" and "avb3" give "avb3"; "CXCR4" gives "cxcr4".
 *
 * @return false if nothing is left or it does not fit; `out` then holds ""
 */
bool rgq_target_key(char out[RGQ_TARGET_KEY_MAX], const char *name);

/** Split the key of a pair at its last b: "avb3" into "av" and "b3"; false if it is no pair. */
bool rgq_target_split(char alpha[RGQ_TARGET_KEY_MAX], char beta[RGQ_TARGET_KEY_MAX],
                      const char *key);

/** Is `query` a member, a subunit of one, or a heterodimer with one? Keys. */
bool rgq_target_is_member(const rgq_target_members *members, const char *query);

/** Do the words of a tissue find the tissue of a row? `groups` is the array "tissues". */
bool rgq_target_tissue_is(const rgq_json *groups, const char *words, const char *tissue);

#endif
