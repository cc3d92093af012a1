/* The files of each case to where a BIDS dataset has them. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/input.h"
#include "study/derivative.h"
#include "study/result.h"

enum { COPY_BYTES = 1 << 20 };

/* ---- a file ---- */

static rgq_status copy_bytes(FILE *to, FILE *from, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *buffer = NULL;
    size_t n = 0;

    RGQ_TRY(err, rgq_alloc(&buffer, COPY_BYTES, 1, err));
    while ((n = fread(buffer, 1, COPY_BYTES, from)) > 0)
        if (fwrite(buffer, 1, n, to) != n)
            break;
    if (ferror(from) != 0 || ferror(to) != 0 || fflush(to) != 0)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write %s", path);
out:
    rgq_free(buffer);
    return st;
}

static rgq_status copy_file(const char *temp, const char *source, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    FILE *from = fopen(source, "rb");
    FILE *to = fopen(temp, "wb");

    if (from == NULL || to == NULL)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot copy %s to %s", source, temp);
    else
        st = copy_bytes(to, from, temp, err);
    if (to != NULL && fclose(to) != 0 && st == RGQ_OK)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write %s", temp);
    if (from != NULL)
        (void)fclose(from);
    return st;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat two;

    return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

/* A second name for the file where the file system has such, else a copy. */
static rgq_status put(const char *target, const char *source, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_outfile out = {.pending = false};

    if (is_same_file(target, source))
        return RGQ_OK;
    RGQ_TRY(err, rgq_outfile_begin(&out, target, true, err));
    (void)unlink(out.temp);
    if (link(source, out.temp) != 0)
        RGQ_TRY(err, copy_file(out.temp, source, err));
    RGQ_TRY(err, rgq_outfile_commit(&out, err));
out:
    rgq_outfile_abandon(&out);
    return st;
}

/* ---- a case ---- */

/* Numbers of a label map are whole, those of masks are floats: by the header of the file this
 * program wrote, of NIfTI-1 or 2, in the order of this machine. */
static bool is_label_map(const char *path)
{
    unsigned char bytes[352];
    size_t length = 0;
    int size = 0;
    short type = 0;

    if (rgq_input_peek(bytes, &length, sizeof bytes, path, NULL) != RGQ_OK || length < 72)
        return true;
    memcpy(&size, bytes, sizeof size);
    memcpy(&type, bytes + (size == 540 ? 12 : 70), sizeof type);
    return type != 16 && type != 64;
}

static rgq_status place_file(const rgq_case *one, const char *out_dir, const char *folder,
                             const char *file, bool is_map, rgq_error *err)
{
    char source[RGQ_PATH_MAX];
    char name[RGQ_PATH_MAX];
    char target[RGQ_PATH_MAX];

    if (!rgq_derivative_name(name, one, file, is_map))
        return RGQ_OK;
    RGQ_PASS(err, rgq_path_join(source, folder, file, err));
    RGQ_PASS(err, rgq_path_join(target, out_dir, name, err));
    RGQ_PASS(err, rgq_folders_make(out_dir, name, false, err));
    return put(target, source, err);
}

/* Is this a file of the case from an earlier run, whatever its tracer was then? */
static bool is_of_case(const char *file, const rgq_case *one)
{
    static const char *const marks[] = {"_desc-uptake_", "_desc-calibrated_", "_desc-filtered_",
                                        "_desc-pvc_"};
    char stem[256] = "";
    char again[RGQ_DERIVATIVE_STEM_MAX];

    for (size_t m = 0; m < sizeof marks / sizeof marks[0] && stem[0] == '\0'; m++) {
        const char *at = strstr(file, marks[m]);
        if (at != NULL)
            (void)snprintf(stem, sizeof stem, "%.*s", (int)(at - file), file);
    }
    if (stem[0] == '\0' || strcmp(stem, one->name) == 0)
        return stem[0] != '\0';
    const char *tracer = strstr(stem, "_trc-");
    char label[128] = "";
    if (tracer != NULL)
        (void)snprintf(label, sizeof label, "%.*s", (int)strcspn(tracer + strlen("_trc-"), "_"),
                       tracer + strlen("_trc-"));
    rgq_derivative_stem(again, one->name, label);
    return label[0] != '\0' && strcmp(again, stem) == 0;
}

/* Remove what the case has in a folder and has no longer a source for; `kept` are the names
 * of what it has one for. What a killed process left goes, too. */
static rgq_status sweep(const rgq_case *one, const char *out_dir, const char *folder,
                        const rgq_names *kept, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names files = {NULL, 0};
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_path_join(path, out_dir, folder, err));
    if (!rgq_path_is_folder(path))
        return RGQ_OK;
    rgq_folder_sweep(path);
    RGQ_TRY(err, rgq_folder_list(&files, path, err));
    for (size_t i = 0; i < files.count; i++) {
        bool stays = !is_of_case(files.name[i], one);
        for (size_t k = 0; k < kept->count && !stays; k++)
            stays = strcmp(rgq_path_base(kept->name[k]), files.name[i]) == 0;
        if (stays || rgq_path_join(path, out_dir, folder, NULL) != RGQ_OK)
            continue;
        char file[RGQ_PATH_MAX];
        RGQ_TRY(err, rgq_path_join(file, path, files.name[i], err));
        if (unlink(file) != 0) {
            st = RGQ_RAISE(err, RGQ_E_IO, "cannot remove %s, of an earlier run", file);
            goto out;
        }
    }
out:
    rgq_names_release(&files);
    return st;
}

static rgq_status sweep_all(const rgq_case *one, const char *out_dir, const rgq_names *kept,
                            rgq_error *err)
{
    char folder[256];

    (void)snprintf(folder, sizeof folder, "%.64s/figures", one->subject);
    RGQ_PASS(err, sweep(one, out_dir, folder, kept, err));
    (void)snprintf(folder, sizeof folder, "%.64s%s%.64s/pet", one->subject,
                   one->session != NULL ? "/" : "", one->session != NULL ? one->session : "");
    return sweep(one, out_dir, folder, kept, err);
}

/* run.json comes last: where it stands, the others do. */
static rgq_status place_case(const rgq_case *one, const char *out_dir, bool is_done,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names files = {NULL, 0};
    char folder[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];
    bool is_map = true;

    RGQ_TRY(err, rgq_path_join(folder, out_dir, one->output, err));
    if (is_done && rgq_path_is_folder(folder)) {
        RGQ_TRY(err, rgq_folder_list(&files, folder, err));
        RGQ_TRY(err, rgq_path_join(path, folder, "regions.nii.gz", err));
        is_map = is_label_map(path);
        for (size_t i = 0; i < files.count; i++)
            if (strcmp(files.name[i], "run.json") != 0)
                RGQ_TRY(err, place_file(one, out_dir, folder, files.name[i], is_map, err));
        RGQ_TRY(err, place_file(one, out_dir, folder, "run.json", is_map, err));
    }
    for (size_t i = 0; i < files.count; i++) { /* to what they are called there */
        char *name = NULL;
        if (!rgq_derivative_name(path, one, files.name[i], is_map))
            continue;
        RGQ_TRY(err, rgq_strdup(&name, path, err));
        rgq_free(files.name[i]);
        files.name[i] = name;
    }
    RGQ_TRY(err, sweep_all(one, out_dir, &files, err));
out:
    rgq_names_release(&files);
    return st;
}

rgq_status rgq_study_place(const rgq_study *study, const rgq_case_outcome *outcome,
                           const char *bids_dir, const char *out_dir, const rgq_log *log,
                           rgq_error *err)
{
    for (int i = 0; i < study->n_cases; i++) {
        const rgq_case *one = &study->cases[i];
        rgq_error why = RGQ_ERROR_INIT;
        const bool is_done = outcome[i].status == RGQ_CASE_DONE;
        if (one->subject == NULL)
            continue;
        const rgq_status st = place_case(one, out_dir, is_done, &why);
        if (st != RGQ_OK)
            return RGQ_RAISE(err, st, "case %s: %s", one->name, why.message);
        rgq_log_progress(log, "giving results their BIDS names",
                         (double)(i + 1) / (double)study->n_cases);
    }
    RGQ_PASS(err, rgq_subject_pages(study, outcome, out_dir, err));
    return rgq_derivative_describe(bids_dir, out_dir, err);
}
