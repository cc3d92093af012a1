/* The list of works behind numbers and methods, src/references.json, as compiled into the
 * program. Keys appear as `cite:Key` in comments, and as "source" in the data files. */
#ifndef RGQ_CORE_REFERENCES_H
#define RGQ_CORE_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/json.h"
#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The JSON text, NUL behind it; `length` may be NULL. */
RGQ_API const char *rgq_references_text(size_t *length);

/** The parsed list: an object, key -> {authors, title, journal, year, ...}. Free it with
 *  rgq_json_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_references_load(rgq_json **out, rgq_error *err);

/** One entry as a line: "Authors. Title. Journal 2008;49:1664-1667. doi:..." Release with
 *  rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_reference_format(char **out, const rgq_json *entry,
                                                       rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
