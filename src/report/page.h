/* report.html: one file that opens without a network. Style and picture are inside it, there is
 * no script, and every word that came from a file is escaped. */
#ifndef RGQ_REPORT_PAGE_H
#define RGQ_REPORT_PAGE_H

#include <stddef.h>

#include "core/json.h"
#include "core/text.h"
#include "rgdquant/table.h"

/** What the page is made of; everything is borrowed. */
typedef struct rgq_page {
    const char *title;
    const rgq_table *measures;
    const rgq_json *surrogate;  /**< surrogate.json */
    const rgq_json *record;     /**< run.json; of its "run" nothing is printed */
    const rgq_json *references; /**< key -> entry, for the keys in record "citations" */
    const unsigned char *png;   /**< overview.png, or NULL */
    size_t png_length;
    const char *caption; /**< of the picture */
} rgq_page;

/** @param[out] out  the page; caller releases it with rgq_free(); NULL on failure */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_page_make(char **out, const rgq_page *page,
                                                rgq_error *err);

/** Append bytes in base 64 (RFC 4648, padded). */
RGQ_API void rgq_text_append_base64(rgq_text *text, const unsigned char *bytes, size_t length);

/** Append a JSON value as HTML: objects as definition lists, arrays of objects as tables, other
 *  arrays as lists; numbers with up to 6 digits. Deeper than 8 levels is left out. */
RGQ_API void rgq_text_append_json_html(rgq_text *text, const rgq_json *node);

/** Append the contents of surrogate.json: tracer, targets, index of each region, caveats. */
RGQ_API void rgq_text_append_surrogate(rgq_text *text, const rgq_json *surrogate);

#endif
