/* Shared by the two halves of the strict loader. */
#ifndef RGQ_PHANTOM_LOAD_H
#define RGQ_PHANTOM_LOAD_H

#include "core/json.h"
#include "phantom/model.h"

enum { RGQ_WHERE_MAX = 320 };

/** The file in hand. */
typedef struct rgq_phantom_reader {
    const char *name; /* of the file, for messages */
    const rgq_json *references;
} rgq_phantom_reader;

/** "status" must be design, standard or published; the last two need a "source", a key of
 *  references.json. `out` (16 bytes) may be NULL. */
RGQ_MUST_CHECK rgq_status rgq_phantom_read_status(char *out, const rgq_phantom_reader *reader,
                                                  const rgq_json *node, const char *where,
                                                  rgq_error *err);

/** A member {"value", "unit"} in exactly that unit, within [lo, hi]. */
RGQ_MUST_CHECK rgq_status rgq_phantom_read_quantity(double *out, const rgq_json *node,
                                                    const char *key, const char *unit,
                                                    const double range[2], const char *where,
                                                    rgq_error *err);

/** A short text that must not be empty; control characters are refused. */
RGQ_MUST_CHECK rgq_status rgq_phantom_read_name(char *out, size_t size, const rgq_json *node,
                                                const char *key, const char *where,
                                                rgq_error *err);

/** Index of the object of that name, or -1. */
int rgq_phantom_object_find(const rgq_phantom *phantom, const char *name);

/** The "activities" of the file; the objects have been read. */
RGQ_MUST_CHECK rgq_status rgq_phantom_read_activities(rgq_phantom *phantom,
                                                      const rgq_phantom_reader *reader,
                                                      const rgq_json *array, rgq_error *err);

/** The "analysis" of the file, NULL = none; the objects have been read and completed. */
RGQ_MUST_CHECK rgq_status rgq_phantom_read_measure(rgq_phantom *phantom,
                                                   const rgq_phantom_reader *reader,
                                                   const rgq_json *node, rgq_error *err);

#endif
