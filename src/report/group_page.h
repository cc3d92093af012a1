/* Pages about many cases: pictures side by side, tables. Like report.html they are one file
 * each, without a script, and every word that came from a file is escaped. */
#ifndef RGQ_REPORT_GROUP_PAGE_H
#define RGQ_REPORT_GROUP_PAGE_H

#include <stdbool.h>

#include "core/text.h"
#include "io/tsv.h"

/** Head of the page and its title. `lead` is a sentence below it. */
RGQ_API void rgq_group_page_begin(rgq_text *page, const char *title, const char *lead);
RGQ_API void rgq_group_page_end(rgq_text *page);

/** A heading and a table of at most 64 columns; columns whose cells are all numbers or n/a
 * stand to the right. Nothing but the note, if the table has no rows. `title` and `note` may be
 * NULL. */
RGQ_API void rgq_group_page_table(rgq_text *page, const char *title, const char *note,
                                  const rgq_tsv *table);

/** A case in the gallery. */
typedef struct rgq_group_card {
    const char *name;
    const char *line;    /**< below the name: tracer, uptake time; or NULL */
    const char *warning; /**< what is odd or wrong, or NULL: all well */
    bool is_failed;
    const char *link;    /**< relative, or NULL */
    const char *picture; /**< PNG file, made small; or NULL */
} rgq_group_card;

RGQ_API void rgq_group_page_gallery_begin(rgq_text *page, const char *title, const char *note);

/** A picture that cannot be read is said to be missing.
 *  @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_group_page_card(rgq_text *page,
                                                      const rgq_group_card *card,
                                                      rgq_error *err);
RGQ_API void rgq_group_page_gallery_end(rgq_text *page);

#endif
