/* rgdquant batch BIDS_DIR OUT_DIR participant | BIDS_DIR OUT_DIR group
 * rgdquant batch --manifest CASES.tsv OUT_DIR | --scan-tree DIR CASES.tsv */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/batch_forms.h"
#include "cli/batch_submit.h"
#include "cli/batch_words.h"
#include "cli/commands.h"
#include "cli/quantify_words.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "num/threads.h"
#include "rgdquant/study.h"

typedef struct batch_opts {
    const char *word[3];
    const char *manifest;
    const char *scan_tree;
    const char *participants;
    const char *sessions;
    int jobs;
    double mem_gb;
    double time_min;
    bool resume;
    int only;
    const char *submit;
    const char *sbatch;
    const char *tracer;
    rgq_quantify_words words;
} batch_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(batch_opts, word[0], "BIDS_DIR", "",
                 "BIDS dataset; left out with --manifest and --scan-tree"),
    RGQ_ARGUMENT(batch_opts, word[1], "OUT_DIR", "",
                 "folder for the results of all cases; with --scan-tree: the table to write"),
    RGQ_ARGUMENT(
        batch_opts, word[2], "LEVEL", "",
        "participant: run the cases of a BIDS dataset; group: merge what is in OUT_DIR "
        "into group_measures.tsv and group.html"),
    RGQ_TEXT(batch_opts, participants, "participant-label", "LABELS", "",
             "of a BIDS dataset: these alone, with commas between them; with or without sub-"),
    RGQ_TEXT(batch_opts, sessions, "session-label", "LABELS", "",
             "of a BIDS dataset: these alone, with commas between them; with or without ses-"),
    RGQ_TEXT(batch_opts, scan_tree, "scan-tree", "DIR", "",
             "folder of DICOM exports in any order: write a manifest of its series, to be "
             "looked at"),
    RGQ_TEXT(
        batch_opts, manifest, "manifest", "CASES.tsv", "",
        "table of the cases: columns case, scan, and any of tracer, output and the options "
        "below (weight_kg, regions, ...); paths count from its folder"),
    RGQ_INT(batch_opts, jobs, "jobs", "N", "0", 0, 1024,
            "cases at a time; 0: one for each core. Each gets its share of the cores, or "
            "--threads"),
    RGQ_REAL(batch_opts, mem_gb, "mem-gb", "GB", "", 0.01, 1e6,
             "most memory (address space) of one case; one that needs more fails"),
    RGQ_REAL(batch_opts, time_min, "time-min", "min", "", 1e-4, 1e6,
             "longest time of one case; one that takes longer is ended"),
    RGQ_FLAG(batch_opts, resume, "resume",
             "run what is missing, what failed, and what was made from other inputs, options "
             "or another version of the program; leave the rest alone"),
    RGQ_INT(batch_opts, only, "only", "N", "0", 0, 10000000,
            "case N of the list alone, from 1; 0: all. Several such runs may share OUT_DIR"),
    RGQ_CHOICE(batch_opts, submit, "submit", "", "slurm",
               "hand the cases to Slurm: a task each, of --threads cores (1), --mem-gb and "
               "--time-min, at most --jobs at a time; then a job that does 'group'"),
    RGQ_TEXT(batch_opts, sbatch, "sbatch", "WORDS", "",
             "with --submit: more words for sbatch (--sbatch='--partition=long --account=x'), "
             "cut at blanks"),
    RGQ_TEXT(batch_opts, tracer, "tracer", "ID", "",
             "of the cases that name none; 'rgdquant tracer list' shows the ids"),
    RGQ_QUANTIFY_OPTIONS(batch_opts, words),
};

/* ---- how many at a time ---- */

static void share_cores(rgq_study_opts *how, const batch_opts *o, const rgq_context *context,
                        int n_cases)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    const int all = online > 0 ? (int)online : 1;
    const int threads = context->shared.threads;
    const int cores = threads > 0 ? all : rgq_threads_count();

    how->jobs = o->jobs > 0 ? o->jobs : threads > 0 ? cores / threads : cores;
    if (how->jobs > n_cases)
        how->jobs = n_cases;
    if (how->jobs < 1)
        how->jobs = 1;
    how->threads = threads > 0 ? threads : cores / how->jobs;
    if (how->threads < 1)
        how->threads = 1;
}

/* ---- what is printed ---- */

/* Of the cases that were chosen. */
static int count_status(const rgq_study *study, const rgq_case_outcome *outcome, bool done)
{
    int count = 0;
    for (int i = 0; i < study->n_cases; i++)
        count += !study->cases[i].idle && (outcome[i].status == RGQ_CASE_DONE) == done ? 1 : 0;
    return count;
}

static rgq_status print_json(FILE *to, const rgq_study *study, const rgq_case_outcome *outcome,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;
    const int n = study->n_cases;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "done", count_status(study, outcome, true), err));
    RGQ_TRY(err, rgq_json_set_int(root, "failed", count_status(study, outcome, false), err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "cases", err));
    for (int i = 0; i < n; i++) {
        rgq_json *entry = NULL;
        const char *status = rgq_case_status_name(outcome[i].status);
        RGQ_TRY(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "case", study->cases[i].name, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "status", status, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "reason", outcome[i].reason, err));
        RGQ_TRY(err, rgq_json_set_bool(entry, "ran", outcome[i].ran, err));
        RGQ_TRY(err, rgq_json_set_real(entry, "seconds", outcome[i].seconds, err));
        RGQ_TRY(err, rgq_json_set_real(entry, "peak_mb", outcome[i].peak_mb, err));
        RGQ_TRY(err, rgq_json_set_text(entry, "output", study->cases[i].output, err));
    }
    RGQ_TRY(err, rgq_json_print(to, root, err));
out:
    rgq_json_free(root);
    return st;
}

static void print_summary(FILE *to, const rgq_study *study, const rgq_case_outcome *outcome)
{
    int ran = 0;

    for (int i = 0; i < study->n_cases; i++) {
        ran += outcome[i].ran;
        if (outcome[i].status != RGQ_CASE_DONE && !study->cases[i].idle)
            fprintf(to, "%s\t%s\t%s\n", study->cases[i].name,
                    rgq_case_status_name(outcome[i].status), outcome[i].reason);
    }
    const int done = count_status(study, outcome, true);
    const int bad = count_status(study, outcome, false);
    fprintf(to, "%d of %d cases done, %d not; %d run now\n", done, done + bad, bad, ran);
}

/* ---- the run ---- */

static rgq_status find_in_dataset(rgq_study *study, const rgq_batch_line *line,
                                  const batch_opts *o, rgq_context *context,
                                  rgq_problems *problems, rgq_error *err)
{
    char tracers[RGQ_PATH_MAX];
    rgq_bids_choice choice = {.participants = o->participants,
                              .sessions = o->sessions,
                              .tracers = tracers,
                              .tracer = o->tracer,
                              .out_dir = line->out_dir};

    RGQ_PASS(err, rgq_context_data_path(tracers, sizeof tracers, context, "tracers", err));
    choice.has_regions = o->words.regions != NULL || o->words.segment != NULL;
    return rgq_study_from_bids(study, line->bids_dir, &choice, problems, &context->log, err);
}

/* The other cases belong to other tasks: neither looked at nor counted. */
static rgq_status choose_only(rgq_study *study, const batch_opts *o, rgq_context *context,
                              rgq_error *err)
{
    if (o->only > study->n_cases)
        return rgq_context_word(context,
                                RGQ_RAISE(err, RGQ_E_ARGUMENT, "--only %d: there are %d cases",
                                          o->only, study->n_cases));
    for (int i = 0; o->only > 0 && i < study->n_cases; i++)
        study->cases[i].idle = study->cases[i].idle || i != o->only - 1;
    return RGQ_OK;
}

static rgq_status find_cases(rgq_study *study, const rgq_batch_words *words,
                             const rgq_batch_line *line, const batch_opts *o,
                             rgq_context *context, rgq_error *err)
{
    rgq_problems problems = {.log = &context->log};
    const char *where = line->form == RGQ_BATCH_BIDS ? line->bids_dir : o->manifest;

    if (line->form == RGQ_BATCH_BIDS)
        RGQ_PASS(err, find_in_dataset(study, line, o, context, &problems, err));
    else
        RGQ_PASS(err, rgq_study_from_manifest(study, o->manifest, words->word, words->count,
                                              &problems, err));
    RGQ_PASS(err, choose_only(study, o, context, err));
    RGQ_PASS(err, rgq_batch_words_template(study, words, context, err));
    rgq_study_check(study, words->word, words->count, &problems);
    rgq_batch_words_check(study, context, &problems);
    return rgq_context_word(context, rgq_problems_end(&problems, where, err));
}

enum { COMMON_MAX = 4, DATA_WORD_MAX = RGQ_PATH_MAX + 16 };

/* Shared options that each case is given as well. */
static void list_common(const char *common[COMMON_MAX], char *data_word,
                        const rgq_context *context)
{
    int n = 0;

    if (context->shared.verbose)
        common[n++] = "--verbose";
    if (context->shared.data_dir != NULL) {
        (void)snprintf(data_word, DATA_WORD_MAX, "--data-dir=%s", context->shared.data_dir);
        common[n++] = data_word;
    }
    common[n] = NULL;
}

static rgq_status run_cases(rgq_case_outcome *outcome, const rgq_study *study,
                            const rgq_batch_words *words, const rgq_batch_line *line,
                            const batch_opts *o, rgq_context *context, rgq_error *err)
{
    rgq_study_opts how = RGQ_STUDY_OPTS_INIT;
    char data_dir[RGQ_PATH_MAX];
    char data_word[DATA_WORD_MAX];
    const char *common[COMMON_MAX];

    RGQ_PASS(err, rgq_context_data_path(data_dir, sizeof data_dir, context, "tracers", err));
    data_dir[rgq_path_base(data_dir) - data_dir] = '\0';
    list_common(common, data_word, context);
    how.out_dir = line->out_dir;
    how.program = "/proc/self/exe"; /* this program, also if its file is replaced meanwhile */
    how.data_dir = data_dir;
    how.common = common;
    how.known = words->word;
    how.n_known = words->count;
    how.mem_mb = isfinite(o->mem_gb) ? 1024.0 * o->mem_gb : 0.0;
    how.time_s = isfinite(o->time_min) ? 60.0 * o->time_min : 0.0;
    how.resume = o->resume;
    how.force = context->shared.force;
    how.only = o->only - 1;
    share_cores(&how, o, context, o->only > 0 ? 1 : study->n_cases);
    RGQ_DEBUG(&context->log, "%d cases at a time, %d threads each", how.jobs, how.threads);
    RGQ_PASS(err, rgq_study_run(outcome, study, &how, &context->log, err));
    if (!study->is_bids)
        return RGQ_OK;
    if (o->only > 0)
        return rgq_study_place_task(study, line->bids_dir, line->out_dir, &context->log, err);
    return rgq_study_place(study, outcome, line->bids_dir, line->out_dir, &context->log, err);
}

static rgq_status submit_study(rgq_context *context, const rgq_study *study,
                               const batch_opts *o, const rgq_batch_line *line, rgq_error *err)
{
    rgq_submit_opts how = RGQ_SUBMIT_OPTS_INIT;

    how.out_dir = line->out_dir;
    how.site_words = o->sbatch;
    how.at_a_time = o->jobs;
    how.mem_mb = isfinite(o->mem_gb) ? 1024.0 * o->mem_gb : 0.0;
    how.time_s = isfinite(o->time_min) ? 60.0 * o->time_min : 0.0;
    return rgq_batch_submit(context, study, &how, err);
}

static rgq_status run_study(rgq_context *context, const batch_opts *o,
                            const rgq_batch_line *line, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_batch_words words;
    rgq_study study = {.cases = NULL};
    rgq_case_outcome *outcome = NULL;

    if (o->resume && context->shared.force)
        return rgq_context_word(
            context, RGQ_RAISE(err, RGQ_E_ARGUMENT,
                               "--resume keeps results, --force replaces them: give one"));
    rgq_batch_words_list(&words);
    RGQ_TRY(err, find_cases(&study, &words, line, o, context, err));
    if (o->submit != NULL && o->only == 0) { /* a task may read --submit in a --config */
        RGQ_TRY(err, submit_study(context, &study, o, line, err));
        goto out;
    }
    RGQ_TRY(err, rgq_alloc(&outcome, (size_t)study.n_cases, sizeof *outcome, err));
    RGQ_TRY(err, run_cases(outcome, &study, &words, line, o, context, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context->out, &study, outcome, err));
    else
        print_summary(context->out, &study, outcome);
    if (count_status(&study, outcome, false) > 0)
        context->exit_code = 4;
out:
    rgq_free(outcome);
    rgq_study_release(&study);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const batch_opts *o = opts;
    rgq_batch_line line = {.word = {o->word[0], o->word[1], o->word[2]},
                           .manifest = o->manifest,
                           .scan_tree = o->scan_tree,
                           .has_labels = o->participants != NULL || o->sessions != NULL};

    RGQ_PASS(err, rgq_context_word(context, rgq_batch_sort(&line, err)));
    if (line.form == RGQ_BATCH_GROUP)
        return rgq_batch_group(context, line.out_dir, err);
    if (line.form == RGQ_BATCH_TREE)
        return rgq_batch_tree(context, o->scan_tree, line.out_dir, err);
    return run_study(context, o, &line, err);
}

static const char *const cites[] = {"IglewiczHoaglin1993", NULL};

const rgq_command rgq_cmd_batch = {
    .name = "batch",
    .group = "Main",
    .summary = "quantify for many scans: a study",
    .description =
        "Runs 'rgdquant quantify' for every case of a study, each in a process of its own. An\n"
        "option given here is that of every case whose row says nothing of it. What is wrong\n"
        "with the list (columns, names, values, files that are not there) is told at once,\n"
        "before the first case starts.\n"
        "\n"
        "The cases of a BIDS dataset are its *_pet.nii[.gz]; a participant and session "
        "without\n"
        "any is looked for as DICOM below sourcedata/sub-*/[ses-*/]. The tracer is the one of\n"
        "the library that the side file names (--tracer overrides), weight and height come\n"
        "from participants.tsv or sessions.tsv, regions from the one\n"
        "derivatives/*/sub-*/[ses-*/]pet/*_dseg.nii.gz of the same entities (else anat/), or\n"
        "from --segment. OUT_DIR becomes a BIDS derivative: dataset_description.json,\n"
        "sub-*.html, sub-*/[ses-*/]pet/*_desc-uptake_measures.tsv, _dseg.nii.gz, _report.html\n"
        "and so on; cases/ holds the results as they were made (the same files).\n"
        "\n"
        "The level group ('batch BIDS_DIR OUT_DIR group', or 'batch OUT_DIR group' for any\n"
        "study) merges what is done into group_measures.tsv, with its JSON file, and makes\n"
        "group.html: what failed, what is far from the others (robust z above 3.5 over the\n"
        "cases of a region and tracer, from five on), a picture of every case.\n"
        "\n"
        "--scan-tree lists the series in a folder of DICOM exports as a manifest. The names "
        "of\n"
        "its cases are numbers of patients, studies and series and say nothing of a person;\n"
        "the paths are those of the files, so keep the table with the scans.\n"
        "\n"
        "A case that fails, crashes, hangs (--time-min), needs too much memory (--mem-gb) or\n"
        "finds the disk full is a row of OUT_DIR/cases.tsv: case, status (done, failed,\n"
        "timeout, killed, skipped), reason, seconds, peak_mb, output. The others go on, and\n"
        "the exit code is 4. What a case said is in OUT_DIR/logs/<case>.log, its results are\n"
        "in OUT_DIR/<output> (or OUT_DIR/<case>), whole or not at all.\n"
        "\n"
        "All cases are in one unit: --unit, SUVbw unless given. A case that cannot reach it\n"
        "fails with the reason.\n"
        "\n"
        "After Ctrl-C, a crash or a power cut run the same line with --resume: what is\n"
        "missing or failed, and what was made from other inputs, options or by another\n"
        "version, is run again, and nothing else. The numbers do not depend on --jobs.\n"
        "\n"
        "On a cluster: --submit slurm, for the same line. What is up to date is kept; tasks\n"
        "whose node dies are run again; a failed case is a row of cases.tsv, not a failed\n"
        "task. For Snakemake there is share/rgdquant/Snakefile.",
    .examples = "rgdquant batch dataset dataset/derivatives/rgdquant participant --jobs 2\n"
                "rgdquant batch dataset dataset/derivatives/rgdquant group\n"
                "rgdquant batch --scan-tree exports cases.tsv\n"
                "rgdquant batch --manifest cases.tsv study --tracer 18F-fluciclatide --jobs 2\n"
                "rgdquant batch --manifest cases.tsv study --tracer 18F-fluciclatide --resume\n"
                "rgdquant batch --manifest cases.tsv study --tracer 18F-fluciclatide "
                "--submit slurm --jobs 100\n"
                "printf 'case\\tscan\\tregions\\tweight_kg\\n"
                "p1\\tp1.nii.gz\\tp1_labels.nii.gz\\t71\\n' >cases.tsv",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(batch_opts),
    .run = run,
};
