#include "study/result.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/pending.h"
#include "core/text.h"
#include "pipeline/build.h"
#include "pipeline/record.h"

static const char temporary[] = ".rgq-";

static rgq_status path_of(char out[RGQ_PATH_MAX], const rgq_case *one, const char *out_dir,
                          const char *name, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(folder, out_dir, one->output, err));
    if (name == NULL) {
        rgq_text_copy(out, RGQ_PATH_MAX, folder);
        return RGQ_OK;
    }
    return rgq_path_join(out, folder, name, err);
}

bool rgq_result_stands(const rgq_case *one, const char *out_dir)
{
    char path[RGQ_PATH_MAX];
    return path_of(path, one, out_dir, "run.json", NULL) == RGQ_OK && rgq_path_exists(path);
}

/* ---- options ---- */

static int compare_options(const void *a, const void *b)
{
    return strcmp((*(const rgq_case_option *const *)a)->name,
                  (*(const rgq_case_option *const *)b)->name);
}

static bool is_file(const rgq_study_opts *opts, const char *option)
{
    for (int k = 0; k < opts->n_known; k++)
        if (strcmp(opts->known[k].name, option) == 0)
            return opts->known[k].kind == RGQ_WORD_FILE;
    return false;
}

/* In the order of their names; of a file only that there is one, since run.json has its hash
 * and a study may be moved. */
static rgq_status hash_options(char hex[RGQ_SHA256_TEXT], const rgq_case *one,
                               const rgq_study_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    const rgq_case_option **sorted = NULL;
    const int n = one->n_options;

    RGQ_TRY(err, rgq_alloc(&sorted, (size_t)n + 1, sizeof *sorted, err));
    for (int i = 0; i < n; i++)
        sorted[i] = &one->option[i];
    qsort(sorted, (size_t)n, sizeof *sorted, compare_options);
    rgq_text_printf(&text, "rgdquant case 1\n");
    for (int i = 0; i < n; i++)
        rgq_text_printf(&text, "%s=%s\n", sorted[i]->name,
                        is_file(opts, sorted[i]->name) ? "<file>" : sorted[i]->value);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
out:
    rgq_free(sorted);
    rgq_text_release(&text);
    return st;
}

static rgq_status options_path(char out[RGQ_PATH_MAX], const rgq_case *one, const char *out_dir,
                               rgq_error *err)
{
    char name[256];
    char logs[RGQ_PATH_MAX];

    (void)snprintf(name, sizeof name, "%s.options", one->name);
    RGQ_PASS(err, rgq_path_join(logs, out_dir, "logs", err));
    return rgq_path_join(out, logs, name, err);
}

rgq_status rgq_result_note_options(const rgq_case *one, const rgq_study_opts *opts,
                                   rgq_error *err)
{
    char hex[RGQ_SHA256_TEXT];
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, hash_options(hex, one, opts, err));
    hex[RGQ_SHA256_TEXT - 1] = '\n';
    RGQ_PASS(err, options_path(path, one, opts->out_dir, err));
    return rgq_file_write(path, hex, sizeof hex, true, err);
}

static bool same_options(const rgq_case *one, const rgq_study_opts *opts)
{
    char hex[RGQ_SHA256_TEXT];
    char path[RGQ_PATH_MAX];
    char *noted = NULL;
    size_t length = 0;

    const bool same = options_path(path, one, opts->out_dir, NULL) == RGQ_OK &&
                      hash_options(hex, one, opts, NULL) == RGQ_OK &&
                      rgq_file_read(&noted, &length, path, 1024, NULL) == RGQ_OK &&
                      length == sizeof hex && memcmp(noted, hex, sizeof hex - 1) == 0;
    rgq_free(noted);
    return same;
}

/* ---- program and files ---- */

static bool same_json(const rgq_json *a, const rgq_json *b)
{
    char *left = NULL;
    char *right = NULL;
    const bool same = a != NULL && b != NULL && rgq_json_dump(&left, a, NULL) == RGQ_OK &&
                      rgq_json_dump(&right, b, NULL) == RGQ_OK && strcmp(left, right) == 0;

    rgq_free(left);
    rgq_free(right);
    return same;
}

static bool same_program(const rgq_json *run)
{
    rgq_json *now = NULL;
    const bool same = rgq_json_object(&now, NULL) == RGQ_OK &&
                      rgq_build_describe(now, NULL) == RGQ_OK &&
                      same_json(rgq_json_get(run, "program"), now);

    rgq_json_free(now);
    return same;
}

/* What an input of a record is called on the command line. */
static const char *input_path(const rgq_case *one, const char *role)
{
    static const char *const names[][2] = {{"regions", "regions"},
                                           {"search regions", "within"},
                                           {"excluded regions", "exclude"},
                                           {"side file", "side-file"},
                                           {"calibration", "calibration-file"},
                                           {"psf", "psf-file"},
                                           {"uptake calibration", "calibration"}};

    if (strcmp(role, "scan") == 0)
        return one->scan;
    if (strcmp(role, "kernel") == 0) {
        const char *filter = rgq_case_get(one, "filter");
        const char *colon = filter != NULL ? strchr(filter, ':') : NULL;
        return colon != NULL ? colon + 1 : NULL;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(role, names[i][0]) == 0)
            return rgq_case_get(one, names[i][1]);
    return NULL;
}

/* The same inputs, recorded anew. */
static rgq_status record_inputs(rgq_record *record, const rgq_case *one, const rgq_json *inputs,
                                rgq_error *err)
{
    for (size_t i = 0; i < rgq_json_count(inputs); i++) {
        const rgq_json *input = rgq_json_at(inputs, i);
        const char *role = rgq_json_text(rgq_json_get(input, "role"), "");
        const double files = rgq_json_number(rgq_json_get(input, "files"), 1.0);
        const char *path = input_path(one, role);
        if (path == NULL)
            return RGQ_RAISE(err, RGQ_E_NOTFOUND, "no option names the input '%s'", role);
        if (strcmp(role, "scan") == 0)
            RGQ_PASS(err, rgq_record_scan_input(record, path, files > 1.5 ? 2 : 1, err));
        else
            RGQ_PASS(err, rgq_record_input(record, path, role, err));
    }
    return RGQ_OK;
}

static bool same_inputs(const rgq_case *one, const rgq_json *run)
{
    rgq_record *record = NULL;
    const rgq_json *inputs = rgq_json_get(run, "inputs");
    const bool same = rgq_record_create(&record, "quantify", NULL) == RGQ_OK &&
                      record_inputs(record, one, inputs, NULL) == RGQ_OK &&
                      same_json(inputs, rgq_json_get(rgq_record_json(record), "inputs"));

    rgq_record_free(record);
    return same;
}

static bool same_data_files(const rgq_json *run, const char *data_dir)
{
    const rgq_json *files = rgq_json_get(run, "data_files");

    for (size_t i = 0; i < rgq_json_count(files); i++) {
        const rgq_json *file = rgq_json_at(files, i);
        char path[RGQ_PATH_MAX];
        char hex[RGQ_SHA256_TEXT];
        const char *name = rgq_json_text(rgq_json_get(file, "name"), "");
        const char *was = rgq_json_text(rgq_json_get(file, "sha256"), "");
        if (strstr(name, "..") != NULL || rgq_path_join(path, data_dir, name, NULL) != RGQ_OK ||
            rgq_hash_file(hex, path, NULL) != RGQ_OK || strcmp(hex, was) != 0)
            return false;
    }
    return true;
}

bool rgq_result_is_current(const rgq_case *one, const rgq_study_opts *opts, const char **why)
{
    rgq_json *run = NULL;
    char path[RGQ_PATH_MAX];

    *why = NULL;
    if (!rgq_result_stands(one, opts->out_dir))
        *why = "it has no result";
    else if (path_of(path, one, opts->out_dir, "run.json", NULL) != RGQ_OK ||
             rgq_json_load(&run, path, NULL) != RGQ_OK || rgq_json_get(run, "run") == NULL)
        *why = "its run.json cannot be read";
    else if (!same_program(run))
        *why = "the program is another";
    else if (!same_options(one, opts))
        *why = "its options are others";
    else if (!same_data_files(run, opts->data_dir))
        *why = "the file of a tracer, or another data file, has changed";
    else if (!same_inputs(one, run))
        *why = "its inputs have changed";
    rgq_json_free(run);
    return *why == NULL;
}

/* ---- folders ---- */

rgq_status rgq_folders_make(const char *out_dir, const char *relative, bool itself,
                            rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(path, out_dir, relative, err));
    if (mkdir(out_dir, 0777) != 0 && errno != EEXIST)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot make the folder %s: %s", out_dir,
                         strerror(errno));
    char *at = path + strlen(out_dir);
    while (*at == '/')
        at++;
    for (at = strchr(at, '/'); at != NULL || itself; at = strchr(at + 1, '/')) {
        if (at != NULL)
            *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return RGQ_RAISE(err, RGQ_E_IO, "cannot make the folder %s: %s", path,
                             strerror(errno));
        if (at == NULL)
            break;
        *at = '/';
    }
    return RGQ_OK;
}

rgq_status rgq_result_remove(const rgq_case *one, const char *out_dir, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    char away[RGQ_PATH_MAX];

    RGQ_PASS(err, path_of(path, one, out_dir, NULL, err));
    if (!rgq_path_exists(path))
        return RGQ_OK;
    const int folder = (int)(rgq_path_base(path) - path);
    const int n = snprintf(away, sizeof away, "%.*s%sold-XXXXXX", folder, path, temporary);
    if (n < 0 || (size_t)n >= sizeof away)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    if (mkdtemp(away) == NULL || rename(path, away) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot remove the old result %s: %s", path,
                         strerror(errno));
    rgq_pending_remove(away);
    return RGQ_OK;
}

void rgq_folder_sweep(const char *folder)
{
    DIR *dir = opendir(folder);

    if (dir == NULL)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[RGQ_PATH_MAX];
        if (strncmp(e->d_name, temporary, strlen(temporary)) == 0 &&
            rgq_path_join(path, folder, e->d_name, NULL) == RGQ_OK)
            rgq_pending_remove(path);
    }
    (void)closedir(dir);
}

void rgq_results_sweep(const rgq_study *study, const char *out_dir)
{
    char path[RGQ_PATH_MAX];
    char before[RGQ_PATH_MAX] = "";

    rgq_folder_sweep(out_dir);
    if (rgq_path_join(path, out_dir, "logs", NULL) == RGQ_OK)
        rgq_folder_sweep(path);
    for (int i = 0; i < study->n_cases; i++) {
        if (rgq_path_join(path, out_dir, study->cases[i].output, NULL) != RGQ_OK)
            continue;
        path[rgq_path_base(path) - path] = '\0';
        if (strcmp(path, before) != 0) /* as a rule neighbours share their folder */
            rgq_folder_sweep(path);
        rgq_text_copy(before, sizeof before, path);
    }
}
