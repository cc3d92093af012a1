/* Reading one number with its unit, source and status from a knowledge file. */
#ifndef RGQ_TRACER_QUANTITY_H
#define RGQ_TRACER_QUANTITY_H

#include "core/json.h"
#include "rgdquant/tracer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_WHERE_MAX = 400 };

/** "x.json" and "targets" (index 0) give "x.json: targets[0]", then "sd" gives
 *  "x.json: targets[0].sd"; no index for index < 0. Returns `out`. */
const char *rgq_where_join(char out[RGQ_WHERE_MAX], const char *where, const char *key,
                           long index);

/** Where a source may be listed; a key found in either is known. */
typedef struct rgq_source_list {
    rgq_json *program; /**< compiled in */
    rgq_json *own;     /**< of the user's folder, or NULL */
} rgq_source_list;

/** Lists for a knowledge file; `own_path` NULL: references.json in the folder of `file`, if it
 *  is there. Release with rgq_source_list_release(), also after a failure. */
RGQ_MUST_CHECK rgq_status rgq_source_list_open(rgq_source_list *out, const char *file,
                                               const char *own_path, rgq_error *err);
void rgq_source_list_release(rgq_source_list *list);

/** A unit a field takes and the factor to the unit it is stored in; a NULL name ends a list. */
typedef struct rgq_unit_choice {
    const char *name;
    double factor;
    const char *stored;
} rgq_unit_choice;

/** Member `key` of `node` into `out`; an absent member leaves `known` false. */
RGQ_MUST_CHECK rgq_status rgq_quantity_read(rgq_quantity *out, const rgq_json *node,
                                            const char *key, const rgq_unit_choice *units,
                                            const rgq_source_list *sources, const char *where,
                                            rgq_error *err);

/** The node itself is the quantity; `extra` are members it may have besides those of one. */
RGQ_MUST_CHECK rgq_status rgq_quantity_parse(rgq_quantity *out, const rgq_json *node,
                                             const char *extra, const rgq_unit_choice *units,
                                             const rgq_source_list *sources, const char *where,
                                             rgq_error *err);

/** Text member that must be there and fit into `size` bytes. */
RGQ_MUST_CHECK rgq_status rgq_text_member(char *out, size_t size, const rgq_json *node,
                                          const char *key, const char *where, rgq_error *err);

/** Text member that must be there and be one of `choices` (NULL ends them). */
RGQ_MUST_CHECK rgq_status rgq_choice_member(char *out, size_t size, const rgq_json *node,
                                            const char *key, const char *const *choices,
                                            const char *where, rgq_error *err);

/** Array member of at most `max` items; absent leaves NULL, which counts as empty. */
RGQ_MUST_CHECK rgq_status rgq_array_member(const rgq_json **out, const rgq_json *node,
                                           const char *key, size_t max, const char *where,
                                           rgq_error *err);

/** Member "source": a key of one of the lists. */
RGQ_MUST_CHECK rgq_status rgq_source_member(char out[40], const rgq_json *node,
                                            const rgq_source_list *sources, const char *where,
                                            rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
