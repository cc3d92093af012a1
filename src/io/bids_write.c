#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/bids_json.h"
#include "io/bids_table.h"
#include "io/blood.h"
#include "io/sidecar.h"
#include "rgdquant/scan_file.h"

/* The dataset on its way, or the first new folder in one that is there: names and folders. */
typedef struct dataset {
    rgq_outdir out;
    bool adding;                          /* `root` is a dataset already */
    int lock;                             /* of `root` while it is added to, or -1 */
    char root[RGQ_PATH_MAX];              /* where its tables lie (or will, in out.temp) */
    char person[RGQ_PATH_MAX];            /* the folder of the participant */
    char part[3][RGQ_BIDS_LABEL_MAX + 8]; /* "sub-01", "ses-1", "pet" */
    int n_parts;
    char folder[3][RGQ_PATH_MAX]; /* made so far under out.temp */
    int n_folders;
    char stem[256]; /* "sub-01_ses-1_trc-x" */
    char subject[RGQ_BIDS_LABEL_MAX];
} dataset;

static rgq_status check_label(const char *label, const char *option, rgq_error *err)
{
    bool good = label == NULL || (label[0] != '\0' && strlen(label) < 40);

    for (const char *c = label; good && c != NULL && *c != '\0'; c++)
        good = isalnum((unsigned char)*c);
    if (good)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "%s '%.60s': a label of at most 39 letters and digits was needed", option,
                     label);
}

/* Letters and digits of a word; "" if it has none. */
static void label_of(char out[RGQ_BIDS_LABEL_MAX], const char *word)
{
    size_t n = 0;

    for (; *word != '\0' && n < 30; word++)
        if (isalnum((unsigned char)*word))
            out[n++] = *word;
    out[n] = '\0';
}

static void add_entity(char stem[256], const char *key, const char *label)
{
    const size_t n = strlen(stem);

    if (label != NULL && label[0] != '\0')
        (void)snprintf(stem + n, 256 - n, "%s%s-%s", n > 0 ? "_" : "", key, label);
}

static rgq_status name_all(dataset *set, const rgq_scan *scan, const rgq_bids_opts *o,
                           rgq_error *err)
{
    char tracer[RGQ_BIDS_LABEL_MAX] = "";

    RGQ_PASS(err, check_label(o->subject, "--subject", err));
    RGQ_PASS(err, check_label(o->session, "--session", err));
    RGQ_PASS(err, check_label(o->task, "--task", err));
    RGQ_PASS(err, check_label(o->tracer, "--tracer", err));
    if (o->tracer == NULL && scan->facts.radiopharmaceutical.known)
        label_of(tracer, scan->facts.radiopharmaceutical.value);
    (void)snprintf(set->subject, sizeof set->subject, "%s",
                   o->subject != NULL ? o->subject : "01");
    add_entity(set->stem, "sub", set->subject);
    add_entity(set->stem, "ses", o->session);
    add_entity(set->stem, "task", o->task);
    add_entity(set->stem, "trc", o->tracer != NULL ? o->tracer : tracer);
    return RGQ_OK;
}

/* The folder of the image. */
static const char *last_folder(const dataset *set)
{
    return set->n_folders > 0 ? set->folder[set->n_folders - 1] : set->out.temp;
}

static rgq_status make_folder(dataset *set, const char *name, rgq_error *err)
{
    char *path = set->folder[set->n_folders];

    RGQ_PASS(err, rgq_path_join(path, last_folder(set), name, err));
    if (mkdir(path, 0777) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot make the folder %s: %s", name, strerror(errno));
    set->n_folders++;
    return RGQ_OK;
}

static void name_parts(dataset *set, const rgq_bids_opts *o)
{
    (void)snprintf(set->part[set->n_parts++], sizeof set->part[0], "sub-%s", set->subject);
    if (o->session != NULL)
        (void)snprintf(set->part[set->n_parts++], sizeof set->part[0], "ses-%s", o->session);
    (void)snprintf(set->part[set->n_parts++], sizeof set->part[0], "pet");
}

/* ---- a dataset that is there ---- */

/* Two programs that add at once would lose a row; where a folder cannot be locked (some network
 * file systems) that is told. */
static void lock_dataset(dataset *set, const rgq_log *log)
{
    set->lock = open(set->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (set->lock < 0 || flock(set->lock, LOCK_EX) != 0)
        RGQ_WARN(log, "the dataset cannot be locked: add to it by one program at a time");
}

static void unlock_dataset(dataset *set)
{
    if (set->lock >= 0)
        (void)close(set->lock); /* which gives the lock back */
    set->lock = -1;
}

static rgq_status check_dataset(const dataset *set, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char path[RGQ_PATH_MAX];
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_path_join(path, set->root, "dataset_description.json", err));
    RGQ_TRY(err, rgq_json_load(&root, path, err));
    const char *type = rgq_json_text(rgq_json_get(root, "DatasetType"), "raw");
    if (!rgq_text_equal_nocase(type, "raw"))
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "%s is a dataset of type '%.30s', a raw one was needed to add a scan",
                       set->root, type);
out:
    rgq_json_free(root);
    return st;
}

/* Sessions or none, but not both, in one participant. */
static rgq_status check_sessions(const dataset *set, const rgq_bids_opts *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};

    RGQ_TRY(err, rgq_folder_list_folders(&names, set->person, err));
    for (size_t i = 0; i < names.count && st == RGQ_OK; i++) {
        if (o->session == NULL && strncmp(names.name[i], "ses-", 4) == 0)
            st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                           "%s has sessions in that dataset (%.40s); name one with --session",
                           set->part[0], names.name[i]);
        if (o->session != NULL && strcmp(names.name[i], "pet") == 0)
            st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                           "%s has PET outside of sessions in that dataset; a session beside "
                           "it would be lost on readers",
                           set->part[0]);
    }
out:
    rgq_names_release(&names);
    return st;
}

/* The first folder on the way to the image that is not there yet: all that is new lies in it
 * and appears with one rename. */
static rgq_status begin_adding(dataset *set, const rgq_bids_opts *o, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    char next[RGQ_PATH_MAX];
    int k = 0;

    RGQ_PASS(err, check_dataset(set, err));
    RGQ_PASS(err, rgq_path_join(set->person, set->root, set->part[0], err));
    if (rgq_path_exists(set->person))
        RGQ_PASS(err, check_sessions(set, o, err));
    rgq_text_copy(path, sizeof path, set->person);
    while (rgq_path_exists(path)) {
        if (++k == set->n_parts)
            return RGQ_RAISE(err, RGQ_E_IO,
                             "%s%s%s has PET in that dataset already; choose another %s",
                             set->part[0], o->session != NULL ? ", " : "",
                             o->session != NULL ? set->part[1] : "",
                             o->session != NULL ? "--subject or --session" : "--subject");
        RGQ_PASS(err, rgq_path_join(next, path, set->part[k], err));
        rgq_text_copy(path, sizeof path, next);
    }
    RGQ_PASS(err, rgq_outdir_begin(&set->out, path, false, err));
    if (k == 0)
        rgq_text_copy(set->person, sizeof set->person, set->out.temp);
    while (++k < set->n_parts)
        RGQ_PASS(err, make_folder(set, set->part[k], err));
    return RGQ_OK;
}

static rgq_status begin_new(dataset *set, const char *folder, rgq_error *err)
{
    RGQ_PASS(err, rgq_outdir_begin(&set->out, folder, false, err));
    rgq_text_copy(set->root, sizeof set->root, set->out.temp);
    for (int k = 0; k < set->n_parts; k++)
        RGQ_PASS(err, make_folder(set, set->part[k], err));
    rgq_text_copy(set->person, sizeof set->person, set->folder[0]);
    return RGQ_OK;
}

static rgq_status begin(dataset *set, const char *folder, const rgq_bids_opts *o,
                        rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    name_parts(set, o);
    RGQ_PASS(err, rgq_path_join(path, folder, "dataset_description.json", err));
    set->adding = rgq_path_exists(path);
    if (!set->adding)
        return begin_new(set, folder, err);
    rgq_text_copy(set->root, sizeof set->root, folder);
    lock_dataset(set, o->log);
    if (o->name != NULL || o->authors != NULL)
        RGQ_WARN(o->log, "the dataset is there already; its name and authors stay as they are");
    return begin_adding(set, o, err);
}

/* Nothing is left of a dataset that failed; no allocation here. */
static void abandon(dataset *set)
{
    if (!set->out.pending)
        return;
    while (set->n_folders > 0) {
        const char *folder = set->folder[--set->n_folders];
        DIR *dir = opendir(folder);
        for (const struct dirent *e = dir != NULL ? readdir(dir) : NULL; e != NULL;
             e = readdir(dir)) {
            char path[RGQ_PATH_MAX];
            if (e->d_name[0] != '.' && rgq_path_join(path, folder, e->d_name, NULL) == RGQ_OK)
                (void)unlink(path);
        }
        if (dir != NULL)
            (void)closedir(dir);
        (void)rmdir(folder);
    }
    rgq_outdir_abandon(&set->out);
}

/* ---- files at the root ---- */

static rgq_status write_text(const dataset *set, const char *name, const rgq_text *text,
                             rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_text_check(text, err));
    RGQ_PASS(err, rgq_path_join(path, set->out.temp, name, err));
    return rgq_file_write(path, text->data, text->length, false, err);
}

static rgq_status write_readme(const dataset *set, rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;

    rgq_text_printf(
        &text, "PET in BIDS, written by rgdquant.\n\n"
               "One image and its side file for each scan. Times in a side file count from\n"
               "TimeZero. Where ClockTimes says so, TimeZero is no time of day but the\n"
               "injection. Keys that hold \"n/a\" were not known to the source.\n"
               "Weight, height and sex of a participant are in participants.tsv.\n");
    const rgq_status st = write_text(set, "README", &text, err);
    rgq_text_release(&text);
    return st;
}

/* Participants that are in the dataset. */
static rgq_status list_people(rgq_names *out, const char *root, rgq_error *err)
{
    size_t n = 0;

    RGQ_PASS(err, rgq_folder_list_folders(out, root, err));
    for (size_t i = 0; i < out->count; i++) {
        char *name = out->name[i];
        if (strncmp(name, "sub-", 4) == 0) {
            out->name[i] = out->name[n];
            out->name[n++] = name;
        }
    }
    while (out->count > n)
        rgq_free(out->name[--out->count]);
    return RGQ_OK;
}

/* participants.tsv, and the weight on the day where there are sessions. `*own` is set where the
 * tables say otherwise than the scan. */
static rgq_status write_people(rgq_bids_conflict *own, const dataset *set,
                               const rgq_scan_facts *f, const rgq_bids_opts *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names others = {NULL, 0};
    char stem[RGQ_BIDS_LABEL_MAX + 24];
    const rgq_bids_row person = {.column = "participant_id",
                                 .id = set->part[0],
                                 .facts = f,
                                 .with_sex = true,
                                 .quiet = o->session != NULL,
                                 .log = o->log};
    const rgq_bids_row visit = {
        .column = "session_id", .id = set->part[1], .facts = f, .log = o->log};

    RGQ_TRY(err, list_people(&others, set->root, err));
    RGQ_TRY(err, rgq_bids_table_add(own, set->root, "participants", &person, &others, err));
    if (o->session != NULL) {
        (void)snprintf(stem, sizeof stem, "%s_sessions", set->part[0]);
        RGQ_TRY(err, rgq_bids_table_add(own, set->person, stem, &visit, NULL, err));
    }
out:
    rgq_names_release(&others);
    return st;
}

static rgq_status write_json(const dataset *set, const char *name, const rgq_bids_opts *o,
                             rgq_status (*fill)(rgq_json *, const rgq_bids_opts *, rgq_error *),
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, fill(root, o, err));
    RGQ_TRY(err, rgq_path_join(path, set->out.temp, name, err));
    RGQ_TRY(err, rgq_json_write(root, path, false, err));
out:
    rgq_json_free(root);
    return st;
}

/* ---- files of the scan ---- */

static rgq_status path_of(char out[RGQ_PATH_MAX], const dataset *set, const char *ending,
                          rgq_error *err)
{
    char name[320];

    (void)snprintf(name, sizeof name, "%s%s", set->stem, ending);
    return rgq_path_join(out, last_folder(set), name, err);
}

/* A weight the tables deny goes into the side file, which is nearer. */
static rgq_status write_side(const dataset *set, const rgq_scan_facts *f, rgq_json *side,
                             const rgq_bids_conflict *own, rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    if (own->weight)
        RGQ_PASS(err, rgq_json_set_real(side, "PatientWeight", f->weight_kg.value, err));
    if (own->height)
        RGQ_PASS(err, rgq_json_set_real(side, "PatientSize", f->height_m.value, err));
    if (own->sex)
        RGQ_PASS(err, rgq_json_set_text(side, "PatientSex", f->sex.value, err));
    RGQ_PASS(err, path_of(path, set, "_pet.json", err));
    return rgq_json_write(side, path, false, err);
}

static rgq_status write_image(const dataset *set, const rgq_scan *scan, const rgq_bids_opts *o,
                              rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    const rgq_write_opts write = {.force = false, .description = o->description};

    RGQ_PASS(err, path_of(path, set, "_pet.nii.gz", err));
    return rgq_scan_write_nifti(path, scan->volume, NULL, &write, err);
}

static rgq_status write_blood(const dataset *set, const rgq_scan *scan, const rgq_bids_opts *o,
                              rgq_error *err)
{
    const double shift_s = rgq_sidecar_shift_s(scan->volume, &scan->facts);
    char path[RGQ_PATH_MAX];
    char ending[64];

    for (int i = 0; i < o->n_blood; i++) {
        char label[RGQ_BIDS_LABEL_MAX];
        label_of(label, o->blood[i].recording);
        (void)snprintf(ending, sizeof ending, "_recording-%.30s_blood",
                       label[0] != '\0' ? label : "manual");
        RGQ_PASS(err, path_of(path, set, ending, err));
        RGQ_PASS(err, rgq_blood_write(path, &o->blood[i], isfinite(shift_s) ? shift_s : 0.0,
                                      false, err));
    }
    return RGQ_OK;
}

/* The tables last but for the side file and the rename: what fails before leaves them alone. A
 * row without a folder, after a crash between the two, is taken up by the next attempt. */
static rgq_status write_all(dataset *set, const rgq_scan *scan, rgq_json *side,
                            const rgq_bids_opts *o, rgq_error *err)
{
    rgq_bids_conflict own = {false, false, false};

    if (!set->adding) {
        RGQ_PASS(err,
                 write_json(set, "dataset_description.json", o, rgq_bids_fill_dataset, err));
        RGQ_PASS(err, write_readme(set, err));
    }
    RGQ_PASS(err, write_image(set, scan, o, err));
    RGQ_PASS(err, write_blood(set, scan, o, err));
    RGQ_PASS(err, write_people(&own, set, &scan->facts, o, err));
    return write_side(set, &scan->facts, side, &own, err);
}

rgq_status rgq_scan_write_bids(const char *folder, const rgq_scan *scan,
                               const rgq_bids_opts *opts, rgq_error *err)
{
    static const rgq_bids_opts plain;
    const rgq_bids_opts *o = opts != NULL ? opts : &plain;
    rgq_status st = RGQ_OK;
    dataset set = {.lock = -1};
    rgq_json *side = NULL;

    RGQ_TRY(err, name_all(&set, scan, o, err));
    RGQ_TRY(err, rgq_bids_side_file(&side, scan, o, err));
    RGQ_TRY(err, begin(&set, folder, o, err));
    RGQ_TRY(err, write_all(&set, scan, side, o, err));
    RGQ_TRY(err, rgq_outdir_commit(&set.out, err));
out:
    abandon(&set);
    unlock_dataset(&set);
    rgq_json_free(side);
    return st;
}
