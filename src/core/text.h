/* A string that grows: reports, tables and messages are put together in one. */
#ifndef RGQ_CORE_TEXT_H
#define RGQ_CORE_TEXT_H

#include <stdbool.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Start with `= RGQ_TEXT_INIT`. A failed allocation is remembered and reported once, by
 *  rgq_text_check(), so that a page can be written without a test at every line. */
typedef struct rgq_text {
    char *data; /**< NUL-terminated once something was added; NULL before */
    size_t length;
    size_t capacity;
    bool out_of_memory;
} rgq_text;

#define RGQ_TEXT_INIT                                                                          \
    {                                                                                          \
        NULL, 0, 0, false                                                                      \
    }

RGQ_API void rgq_text_printf(rgq_text *text, const char *format, ...) RGQ_PRINTF(2, 3);
RGQ_API void rgq_text_append(rgq_text *text, const char *bytes, size_t length);

/** Append with & < > " ' as HTML entities. */
RGQ_API void rgq_text_append_html(rgq_text *text, const char *words);

/** RGQ_E_NOMEM if any addition failed since the start. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_text_check(const rgq_text *text, rgq_error *err);

RGQ_API void rgq_text_release(rgq_text *text);

/** Copy with truncation at a UTF-8 boundary; always terminates. */
RGQ_API void rgq_text_copy(char *out, size_t size, const char *text);

/** Equal without regard to ASCII case. */
RGQ_API bool rgq_text_equal_nocase(const char *a, const char *b);

RGQ_API bool rgq_text_ends_with(const char *text, const char *ending);

/** Edit distance, for "did you mean"; bytes, at most 63 of each are looked at. */
RGQ_API int rgq_text_distance(const char *a, const char *b);

#ifdef __cplusplus
}
#endif

#endif
