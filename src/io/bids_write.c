#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/bids_json.h"
#include "io/blood.h"
#include "io/sidecar.h"
#include "rgdquant/scan_file.h"

/* The dataset on its way: names and folders. */
typedef struct dataset {
    rgq_outdir out;
    char folder[3][RGQ_PATH_MAX]; /* sub-, ses-, pet; made so far */
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

static rgq_status make_folder(dataset *set, const char *above, const char *name, rgq_error *err)
{
    char *path = set->folder[set->n_folders];

    RGQ_PASS(err, rgq_path_join(path, above, name, err));
    if (mkdir(path, 0777) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot make the folder %s: %s", name, strerror(errno));
    set->n_folders++;
    return RGQ_OK;
}

static rgq_status make_folders(dataset *set, const rgq_bids_opts *o, rgq_error *err)
{
    char name[RGQ_BIDS_LABEL_MAX + 8];

    (void)snprintf(name, sizeof name, "sub-%s", set->subject);
    RGQ_PASS(err, make_folder(set, set->out.temp, name, err));
    if (o->session != NULL) {
        (void)snprintf(name, sizeof name, "ses-%s", o->session);
        RGQ_PASS(err, make_folder(set, set->folder[set->n_folders - 1], name, err));
    }
    return make_folder(set, set->folder[set->n_folders - 1], "pet", err);
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

static rgq_status write_people(const dataset *set, const rgq_scan_facts *f, rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;
    char weight[RGQ_REAL_TEXT_MAX];
    char height[RGQ_REAL_TEXT_MAX];

    rgq_text_printf(
        &text, "participant_id\tsex\tbody_weight\theight\nsub-%s\t%s\t%s\t%s\n", set->subject,
        f->sex.known ? f->sex.value : "n/a",
        rgq_format_real(f->weight_kg.known ? f->weight_kg.value : (double)NAN, weight),
        rgq_format_real(f->height_m.known ? f->height_m.value : (double)NAN, height));
    const rgq_status st = write_text(set, "participants.tsv", &text, err);
    rgq_text_release(&text);
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
    return rgq_path_join(out, set->folder[set->n_folders - 1], name, err);
}

static rgq_status write_scan(const dataset *set, const rgq_scan *scan, const rgq_json *side,
                             const rgq_bids_opts *o, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    const rgq_write_opts write = {.force = false, .description = o->description};

    RGQ_PASS(err, path_of(path, set, "_pet.nii.gz", err));
    RGQ_PASS(err, rgq_scan_write_nifti(path, scan->volume, NULL, &write, err));
    RGQ_PASS(err, path_of(path, set, "_pet.json", err));
    return rgq_json_write(side, path, false, err);
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

static rgq_status write_all(dataset *set, const rgq_scan *scan, const rgq_json *side,
                            const rgq_bids_opts *o, rgq_error *err)
{
    RGQ_PASS(err, make_folders(set, o, err));
    RGQ_PASS(err, write_json(set, "dataset_description.json", o, rgq_bids_fill_dataset, err));
    RGQ_PASS(err, write_json(set, "participants.json", o, rgq_bids_fill_people, err));
    RGQ_PASS(err, write_readme(set, err));
    RGQ_PASS(err, write_people(set, &scan->facts, err));
    RGQ_PASS(err, write_scan(set, scan, side, o, err));
    return write_blood(set, scan, o, err);
}

rgq_status rgq_scan_write_bids(const char *folder, const rgq_scan *scan,
                               const rgq_bids_opts *opts, rgq_error *err)
{
    static const rgq_bids_opts plain;
    const rgq_bids_opts *o = opts != NULL ? opts : &plain;
    rgq_status st = RGQ_OK;
    dataset set = {.n_folders = 0};
    rgq_json *side = NULL;

    RGQ_TRY(err, name_all(&set, scan, o, err));
    RGQ_TRY(err, rgq_bids_side_file(&side, scan, o, err));
    RGQ_TRY(err, rgq_outdir_begin(&set.out, folder, false, err));
    RGQ_TRY(err, write_all(&set, scan, side, o, err));
    RGQ_TRY(err, rgq_outdir_commit(&set.out, err));
out:
    abandon(&set);
    rgq_json_free(side);
    return st;
}
