/* What is wrong with a list of cases, all of it, before the first one starts. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/study.h"

enum { NAME_MAX_BYTES = 128, OUTPUT_MAX_BYTES = 512 };

void rgq_problem(rgq_problems *problems, const char *format, ...)
{
    char line[RGQ_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    RGQ_WARN(problems->log, "%s", line);
    const size_t used = strlen(problems->text);
    const size_t room = sizeof problems->text - used;
    if (strlen(line) + 3 <= room)
        (void)snprintf(problems->text + used, room, "%s%s", used > 0 ? "; " : "", line);
    else if (used == 0)
        rgq_text_copy(problems->text, room, line);
    problems->count++;
}

rgq_status rgq_problems_end(const rgq_problems *problems, const char *where, rgq_error *err)
{
    if (problems->count == 0)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: %d problem%s, nothing was started: %s", where,
                     problems->count, problems->count == 1 ? "" : "s", problems->text);
}

/* Letters, digits and _ . - so that a name is one word of a shell, a table and a file name. */
static bool is_safe(const char *name, size_t length)
{
    if (length == 0 || name[0] == '.' || name[0] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        const char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '.' || c == '-'))
            return false;
    }
    return true;
}

static bool is_safe_path(const char *path)
{
    for (const char *at = path;; at++) {
        const size_t length = strcspn(at, "/");
        if (!is_safe(at, length))
            return false;
        at += length;
        if (*at == '\0')
            return strlen(path) <= OUTPUT_MAX_BYTES;
    }
}

static void check_names(const rgq_case *one, rgq_problems *problems)
{
    static const char *const ours[] = {
        "logs",       "cases.tsv",          "cases.json",         "dataset_description.json",
        "group.html", "group_measures.tsv", "group_measures.json"};

    if (!is_safe(one->name, strlen(one->name)) || strlen(one->name) > NAME_MAX_BYTES)
        rgq_problem(problems,
                    "case '%.60s': a name has letters, digits, _ . - only, begins with none of "
                    ". -, and has at most %d bytes",
                    one->name, NAME_MAX_BYTES);
    else if (!is_safe_path(one->output))
        rgq_problem(problems,
                    "case %s: output '%.60s' must be a folder inside OUT_DIR, of letters, "
                    "digits, _ . - and /",
                    one->name, one->output);
    const size_t head = strcspn(one->output, "/");
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strlen(ours[i]) == head && strncmp(ours[i], one->output, head) == 0)
            rgq_problem(problems, "case %s: output '%s' is a name the batch itself uses",
                        one->name, one->output);
}

static void check_file(const rgq_case *one, const char *what, const char *path,
                       rgq_problems *problems)
{
    if (!rgq_path_is_folder(path) && !rgq_path_exists(path))
        rgq_problem(problems, "case %s: there is no %s %s", one->name, what, path);
}

static void check_words(const rgq_case *one, const rgq_case_word *known, int n_known,
                        rgq_problems *problems)
{
    for (int k = 0; k < n_known; k++) {
        const char *value = rgq_case_get(one, known[k].name);
        if (value == NULL)
            continue;
        if (known[k].kind == RGQ_WORD_FILE)
            check_file(one, known[k].name, value, problems);
        if (known[k].kind == RGQ_WORD_FLAG && strcmp(value, "yes") != 0 &&
            strcmp(value, "no") != 0)
            rgq_problem(problems, "case %s: %s is '%.40s': yes or no is needed", one->name,
                        known[k].name, value);
    }
    if (rgq_case_get(one, "tracer") == NULL)
        rgq_problem(problems,
                    "case %s: no tracer; give a column 'tracer' or --tracer ID ('rgdquant "
                    "tracer list')",
                    one->name);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_outputs(const void *a, const void *b)
{
    return compare_texts(&(*(const rgq_case *const *)a)->output,
                         &(*(const rgq_case *const *)b)->output);
}

/* After sorting, twins stand together; "a" lies before "a/b", but "a-c" may come between: so an
 * output is held against the last one that can still hold it. */
static void check_pairs(const rgq_study *study, const rgq_case **by_output, const char **names,
                        rgq_problems *problems)
{
    const size_t n = (size_t)study->n_cases;

    for (size_t i = 0; i < n; i++) {
        by_output[i] = &study->cases[i];
        names[i] = study->cases[i].name;
    }
    qsort(by_output, n, sizeof *by_output, compare_outputs);
    qsort(names, n, sizeof *names, compare_texts);
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) == 0 &&
            (i == 1 || strcmp(names[i - 2], names[i]) != 0))
            rgq_problem(problems, "case %.60s is given more than once", names[i]);
    for (size_t i = 0; i < n; i++) {
        const rgq_case *one = by_output[i];
        const size_t length = strlen(one->output);
        for (size_t k = i + 1; k < n && strncmp(by_output[k]->output, one->output, length) == 0;
             k++) {
            const char next = by_output[k]->output[length];
            if ((next != '/' && next != '\0') || strcmp(one->name, by_output[k]->name) == 0)
                continue;
            rgq_problem(problems, "cases %.60s and %.60s: output %.80s %s", one->name,
                        by_output[k]->name, by_output[k]->output,
                        next == '\0' ? "of both is the same" : "lies in that of the first");
            break;
        }
    }
}

static void check_units(const rgq_study *study, rgq_problems *problems)
{
    const rgq_case *first = study->n_cases > 0 ? &study->cases[0] : NULL;

    for (int i = 1; i < study->n_cases; i++) {
        const char *a = rgq_case_get(first, "unit");
        const char *b = rgq_case_get(&study->cases[i], "unit");
        if (strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0) {
            rgq_problem(problems,
                        "case %s is in %s, case %s in %s: a group table holds one unit; give "
                        "--unit, or make two batches",
                        first->name, a != NULL ? a : "any unit", study->cases[i].name,
                        b != NULL ? b : "any unit");
            return;
        }
    }
}

void rgq_study_check(const rgq_study *study, const rgq_case_word *known, int n_known,
                     rgq_problems *problems)
{
    const rgq_case **by_output = NULL;
    const char **names = NULL;

    if (study->n_cases == 0) {
        rgq_problem(problems, "there is no case");
        return;
    }
    for (int i = 0; i < study->n_cases; i++) {
        check_names(&study->cases[i], problems);
        if (study->cases[i].refusal != NULL || study->cases[i].idle)
            continue;
        check_file(&study->cases[i], "scan", study->cases[i].scan, problems);
        check_words(&study->cases[i], known, n_known, problems);
    }
    check_units(study, problems);
    if (rgq_alloc(&by_output, (size_t)study->n_cases, sizeof *by_output, NULL) == RGQ_OK &&
        rgq_alloc(&names, (size_t)study->n_cases, sizeof *names, NULL) == RGQ_OK)
        check_pairs(study, by_output, names, problems);
    else
        rgq_problem(problems, "not enough memory to compare %d cases", study->n_cases);
    rgq_free(by_output);
    rgq_free(names);
}
