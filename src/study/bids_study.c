/* A BIDS dataset as a list of cases. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom_tree.h"
#include "study/bids_inside.h"

typedef struct dataset {
    const char *root;
    const rgq_bids_choice *choice;
    rgq_bids_library library;
    rgq_names derivatives;
    rgq_study *study;
    bool is_idle; /* the participant or session at hand was not chosen */
    rgq_problems *problems;
    const rgq_log *log;
} dataset;

/* ---- labels ---- */

/* Length of the next label of a list with commas or blanks; `*at` is moved to its begin. */
static size_t next_label(const char **at)
{
    *at += strspn(*at, ", ");
    return strcspn(*at, ", ");
}

/* "sub-01" is chosen by "01" and "sub-01"; all are without a list. */
static bool is_chosen(const char *list, const char *folder)
{
    if (list == NULL)
        return true;
    for (size_t n = next_label(&list); n > 0; list += n, n = next_label(&list)) {
        const char *label = folder + strlen("sub-");
        if ((strlen(label) == n && strncmp(label, list, n) == 0) ||
            (strlen(folder) == n && strncmp(folder, list, n) == 0))
            return true;
    }
    return false;
}

/* A label somebody asked for that no folder has. */
static void tell_missing(const char *list, const rgq_names *folders, const char *what,
                         rgq_problems *problems)
{
    if (list == NULL)
        return;
    for (size_t n = next_label(&list); n > 0; list += n, n = next_label(&list)) {
        char label[RGQ_BIDS_LABEL_MAX];
        bool found = false;
        (void)snprintf(label, sizeof label, "%.*s", (int)n, list);
        for (size_t i = 0; i < folders->count; i++)
            found = found || is_chosen(label, folders->name[i]);
        if (!found)
            rgq_problem(problems, "the dataset has no %s %s", what, label);
    }
}

/* Folders that begin so. */
static rgq_status list_people(rgq_names *out, const char *folder, const char *prefix,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names all = {NULL, 0};
    rgq_names list = {NULL, 0};

    *out = list;
    if (!rgq_path_is_folder(folder))
        return RGQ_OK;
    RGQ_TRY(err, rgq_folder_list_folders(&all, folder, err));
    for (size_t i = 0; i < all.count; i++)
        if (strncmp(all.name[i], prefix, strlen(prefix)) == 0)
            RGQ_TRY(err, rgq_bids_name_add(&list, all.name[i], err));
    *out = list;
    list = (rgq_names){NULL, 0};
out:
    rgq_names_release(&all);
    rgq_names_release(&list);
    return st;
}

/* ---- a case ---- */

static rgq_status add_case(rgq_case **out, const dataset *set, const char *name,
                           const char *scan, const char *subject, const char *session,
                           rgq_error *err)
{
    char output[512];

    (void)snprintf(output, sizeof output, "cases/%.400s", name);
    RGQ_PASS(err, rgq_study_add(out, set->study, name, scan, output, err));
    (*out)->idle = set->is_idle;
    RGQ_PASS(err, rgq_strdup(&(*out)->subject, subject, err));
    return session != NULL ? rgq_strdup(&(*out)->session, session, err) : RGQ_OK;
}

static rgq_status take_regions(rgq_case *one, const dataset *set, const char *stem,
                               rgq_error *err)
{
    if (set->choice->has_regions)
        return RGQ_OK;
    return rgq_bids_regions_set(one, stem, set->root, &set->derivatives, err);
}

static rgq_status take_tracer(rgq_case *one, const dataset *set, const char *scan,
                              rgq_error *err)
{
    rgq_bids_named named;
    rgq_error why = RGQ_ERROR_INIT;

    if (set->choice->tracer != NULL)
        return RGQ_OK;
    const rgq_status st = rgq_bids_named_read(&named, scan, &why);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s", why.message);
    if (st != RGQ_OK)
        return rgq_case_refuse(one, err, "%s", why.message);
    return rgq_bids_tracer_set(one, &named, "the side file", &set->library, err);
}

static rgq_status add_image(const dataset *set, const char *folder, const char *file,
                            const char *subject, const char *session, rgq_error *err)
{
    char stem[256];
    char path[RGQ_PATH_MAX];
    rgq_case *one = NULL;

    rgq_bids_stem(stem, sizeof stem, file);
    RGQ_PASS(err, rgq_path_join(path, folder, file, err));
    const size_t bare = strlen(stem) - strlen("_pet");
    char name[256];
    (void)snprintf(name, sizeof name, "%.*s", (int)bare, stem);
    RGQ_PASS(err, add_case(&one, set, name, path, subject, session, err));
    if (access(path, F_OK) != 0)
        RGQ_PASS(err, rgq_case_refuse(one, err,
                                      "%s is a link to a file that is not there: fetch it "
                                      "(datalad get, git annex get)",
                                      file));
    RGQ_PASS(err, take_tracer(one, set, path, err));
    return take_regions(one, set, stem, err);
}

/* ---- DICOM below sourcedata ---- */

static rgq_status add_series(const dataset *set, const char *folder, const rgq_dicom_item *item,
                             const char *name, const char *subject, const char *session,
                             rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    char stem[300];
    rgq_case *one = NULL;
    rgq_bids_named named;

    RGQ_PASS(err,
             rgq_path_join(path, folder, item->one_folder ? item->file : item->folder, err));
    RGQ_PASS(err, add_case(&one, set, name, path, subject, session, err));
    if (!item->one_folder)
        RGQ_PASS(err, rgq_case_set(one, "series", item->uid, err));
    rgq_text_copy(named.tracer, sizeof named.tracer, item->tracer);
    rgq_text_copy(named.nuclide, sizeof named.nuclide, item->nuclide);
    if (set->choice->tracer == NULL)
        RGQ_PASS(err, rgq_bids_tracer_set(one, &named, "the DICOM header", &set->library, err));
    (void)snprintf(stem, sizeof stem, "%.250s_pet", name);
    return take_regions(one, set, stem, err);
}

static rgq_status add_sourcedata(const dataset *set, const char *subject, const char *session,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dicom_items items = {NULL, 0};
    char below[2 * RGQ_BIDS_LABEL_MAX + 32];
    char folder[RGQ_PATH_MAX];
    char name[2 * RGQ_BIDS_LABEL_MAX + 32];

    (void)snprintf(below, sizeof below, "sourcedata/%.64s%s%.64s", subject,
                   session != NULL ? "/" : "", session != NULL ? session : "");
    RGQ_TRY(err, rgq_path_join(folder, set->root, below, err));
    if (!rgq_path_is_folder(folder))
        return RGQ_OK;
    RGQ_TRY(err, rgq_dicom_tree_series(&items, folder, set->log, err));
    for (size_t i = 0; i < items.count; i++) {
        (void)snprintf(name, sizeof name, "%.64s%s%.64s", subject, session != NULL ? "_" : "",
                       session != NULL ? session : "");
        if (items.count > 1)
            (void)snprintf(name + strlen(name), sizeof name - strlen(name), "_run-%zu", i + 1);
        RGQ_TRY(err, add_series(set, folder, &items.item[i], name, subject, session, err));
    }
out:
    rgq_dicom_items_release(&items);
    return st;
}

/* ---- the walk ---- */

static rgq_status add_session(const dataset *set, const char *subject, const char *session,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names files = {NULL, 0};
    char below[2 * RGQ_BIDS_LABEL_MAX + 32];
    char folder[RGQ_PATH_MAX];

    (void)snprintf(below, sizeof below, "%.64s%s%.64s/pet", subject, session != NULL ? "/" : "",
                   session != NULL ? session : "");
    RGQ_TRY(err, rgq_path_join(folder, set->root, below, err));
    RGQ_TRY(err, rgq_bids_list(&files, folder, "_pet.nii", "_pet.nii.gz", err));
    for (size_t i = 0; i < files.count; i++)
        RGQ_TRY(err, add_image(set, folder, files.name[i], subject, session, err));
    if (files.count == 0)
        RGQ_TRY(err, add_sourcedata(set, subject, session, err));
out:
    rgq_names_release(&files);
    return st;
}

static bool has_name(const rgq_names *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->name[i], name) == 0)
            return true;
    return false;
}

/* Folders of the dataset and of its sourcedata, each once; those of the dataset first. */
static rgq_status list_both(rgq_names *out, const dataset *set, const char *below,
                            const char *prefix, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names more = {NULL, 0};
    char path[RGQ_PATH_MAX];
    char source[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_path_join(path, set->root, below, err));
    RGQ_TRY(err, list_people(out, path, prefix, err));
    RGQ_TRY(err, rgq_path_join(source, set->root, "sourcedata", err));
    RGQ_TRY(err, rgq_path_join(path, source, below, err));
    RGQ_TRY(err, list_people(&more, path, prefix, err));
    for (size_t i = 0; i < more.count; i++)
        if (!has_name(out, more.name[i]))
            RGQ_TRY(err, rgq_bids_name_add(out, more.name[i], err));
out:
    rgq_names_release(&more);
    return st;
}

static rgq_status add_participant(const dataset *set, const char *subject, rgq_names *seen,
                                  rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names sessions = {NULL, 0};

    if (strlen(subject) >= RGQ_BIDS_LABEL_MAX)
        return RGQ_OK; /* no label: its files cannot be told apart by their names */
    RGQ_TRY(err, list_both(&sessions, set, subject, "ses-", err));
    for (size_t i = 0; i < sessions.count; i++) {
        if (strlen(sessions.name[i]) >= RGQ_BIDS_LABEL_MAX)
            continue;
        if (!has_name(seen, sessions.name[i]))
            RGQ_TRY(err, rgq_bids_name_add(seen, sessions.name[i], err));
        dataset here = *set;
        here.is_idle = set->is_idle || !is_chosen(set->choice->sessions, sessions.name[i]);
        RGQ_TRY(err, add_session(&here, subject, sessions.name[i], err));
    }
    if (sessions.count == 0) {
        dataset here = *set;
        here.is_idle = set->is_idle || set->choice->sessions != NULL;
        RGQ_TRY(err, add_session(&here, subject, NULL, err));
    }
out:
    rgq_names_release(&sessions);
    return st;
}

static rgq_status add_all(const dataset *set, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names people = {NULL, 0};
    rgq_names sessions = {NULL, 0};

    RGQ_TRY(err, list_both(&people, set, ".", "sub-", err));
    tell_missing(set->choice->participants, &people, "participant", set->problems);
    for (size_t i = 0; i < people.count; i++) {
        dataset here = *set;
        here.is_idle = !is_chosen(set->choice->participants, people.name[i]);
        RGQ_TRY(err, add_participant(&here, people.name[i], &sessions, err));
    }
    tell_missing(set->choice->sessions, &sessions, "session", set->problems);
    if (set->study->n_cases == 0 && set->problems->count == 0)
        rgq_problem(set->problems,
                    "no *_pet.nii or *_pet.nii.gz in sub-*/[ses-*/]pet, and no DICOM series of "
                    "PET below sourcedata/sub-*");
out:
    rgq_names_release(&people);
    rgq_names_release(&sessions);
    return st;
}

rgq_status rgq_study_from_bids(rgq_study *out, const char *bids_dir,
                               const rgq_bids_choice *choice, rgq_problems *problems,
                               const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_study study = {.is_bids = true};
    dataset set = {.root = bids_dir, .choice = choice, .problems = problems, .log = log};
    char path[RGQ_PATH_MAX];

    set.study = &study;
    RGQ_TRY(err, rgq_path_join(path, bids_dir, "dataset_description.json", err));
    if (!rgq_path_exists(path)) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT,
                       "%s is no BIDS dataset: there is no dataset_description.json in it; for "
                       "scans without BIDS use --manifest, or --scan-tree for DICOM exports",
                       bids_dir);
        goto out;
    }
    if (choice->tracer == NULL)
        RGQ_TRY(err, rgq_bids_library_load(&set.library, choice->tracers, err));
    if (!choice->has_regions)
        RGQ_TRY(err, rgq_bids_derivatives(&set.derivatives, bids_dir, choice->out_dir, err));
    RGQ_TRY(err, add_all(&set, err));
    *out = study;
    study = (rgq_study){.cases = NULL};
out:
    rgq_names_release(&set.derivatives);
    rgq_bids_library_release(&set.library);
    rgq_study_release(&study);
    return st;
}
