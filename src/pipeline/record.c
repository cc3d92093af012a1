#include "pipeline/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "num/threads.h"
#include "pipeline/build.h"
#include "pipeline/record_dataset.h"

struct rgq_record {
    rgq_json *root;
    rgq_redactor *redactor;
    rgq_json *inputs; /* parts of root, in the order they are printed */
    rgq_json *data_files;
    rgq_json *options;
    rgq_json *header;
    rgq_json *steps;
    rgq_json *warnings;
    rgq_json *citations;
    int n_inputs;
    int n_outputs;
    double began_s;
};

static double now_s(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static rgq_status lay_out(rgq_record *r, const char *command, rgq_error *err)
{
    rgq_json *program = NULL;

    RGQ_PASS(err, rgq_json_set_int(r->root, "format", 1, err));
    RGQ_PASS(err, rgq_json_set_text(r->root, "command", command, err));
    RGQ_PASS(err, rgq_json_add_object(&program, r->root, "program", err));
    RGQ_PASS(err, rgq_build_describe(program, err));
    RGQ_PASS(err, rgq_json_add_array(&r->inputs, r->root, "inputs", err));
    RGQ_PASS(err, rgq_json_add_array(&r->data_files, r->root, "data_files", err));
    RGQ_PASS(err, rgq_json_add_object(&r->options, r->root, "options", err));
    RGQ_PASS(err, rgq_json_add_object(&r->header, r->root, "header", err));
    RGQ_PASS(err, rgq_json_add_array(&r->steps, r->root, "steps", err));
    RGQ_PASS(err, rgq_json_add_array(&r->warnings, r->root, "warnings", err));
    return rgq_json_add_array(&r->citations, r->root, "citations", err);
}

rgq_status rgq_record_create(rgq_record **out, const char *command, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *r = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&r, 1, sizeof *r, err));
    r->began_s = now_s();
    RGQ_TRY(err, rgq_redactor_create(&r->redactor, err));
    RGQ_TRY(err, rgq_json_object(&r->root, err));
    RGQ_TRY(err, lay_out(r, command, err));
    *out = r;
    r = NULL;
out:
    rgq_record_free(r);
    return st;
}

void rgq_record_free(rgq_record *record)
{
    if (record == NULL)
        return;
    rgq_json_free(record->root);
    rgq_redactor_free(record->redactor);
    rgq_free(record);
}

/* ---- files ---- */

static int compare_hex(const void *a, const void *b)
{
    return memcmp(a, b, RGQ_SHA256_TEXT);
}

static rgq_status hash_folder(char hex[RGQ_SHA256_TEXT], size_t *count, const char *folder,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};
    char(*each)[RGQ_SHA256_TEXT] = NULL;

    RGQ_TRY(err, rgq_folder_list(&names, folder, err));
    *count = names.count;
    if (names.count > 0)
        RGQ_TRY(err, rgq_alloc(&each, names.count, sizeof *each, err));
    for (size_t i = 0; i < names.count; i++) {
        char path[RGQ_PATH_MAX];
        RGQ_TRY(err, rgq_path_join(path, folder, names.name[i], err));
        RGQ_TRY(err, rgq_hash_file(each[i], path, err));
    }
    if (names.count > 0)
        qsort(each, names.count, sizeof *each, compare_hex);
    for (size_t i = 0; i < names.count; i++)
        each[i][RGQ_SHA256_TEXT - 1] = '\n';
    RGQ_TRY(err, rgq_hash_bytes(hex, names.count > 0 ? each[0] : "",
                                names.count * RGQ_SHA256_TEXT, err));
out:
    rgq_free(each);
    rgq_names_release(&names);
    return st;
}

/* What a NIfTI file says is partly in the files beside it; messages name them, too. */
static rgq_status hash_neighbours(rgq_record *record, rgq_json *entry, const char *path,
                                  rgq_error *err)
{
    static const char *const endings[] = {".json", ".tsv", "_dseg.tsv"};
    size_t stem = strlen(path);
    char beside[RGQ_PATH_MAX];
    char hex[RGQ_SHA256_TEXT];

    if (rgq_text_ends_with(path, ".nii.gz"))
        stem -= 7;
    else if (rgq_text_ends_with(path, ".nii"))
        stem -= 4;
    else
        return RGQ_OK;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char key[40];
        const int n = snprintf(beside, sizeof beside, "%.*s%s", (int)stem, path, endings[i]);
        if (n < 0 || (size_t)n >= sizeof beside || !rgq_path_exists(beside) ||
            rgq_path_is_folder(beside))
            continue;
        (void)snprintf(key, sizeof key, "<input-%d>%s", record->n_inputs, endings[i]);
        RGQ_PASS(err, rgq_redactor_add(record->redactor, beside, key, err));
        (void)snprintf(key, sizeof key, "sha256 of *%s", endings[i]);
        RGQ_PASS(err, rgq_hash_file(hex, beside, err));
        RGQ_PASS(err, rgq_json_set_text(entry, key, hex, err));
    }
    return RGQ_OK;
}

static rgq_status add_input(rgq_record *record, const char *path, const char *hashed,
                            const char *role, rgq_error *err)
{
    rgq_json *entry = NULL;
    char label[32];
    char hex[RGQ_SHA256_TEXT];
    size_t count = 1;
    const bool folder = rgq_path_is_folder(hashed);

    (void)snprintf(label, sizeof label, "<input-%d>", ++record->n_inputs);
    RGQ_PASS(err, rgq_redactor_add(record->redactor, path, label, err));
    RGQ_PASS(err,
             folder ? hash_folder(hex, &count, hashed, err) : rgq_hash_file(hex, hashed, err));
    RGQ_PASS(err, rgq_json_add_object(&entry, record->inputs, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(entry, "name", label, err));
    RGQ_PASS(err, rgq_json_set_text(entry, "role", role, err));
    RGQ_PASS(err, rgq_json_set_int(entry, "files", (long long)count, err));
    RGQ_PASS(err, rgq_json_set_text(
                      entry, folder ? "sha256 of the sorted sha256 of the files" : "sha256",
                      hex, err));
    if (folder)
        return RGQ_OK;
    RGQ_PASS(err, hash_neighbours(record, entry, hashed, err));
    return strcmp(role, "scan") == 0
               ? rgq_record_dataset(entry, record->redactor, label, hashed, err)
               : RGQ_OK;
}

rgq_status rgq_record_input(rgq_record *record, const char *path, const char *role,
                            rgq_error *err)
{
    return add_input(record, path, path, role, err);
}

rgq_status rgq_record_scan_input(rgq_record *record, const char *path, int n_files,
                                 rgq_error *err)
{
    char folder[RGQ_PATH_MAX] = ".";
    const int length = (int)(rgq_path_base(path) - path);

    if (n_files <= 1 || rgq_path_is_folder(path))
        return add_input(record, path, path, "scan", err);
    if (length > 0)
        (void)snprintf(folder, sizeof folder, "%.*s", length, path);
    return add_input(record, path, folder, "scan", err);
}

rgq_status rgq_record_output(rgq_record *record, const char *path, rgq_error *err)
{
    char label[32] = "<output>";

    if (++record->n_outputs > 1)
        (void)snprintf(label, sizeof label, "<output-%d>", record->n_outputs);
    return rgq_redactor_add(record->redactor, path, label, err);
}

rgq_status rgq_record_data_file(rgq_record *record, const char *path, const char *name,
                                rgq_error *err)
{
    rgq_json *entry = NULL;
    char hex[RGQ_SHA256_TEXT];

    RGQ_PASS(err, rgq_hash_file(hex, path, err));
    RGQ_PASS(err, rgq_json_add_object(&entry, record->data_files, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(entry, "name", name, err));
    return rgq_json_set_text(entry, "sha256", hex, err);
}

/* ---- words ---- */

static rgq_status set_redacted(rgq_json *node, const char *key, const rgq_record *record,
                               const char *text, bool is_word, rgq_error *err)
{
    char *clean = NULL;

    RGQ_PASS(err, is_word ? rgq_redact_word(&clean, record->redactor, text, err)
                          : rgq_redact_text(&clean, record->redactor, text, err));
    const rgq_status st = rgq_json_set_text(node, key, clean, err);
    rgq_free(clean);
    return st;
}

static rgq_status add_fact(rgq_json **out, const rgq_record *record, const char *name,
                           const char *origin, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_add_object(out, record->header, name, err));
    return set_redacted(*out, "origin", record, origin, false, err);
}

static bool is_clock(const char *name)
{
    static const char *const clocks[] = {
        "injection_time_s",  "time_zero_s",    "series_time_s",        "acquisition_time_s",
        "decay_reference_s", "ge_scan_time_s", "siemens_decay_time_s", "calibration_time_s"};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        if (strcmp(name, clocks[i]) == 0)
            return true;
    return false;
}

/* The clock time the others are counted from, so that no time of day is written. */
typedef struct clock_zero {
    const char *key; /* "s_after_injection", ... ; NULL: nothing to count from */
    double time_s;
    bool wraps; /* its date is unknown: differences count within the day */
} clock_zero;

static clock_zero find_zero(const rgq_scan_facts *f)
{
    const bool dated = f->injection_date_known.known && f->injection_date_known.value > 0.5;

    if (f->injection_time_s.known)
        return (clock_zero){"s_after_injection", f->injection_time_s.value, !dated};
    if (f->acquisition_time_s.known)
        return (clock_zero){"s_after_acquisition", f->acquisition_time_s.value, false};
    if (f->series_time_s.known)
        return (clock_zero){"s_after_series", f->series_time_s.value, false};
    return (clock_zero){NULL, 0.0, false};
}

static rgq_status add_real_fact(const rgq_record *record, const char *name,
                                const rgq_fact *fact, clock_zero zero, rgq_error *err)
{
    rgq_json *entry = NULL;

    if (!fact->known)
        return RGQ_OK;
    if (is_clock(name)) {
        if (zero.key == NULL)
            return RGQ_OK;
        double after_s = fact->value - zero.time_s;
        if (zero.wraps)
            after_s -= 86400.0 * floor(after_s / 86400.0);
        RGQ_PASS(err, add_fact(&entry, record, name, fact->origin, err));
        return rgq_json_set_real(entry, zero.key, after_s, err);
    }
    RGQ_PASS(err, add_fact(&entry, record, name, fact->origin, err));
    return rgq_json_set_real(entry, "value", fact->value, err);
}

static rgq_status add_text_fact(const rgq_record *record, const char *name,
                                const rgq_fact_text *fact, clock_zero zero, rgq_error *err)
{
    rgq_json *entry = NULL;
    char hex[RGQ_SHA256_TEXT];

    (void)zero;
    if (!fact->known)
        return RGQ_OK;
    RGQ_PASS(err, add_fact(&entry, record, name, fact->origin, err));
    if (strcmp(name, "series_uid") != 0)
        return set_redacted(entry, "value", record, fact->value, false, err);
    RGQ_PASS(err, rgq_hash_bytes(hex, fact->value, strlen(fact->value), err));
    return rgq_json_set_text(entry, "sha256", hex, err);
}

rgq_status rgq_record_facts(rgq_record *record, const rgq_scan_facts *facts, rgq_error *err)
{
    const clock_zero zero = find_zero(facts);

#define RGQ_REAL_ROW(name, what)                                                               \
    RGQ_PASS(err, add_real_fact(record, #name, &facts->name, zero, err));
#define RGQ_TEXT_ROW(name, what)                                                               \
    RGQ_PASS(err, add_text_fact(record, #name, &facts->name, zero, err));
    RGQ_SCAN_FACTS(RGQ_REAL_ROW, RGQ_TEXT_ROW)
#undef RGQ_REAL_ROW
#undef RGQ_TEXT_ROW
    return RGQ_OK;
}

/* ---- steps ---- */

rgq_status rgq_record_step(rgq_json **out, rgq_record *record, const char *name, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_add_object(out, record->steps, NULL, err));
    return rgq_json_set_text(*out, "step", name, err);
}

/* What each rule for the reference time gives. */
static rgq_status add_rules(rgq_json *step, const rgq_record *record, const rgq_suv_plan *plan,
                            rgq_error *err)
{
    rgq_json *list = NULL;

    if (plan->n_others == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_array(&list, step, "reference_rules", err));
    for (int i = 0; i < plan->n_others && i < RGQ_SUV_OTHERS_MAX; i++) {
        const rgq_suv_other *other = &plan->other[i];
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "rule", other->rule, err));
        RGQ_PASS(err, rgq_json_set_bool(entry, "taken", other->taken, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "s_after_injection", other->reference_s, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "factor", other->factor, err));
        RGQ_PASS(err, set_redacted(entry, "text", record, other->text, false, err));
        RGQ_PASS(err, set_redacted(entry, "origin", record, other->origin, false, err));
    }
    return RGQ_OK;
}

rgq_status rgq_record_plan(rgq_record *record, const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_json *step = NULL;
    rgq_json *inputs = NULL;

    RGQ_PASS(err, rgq_record_step(&step, record, "calibrate", err));
    RGQ_PASS(err, rgq_json_set_text(step, "from", rgq_unit_name(plan->from), err));
    RGQ_PASS(err, rgq_json_set_text(step, "to", rgq_unit_name(plan->to), err));
    RGQ_PASS(err, set_redacted(step, "rule", record, plan->rule, false, err));
    RGQ_PASS(err, rgq_json_set_real(step, "factor", plan->factor, err));
    RGQ_PASS(err, rgq_json_set_bool(step, "per_slice", plan->per_slice, err));
    if (plan->refused[0] != '\0')
        RGQ_PASS(err, set_redacted(step, "suv_refused", record, plan->refused, false, err));
    RGQ_PASS(err, rgq_json_add_array(&inputs, step, "inputs", err));
    for (int i = 0; i < plan->n_inputs && i < RGQ_SUV_STEPS_MAX; i++) {
        const rgq_suv_input *in = &plan->input[i];
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, inputs, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "name", in->name, err));
        if (in->text[0] != '\0')
            RGQ_PASS(err, set_redacted(entry, "text", record, in->text, false, err));
        if (isfinite(in->value)) {
            RGQ_PASS(err, rgq_json_set_real(entry, "value", in->value, err));
            RGQ_PASS(err, rgq_json_set_text(entry, "unit", in->unit, err));
        }
        RGQ_PASS(err, set_redacted(entry, "origin", record, in->origin, false, err));
    }
    return add_rules(step, record, plan, err);
}

rgq_status rgq_record_filter(rgq_record *record, const char *spec,
                             const rgq_filter_report *report, rgq_error *err)
{
    rgq_json *step = NULL;
    const double radius[3] = {report->radius[0], report->radius[1], report->radius[2]};

    RGQ_PASS(err, rgq_record_step(&step, record, "filter", err));
    RGQ_PASS(err, set_redacted(step, "spec", record, spec, true, err));
    RGQ_PASS(err, rgq_json_set_text(step, "name", report->name, err));
    RGQ_PASS(err, rgq_json_set_text(step, "path", rgq_conv_path_name(report->path), err));
    if (report->path == RGQ_CONV_FFT) {
        const double padded[3] = {report->padded[0], report->padded[1], report->padded[2]};
        RGQ_PASS(err, rgq_json_set_text(step, "plans", report->plans, err));
        RGQ_PASS(err, rgq_json_set_reals(step, "padded", padded, 3, err));
        RGQ_PASS(err, rgq_record_cite(record, "Frigo2005", err));
    }
    RGQ_PASS(err, rgq_json_set_text(step, "border", rgq_border_name(report->border), err));
    RGQ_PASS(err, rgq_json_set_reals(step, "radius_voxels", radius, 3, err));
    if (isfinite(report->fwhm_mm[0]))
        RGQ_PASS(err, rgq_json_set_reals(step, "fwhm_mm", report->fwhm_mm, 3, err));
    if (isfinite(report->psf_fwhm_mm[0]))
        RGQ_PASS(err, rgq_json_set_reals(step, "psf_fwhm_mm", report->psf_fwhm_mm, 3, err));
    if (isfinite(report->effective_fwhm_mm[0]))
        RGQ_PASS(err, rgq_json_set_reals(step, "effective_fwhm_mm", report->effective_fwhm_mm,
                                         3, err));
    return RGQ_OK;
}

rgq_status rgq_record_cite(rgq_record *record, const char *key, rgq_error *err)
{
    if (key == NULL || key[0] == '\0')
        return RGQ_OK;
    for (size_t i = 0; i < rgq_json_count(record->citations); i++)
        if (strcmp(rgq_json_text(rgq_json_at(record->citations, i), ""), key) == 0)
            return RGQ_OK;
    return rgq_json_set_text(record->citations, NULL, key, err);
}

/* ---- the end ---- */

static rgq_status add_options(rgq_record *record, const rgq_json *options, rgq_json *run,
                              rgq_error *err)
{
    for (size_t i = 0; i < rgq_json_count(options); i++) {
        const char *name = NULL;
        const rgq_json *option = rgq_json_member(options, i, &name);
        rgq_json *entry = NULL;
        const bool of_run = strcmp(name, "threads") == 0;
        RGQ_PASS(err, rgq_json_add_object(&entry, of_run ? run : record->options,
                                          of_run ? "threads_option" : name, err));
        const char *value = rgq_json_text(rgq_json_get(option, "value"), NULL);
        RGQ_PASS(err, value == NULL ? rgq_json_set_null(entry, "value", err)
                                    : set_redacted(entry, "value", record, value, true, err));
        const char *origin = rgq_json_text(rgq_json_get(option, "origin"), "");
        RGQ_PASS(err, set_redacted(entry, "origin", record, origin, false, err));
    }
    return RGQ_OK;
}

/* As one would type it; words with blanks in quotes. */
static rgq_status add_command_line(rgq_json *run, const rgq_record *record,
                                   const rgq_record_source *source, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text line = RGQ_TEXT_INIT;
    char *word = NULL;

    rgq_text_printf(&line, "rgdquant");
    for (int a = 1; a < source->argc; a++) {
        RGQ_TRY(err, rgq_redact_word(&word, record->redactor, source->argv[a], err));
        const bool quoted = word[0] == '\0' || strpbrk(word, " \t\"'$`\\") != NULL;
        rgq_text_printf(&line, quoted ? " \"%s\"" : " %s", word);
        rgq_free(word);
        word = NULL;
    }
    RGQ_TRY(err, rgq_text_check(&line, err));
    RGQ_TRY(err, rgq_json_set_text(run, "command_line", line.data, err));
out:
    rgq_free(word);
    rgq_text_release(&line);
    return st;
}

rgq_status rgq_record_close(rgq_record *record, const rgq_record_source *source, rgq_error *err)
{
    rgq_json *run = NULL;
    const double began_s = source->began_s > 0.0 ? source->began_s : record->began_s;

    RGQ_PASS(err, rgq_json_add_object(&run, record->root, "run", err));
    RGQ_PASS(err, add_command_line(run, record, source, err));
    RGQ_PASS(err, add_options(record, source->options, run, err));
    RGQ_PASS(err, rgq_json_set_int(run, "threads", rgq_threads_count(), err));
    RGQ_PASS(err, rgq_json_set_real(run, "elapsed_s", now_s() - began_s, err));
    for (size_t i = 0; i < rgq_json_count(source->warnings); i++) {
        const char *text = rgq_json_text(rgq_json_at(source->warnings, i), "");
        RGQ_PASS(err, set_redacted(record->warnings, NULL, record, text, false, err));
    }
    return RGQ_OK;
}

const rgq_json *rgq_record_json(const rgq_record *record)
{
    return record->root;
}

const rgq_redactor *rgq_record_redactor(const rgq_record *record)
{
    return record->redactor;
}

rgq_status rgq_record_write(const rgq_record *record, const char *path, bool force,
                            rgq_error *err)
{
    return rgq_json_write(record->root, path, force, err);
}

rgq_status rgq_record_write_beside(const rgq_record *record, const char *output, bool force,
                                   rgq_error *err)
{
    static const char *const endings[] = {".nii.gz", ".nii", ".tsv", ".json", ".png"};
    size_t stem = strlen(output);
    char path[RGQ_PATH_MAX];

    while (stem > 1 && output[stem - 1] == '/')
        stem--;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (rgq_text_ends_with(output, endings[i])) {
            stem = strlen(output) - strlen(endings[i]);
            break;
        }
    const int n = snprintf(path, sizeof path, "%.*s.run.json", (int)stem, output);
    if (n < 0 || (size_t)n >= sizeof path)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", output);
    return rgq_record_write(record, path, force, err);
}
