#include "core/references.h"

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

/* Generated from src/references.json by scripts/cmake/EmbedText.cmake. */
extern const char rgq_references_bytes[];
extern const size_t rgq_references_length;

const char *rgq_references_text(size_t *length)
{
    if (length != NULL)
        *length = rgq_references_length;
    return rgq_references_bytes;
}

rgq_status rgq_references_load(rgq_json **out, rgq_error *err)
{
    return rgq_json_parse(out, rgq_references_bytes, rgq_references_length,
                          "the references of this program", err);
}

/* "et al." and "...targets?" need no further stop. */
static const char *stop_after(const char *words)
{
    return rgq_text_ends_with(words, ".") || rgq_text_ends_with(words, "?") ? "" : ".";
}

rgq_status rgq_reference_format(char **out, const rgq_json *entry, rgq_error *err)
{
    rgq_text line = RGQ_TEXT_INIT;
    const char *authors = rgq_json_text(rgq_json_get(entry, "authors"), "");
    const char *title = rgq_json_text(rgq_json_get(entry, "title"), "");
    const char *volume = rgq_json_text(rgq_json_get(entry, "volume"), "");
    const char *issue = rgq_json_text(rgq_json_get(entry, "issue"), "");
    const char *pages = rgq_json_text(rgq_json_get(entry, "pages"), "");
    static const char *const ids[] = {"doi", "pmid", "registration"};

    *out = NULL;
    rgq_text_printf(&line, "%s%s %s%s %s %.0f", authors, stop_after(authors), title,
                    stop_after(title), rgq_json_text(rgq_json_get(entry, "journal"), ""),
                    rgq_json_number(rgq_json_get(entry, "year"), 0.0));
    if (*volume != '\0')
        rgq_text_printf(&line, ";%s", volume);
    if (*issue != '\0')
        rgq_text_printf(&line, "(%s)", issue);
    if (*pages != '\0')
        rgq_text_printf(&line, ":%s", pages);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const char *id = rgq_json_text(rgq_json_get(entry, ids[i]), NULL);
        if (id != NULL)
            rgq_text_printf(&line, ". %s:%s", ids[i], id);
    }
    const rgq_status st = rgq_text_check(&line, err);
    if (st != RGQ_OK)
        rgq_text_release(&line);
    else
        *out = line.data;
    return st;
}
