/* rgdquant tracer list | show ID | check [FOLDER] */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/tracer_page.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/references.h"
#include "core/text.h"
#include "rgdquant/target.h"
#include "rgdquant/tracer.h"

typedef struct tracer_opts {
    const char *action;
    const char *name;
} tracer_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(tracer_opts, action, "ACTION", NULL, "list, show or check"),
    RGQ_ARGUMENT(
        tracer_opts, name, "ID|FOLDER", "",
        "show: the tracer; check: a folder of tracer files (default: the shipped one)"),
};

/* ---- list ---- */

static void join_targets(rgq_text *to, const rgq_tracer *t)
{
    for (int i = 0; i < t->n_targets; i++)
        rgq_text_printf(to, "%s%s", i > 0 ? "; " : "", t->target[i].integrin);
}

/* Of the targets the highest; the list has three words. */
static const char *evidence_of(const rgq_tracer *t)
{
    const char *best = "none";

    for (int i = 0; i < t->n_targets; i++) {
        const char *level = t->target[i].evidence_level;
        if (strcmp(level, "none") != 0 && strcmp(best, "class-level IHC support") != 0)
            best = level;
    }
    return best;
}

static rgq_status list_row(rgq_text *table, rgq_json *array, const rgq_tracer *t,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text targets = RGQ_TEXT_INIT;
    rgq_json *row = NULL;
    char nuclides[80];

    (void)rgq_tracer_nuclides_of(nuclides, sizeof nuclides, t);
    join_targets(&targets, t);
    RGQ_TRY(err, rgq_text_check(&targets, err));
    rgq_text_printf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t->id, nuclides,
                    t->modality[0] != '\0' ? t->modality : "n/a", t->use, targets.data,
                    evidence_of(t), t->ligand_class, t->is_rgd ? "yes" : "no",
                    rgq_tracer_human_use_of(t));
    RGQ_TRY(err, rgq_json_add_object(&row, array, NULL, err));
    RGQ_TRY(err, rgq_json_set_text(row, "id", t->id, err));
    RGQ_TRY(err, rgq_json_set_text(row, "nuclide", nuclides, err));
    RGQ_TRY(err, rgq_json_set_text(row, "modality", t->modality, err));
    RGQ_TRY(err, rgq_json_set_text(row, "use", t->use, err));
    RGQ_TRY(err, rgq_json_set_text(row, "targets", targets.data, err));
    RGQ_TRY(err, rgq_json_set_text(row, "evidence_level", evidence_of(t), err));
    RGQ_TRY(err, rgq_json_set_text(row, "ligand_class", t->ligand_class, err));
    RGQ_TRY(err, rgq_json_set_bool(row, "rgd", t->is_rgd, err));
    if (t->human_use_known)
        RGQ_TRY(err, rgq_json_set_bool(row, "used_in_humans", t->used_in_humans, err));
    else
        RGQ_TRY(err, rgq_json_set_null(row, "used_in_humans", err));
out:
    rgq_text_release(&targets);
    return st;
}

static rgq_status list_tracers(rgq_context *context, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer_ids ids;
    rgq_tracer *t = NULL;
    rgq_json *array = NULL;
    rgq_text table = RGQ_TEXT_INIT;
    char *text = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_json_array(&array, err));
    RGQ_TRY(err, rgq_tracer_list(&ids, folder, err));
    rgq_text_printf(&table, "id\tnuclide\tmodality\tuse\ttargets\tevidence\tligand_class\t"
                            "rgd\tused_in_humans\n");
    for (int i = 0; i < ids.count; i++) {
        RGQ_TRY(err, rgq_tracer_find(t, folder, ids.id[i], err));
        RGQ_TRY(err, list_row(&table, array, t, err));
    }
    RGQ_TRY(err, rgq_text_check(&table, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_json_dump(&text, array, err));
    fputs(context->shared.json ? text : table.data, context->out);
out:
    rgq_free(text);
    rgq_text_release(&table);
    rgq_json_free(array);
    rgq_free(t);
    return st;
}

/* ---- check ---- */

/* Problems as they are found: a line each, or with --json a text each in a list. */
typedef struct findings {
    FILE *to;
    rgq_json *list; /* NULL: lines */
    int count;
} findings;

static rgq_status note(findings *f, const char *file, const char *problem, rgq_error *err)
{
    char text[RGQ_MESSAGE_MAX + 128];

    f->count++;
    (void)snprintf(text, sizeof text, file != NULL ? "%s.json: %s" : "%s%s",
                   file != NULL ? file : "", problem);
    if (f->list != NULL)
        return rgq_json_set_text(f->list, NULL, text, err);
    fprintf(f->to, "%s\n", text);
    return RGQ_OK;
}

static rgq_status note_all(findings *f, const char *file, const rgq_tracer_problems *problems,
                           rgq_error *err)
{
    for (int i = 0; i < problems->count; i++)
        RGQ_PASS(err, note(f, file, problems->text[i], err));
    return RGQ_OK;
}

/* A file that cannot be read is a problem among others: the rest is still looked at. */
static rgq_status check_tracer_file(findings *f, const char *folder, const char *nuclides,
                                    const char *id, rgq_tracer *t, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_tracer_problems problems;
    rgq_nuclide n;
    bool labelled = false;

    if (rgq_tracer_find(t, folder, id, &why) != RGQ_OK)
        return note(f, NULL, why.message, err);
    labelled = t->nuclide[0] != '\0';
    if (labelled && rgq_nuclide_find(&n, nuclides, t->nuclide, &why) != RGQ_OK)
        return note(f, NULL, why.message, err);
    rgq_tracer_check(&problems, t, labelled ? &n : NULL);
    return note_all(f, id, &problems, err);
}

static rgq_status check_nuclides(findings *f, const char *folder, int *n_nuclides,
                                 rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_nuclide_ids ids;
    rgq_tracer_problems problems;
    rgq_nuclide n;

    *n_nuclides = 0;
    if (rgq_nuclide_list(&ids, folder, &why) != RGQ_OK)
        return note(f, NULL, why.message, err);
    *n_nuclides = ids.count;
    for (int i = 0; i < ids.count; i++) {
        why = (rgq_error)RGQ_ERROR_INIT;
        if (rgq_nuclide_find(&n, folder, ids.id[i], &why) != RGQ_OK) {
            RGQ_PASS(err, note(f, NULL, why.message, err));
            continue;
        }
        rgq_nuclide_check(&problems, &n);
        RGQ_PASS(err, note_all(f, "isotopes", &problems, err));
    }
    return RGQ_OK;
}

/* The table of integrins, if the folder has one: it reads strictly or it does not. */
static rgq_status check_integrins(findings *f, const char *folder, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_targets *targets = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(path, folder, "integrins.json", err));
    if (!rgq_path_exists(path))
        return RGQ_OK;
    const rgq_status st = rgq_targets_load(&targets, folder, &why);
    rgq_targets_free(targets);
    return st == RGQ_OK ? RGQ_OK : note(f, NULL, why.message, err);
}

static rgq_status check_files(findings *f, const char *folder, const char *shipped,
                              int *n_tracers, int *n_nuclides, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char table[RGQ_PATH_MAX];
    rgq_tracer_ids ids;
    rgq_tracer *t = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_tracer_list(&ids, folder, err));
    RGQ_TRY(err, rgq_path_join(table, folder, "isotopes.json", err));
    const char *nuclides = rgq_path_exists(table) ? folder : shipped;
    RGQ_TRY(err, check_nuclides(f, nuclides, n_nuclides, err));
    for (int i = 0; i < ids.count; i++)
        RGQ_TRY(err, check_tracer_file(f, folder, nuclides, ids.id[i], t, err));
    *n_tracers = ids.count;
    RGQ_TRY(err, check_integrins(f, folder, err));
out:
    rgq_free(t);
    return st;
}

static rgq_status check_folder(rgq_context *context, const char *folder, const char *shipped,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    findings found = {context->out, NULL, 0};
    int n_tracers = 0;
    int n_nuclides = 0;

    if (context->shared.json) {
        RGQ_TRY(err, rgq_json_object(&root, err));
        RGQ_TRY(err, rgq_json_add_array(&found.list, root, "problems", err));
    }
    RGQ_TRY(err, check_files(&found, folder, shipped, &n_tracers, &n_nuclides, err));
    if (root != NULL) {
        RGQ_TRY(err, rgq_json_set_int(root, "tracers", n_tracers, err));
        RGQ_TRY(err, rgq_json_set_int(root, "nuclides", n_nuclides, err));
        RGQ_TRY(err, rgq_context_print(context, root, err));
    } else if (found.count == 0) {
        fprintf(context->out, "%d tracers and %d nuclides: no problem\n", n_tracers,
                n_nuclides);
    }
    context->exit_code = found.count == 0 ? 0 : 1;
out:
    rgq_json_free(root);
    return st;
}

static rgq_status wrong_words(rgq_context *context, rgq_error *err)
{
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "needed is one of: rgdquant tracer list | show ID | check [FOLDER]");
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const tracer_opts *o = opts;
    const bool is_list = strcmp(o->action, "list") == 0;
    const bool is_show = strcmp(o->action, "show") == 0;
    char shipped[RGQ_PATH_MAX];

    if ((!is_list && !is_show && strcmp(o->action, "check") != 0) ||
        (is_show && o->name == NULL) || (is_list && o->name != NULL))
        return wrong_words(context, err);
    RGQ_PASS(err, rgq_context_data_path(shipped, sizeof shipped, context, "tracers", err));
    if (is_list)
        return list_tracers(context, shipped, err);
    if (is_show)
        return rgq_tracer_show(context, shipped, o->name, err);
    return check_folder(context, o->name != NULL ? o->name : shipped, shipped, err);
}

static const char *const cites[] = {"ICRP107", "ICRP103", "Cristy1987", NULL};

const rgq_command rgq_cmd_tracer = {
    .name = "tracer",
    .group = "Knowledge",
    .summary = "what is known of a tracer, with sources, and what is not",
    .description =
        "list   the tracers as a table\n"
        "show   every number with its unit, status and source, the caveats, and what was\n"
        "       looked for but is not published or not verified\n"
        "check  read a folder of tracer files strictly and look for what is implausible\n"
        "       (mGy for \u00b5Gy, animal numbers in fields for humans, more decays than there "
        "are,\n"
        "       organ doses below those of their own electrons, an effective dose that is not\n"
        "       the weighted sum, decay data whose energies do not close); a line for each\n"
        "       problem, exit code 1 if there is one",
    .examples = "rgdquant tracer list\nrgdquant tracer show 18F-fluciclatide\n"
                "rgdquant tracer check my-data/tracers",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(tracer_opts),
    .run = run,
};
