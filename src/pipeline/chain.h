/* A chain of stages as data: what each takes and gives, where its parameters come from. It is
 * checked before a voxel is read, and printed by --explain. */
#ifndef RGQ_PIPELINE_CHAIN_H
#define RGQ_PIPELINE_CHAIN_H

#include <stdbool.h>

#include "core/json.h"
#include "rgdquant/unit.h"

/** Kinds of things that go from stage to stage. */
typedef enum rgq_kind {
    RGQ_KIND_NOTHING,
    RGQ_KIND_FILES,
    RGQ_KIND_SCAN,
    RGQ_KIND_VOLUME,
    RGQ_KIND_REGIONS,
    RGQ_KIND_MEASURES,
    RGQ_KIND_SURROGATE,
    RGQ_KIND_FOLDER,
    RGQ_KIND_COUNT
} rgq_kind;

RGQ_API const char *rgq_kind_name(rgq_kind kind);

enum { RGQ_CHAIN_MAX = 16, RGQ_CHAIN_TAKES_MAX = 3, RGQ_UNIT_ANY = -1, RGQ_UNIT_SAME = -2 };

typedef struct rgq_stage {
    const char *name;
    rgq_kind takes[RGQ_CHAIN_TAKES_MAX]; /**< RGQ_KIND_NOTHING ends the list */
    int takes_unit;                      /**< rgq_unit of the volume, or RGQ_UNIT_ANY */
    rgq_kind gives;
    int gives_unit;      /**< rgq_unit, RGQ_UNIT_SAME, or RGQ_UNIT_ANY: known once it ran */
    char parameter[320]; /**< "gaussian:6 (command line); border replicate (default)" */
    const char *cite;    /**< keys of references.json separated by blanks, or "" */
    const char *remedy;  /**< what to type if what it takes is not there */
} rgq_stage;

typedef struct rgq_chain {
    rgq_stage stage[RGQ_CHAIN_MAX];
    int count;
} rgq_chain;

/** Append a stage; a chain that is too long is a bug of the program (assert). */
RGQ_API void rgq_chain_add(rgq_chain *chain, const rgq_stage *stage);

/** The stage of that name, or NULL. */
RGQ_API rgq_stage *rgq_chain_find(rgq_chain *chain, const char *name);

/**
 * @brief Does each stage find what it takes?
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT: "step 3: measure takes regions, but no step before it gives
 *         them; add ..."; RGQ_E_UNIT: "step 3: filter takes a volume in Bq/mL, but calibrate
 *         gives one in SUVbw"
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_chain_check(const rgq_chain *chain, rgq_error *err);

/** Table for people; release with rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_chain_print(char **out, const rgq_chain *chain,
                                                  rgq_error *err);

/** The same as an array of objects. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_chain_json(rgq_json **out, const rgq_chain *chain,
                                                 rgq_error *err);

#endif
