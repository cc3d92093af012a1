#include "pipeline/chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

enum { WORDS_MAX = 96 };

const char *rgq_kind_name(rgq_kind kind)
{
    static const char *const names[RGQ_KIND_COUNT] = {
        "nothing", "files", "scan", "volume", "regions", "measures", "surrogate", "folder"};
    return kind >= 0 && kind < RGQ_KIND_COUNT ? names[kind] : "?";
}

void rgq_chain_add(rgq_chain *chain, const rgq_stage *stage)
{
    assert(chain->count < RGQ_CHAIN_MAX);
    chain->stage[chain->count++] = *stage;
}

rgq_stage *rgq_chain_find(rgq_chain *chain, const char *name)
{
    for (int i = 0; i < chain->count; i++)
        if (strcmp(chain->stage[i].name, name) == 0)
            return &chain->stage[i];
    return NULL;
}

rgq_status rgq_chain_check(const rgq_chain *chain, rgq_error *err)
{
    bool have[RGQ_KIND_COUNT] = {false};
    int unit = RGQ_UNIT_ANY;
    const char *made_by = "";

    have[RGQ_KIND_FILES] = true;
    for (int i = 0; i < chain->count; i++) {
        const rgq_stage *s = &chain->stage[i];
        for (int k = 0; k < RGQ_CHAIN_TAKES_MAX && s->takes[k] != RGQ_KIND_NOTHING; k++)
            if (!have[s->takes[k]])
                return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                 "step %d: %s takes %s, but no step before it gives any%s%s",
                                 i + 1, s->name, rgq_kind_name(s->takes[k]),
                                 s->remedy != NULL ? "; " : "",
                                 s->remedy != NULL ? s->remedy : "");
        if (s->takes_unit >= 0 && unit >= 0 && s->takes_unit != unit)
            return RGQ_RAISE(err, RGQ_E_UNIT,
                             "step %d: %s takes a volume in %s, but %s gives one in %s", i + 1,
                             s->name, rgq_unit_name((rgq_unit)s->takes_unit), made_by,
                             rgq_unit_name((rgq_unit)unit));
        have[s->gives] = true;
        if (s->gives == RGQ_KIND_VOLUME && s->gives_unit != RGQ_UNIT_SAME) {
            unit = s->gives_unit;
            made_by = s->name;
        }
    }
    return RGQ_OK;
}

static void say_takes(char out[WORDS_MAX], const rgq_stage *s)
{
    out[0] = '\0';
    for (int k = 0; k < RGQ_CHAIN_TAKES_MAX && s->takes[k] != RGQ_KIND_NOTHING; k++) {
        const size_t used = strlen(out);
        (void)snprintf(out + used, WORDS_MAX - used, "%s%s", k > 0 ? ", " : "",
                       rgq_kind_name(s->takes[k]));
        if (s->takes[k] == RGQ_KIND_VOLUME && s->takes_unit >= 0) {
            const size_t now = strlen(out);
            (void)snprintf(out + now, WORDS_MAX - now, " [%s]",
                           rgq_unit_name((rgq_unit)s->takes_unit));
        }
    }
}

static void say_gives(char out[WORDS_MAX], const rgq_stage *s)
{
    const char *unit = "unit as read";

    if (s->gives_unit >= 0)
        unit = rgq_unit_name((rgq_unit)s->gives_unit);
    else if (s->gives_unit == RGQ_UNIT_SAME)
        unit = "same unit";
    if (s->gives == RGQ_KIND_VOLUME)
        (void)snprintf(out, WORDS_MAX, "volume [%s]", unit);
    else
        (void)snprintf(out, WORDS_MAX, "%s", rgq_kind_name(s->gives));
}

/* A row of the table; with `to` NULL only the widths of the columns are taken. */
static void print_stage(rgq_text *to, int widest[3], int number, const rgq_stage *s)
{
    char takes[WORDS_MAX];
    char gives[WORDS_MAX];

    say_takes(takes, s);
    say_gives(gives, s);
    const int length[3] = {(int)strlen(s->name), (int)strlen(takes), (int)strlen(gives)};
    for (int k = 0; k < 3; k++)
        widest[k] = length[k] > widest[k] ? length[k] : widest[k];
    if (to == NULL)
        return;
    rgq_text_printf(to, "%2d %-*s  %-*s  ", number, widest[0], s->name, widest[1], takes);
    if (s->parameter[0] != '\0' || s->cite[0] != '\0')
        rgq_text_printf(to, "%-*s  %s%s%s\n", widest[2], gives, s->parameter,
                        s->cite[0] != '\0' ? "  cite:" : "", s->cite);
    else
        rgq_text_printf(to, "%s\n", gives);
}

rgq_status rgq_chain_print(char **out, const rgq_chain *chain, rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;
    int widest[3] = {4, 5, 5}; /* of step, takes, gives */

    *out = NULL;
    for (int i = 0; i < chain->count; i++)
        print_stage(NULL, widest, 0, &chain->stage[i]);
    rgq_text_printf(&text, "%-*s  %-*s  %-*s  parameters (origin)\n", widest[0] + 3, "step",
                    widest[1], "takes", widest[2], "gives");
    for (int i = 0; i < chain->count; i++)
        print_stage(&text, widest, i + 1, &chain->stage[i]);
    const rgq_status st = rgq_text_check(&text, err);
    if (st == RGQ_OK)
        *out = text.data;
    else
        rgq_text_release(&text);
    return st;
}

rgq_status rgq_chain_json(rgq_json **out, const rgq_chain *chain, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *list = NULL;
    rgq_json *entry = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_array(&list, err));
    for (int i = 0; i < chain->count; i++) {
        const rgq_stage *s = &chain->stage[i];
        char words[WORDS_MAX];
        RGQ_TRY(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "step", s->name, err));
        say_takes(words, s);
        RGQ_TRY(err, rgq_json_set_text(entry, "takes", words, err));
        say_gives(words, s);
        RGQ_TRY(err, rgq_json_set_text(entry, "gives", words, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "parameters", s->parameter, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "cite", s->cite, err));
    }
    *out = list;
    list = NULL;
out:
    rgq_json_free(list);
    return st;
}
