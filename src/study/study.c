/* The list of cases and what is said of each. */
#include "rgdquant/study.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

rgq_status rgq_study_add(rgq_case **out, rgq_study *study, const char *name, const char *scan,
                         const char *output, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_case fresh = {.name = NULL};

    *out = NULL;
    if (study->n_cases == study->capacity) {
        const int grown = study->capacity > 0 ? 2 * study->capacity : 16;
        RGQ_PASS(err, rgq_realloc(&study->cases, (size_t)grown, sizeof *study->cases, err));
        study->capacity = grown;
    }
    RGQ_TRY(err, rgq_strdup(&fresh.name, name, err));
    RGQ_TRY(err, rgq_strdup(&fresh.scan, scan, err));
    RGQ_TRY(err, rgq_strdup(&fresh.output, output != NULL ? output : name, err));
    study->cases[study->n_cases] = fresh;
    *out = &study->cases[study->n_cases++];
    return RGQ_OK;
out:
    rgq_free(fresh.name);
    rgq_free(fresh.scan);
    return st;
}

static void release_case(rgq_case *gone)
{
    for (int i = 0; i < gone->n_options; i++) {
        rgq_free(gone->option[i].name);
        rgq_free(gone->option[i].value);
    }
    rgq_free(gone->option);
    rgq_free(gone->name);
    rgq_free(gone->scan);
    rgq_free(gone->output);
    rgq_free(gone->subject);
    rgq_free(gone->session);
    rgq_free(gone->refusal);
}

void rgq_study_release(rgq_study *study)
{
    for (int i = 0; i < study->n_cases; i++)
        release_case(&study->cases[i]);
    rgq_free(study->cases);
    *study = (rgq_study){.cases = NULL};
}

static rgq_case_option *find(const rgq_case *in, const char *option)
{
    for (int i = 0; i < in->n_options; i++)
        if (strcmp(in->option[i].name, option) == 0)
            return &in->option[i];
    return NULL;
}

rgq_status rgq_case_set(rgq_case *to, const char *option, const char *value, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_case_option *old = find(to, option);
    rgq_case_option fresh = {NULL, NULL};

    RGQ_TRY(err, rgq_strdup(&fresh.value, value, err));
    if (old != NULL) {
        rgq_free(old->value);
        old->value = fresh.value;
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_strdup(&fresh.name, option, err));
    RGQ_TRY(err, rgq_realloc(&to->option, (size_t)to->n_options + 1, sizeof *to->option, err));
    to->option[to->n_options++] = fresh;
    return RGQ_OK;
out:
    rgq_free(fresh.name);
    rgq_free(fresh.value);
    return st;
}

rgq_status rgq_case_refuse(rgq_case *to, rgq_error *err, const char *format, ...)
{
    char line[RGQ_MESSAGE_MAX];
    va_list args;

    if (to->refusal != NULL)
        return RGQ_OK;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return rgq_strdup(&to->refusal, line, err);
}

const char *rgq_case_get(const rgq_case *from, const char *option)
{
    const rgq_case_option *found = find(from, option);
    return found != NULL ? found->value : NULL;
}

rgq_status rgq_study_template(rgq_study *study, const char *option, const char *value,
                              rgq_error *err)
{
    for (int i = 0; i < study->n_cases; i++)
        if (find(&study->cases[i], option) == NULL)
            RGQ_PASS(err, rgq_case_set(&study->cases[i], option, value, err));
    return RGQ_OK;
}

const char *rgq_case_status_name(rgq_case_status status)
{
    static const char *const names[] = {"skipped", "done", "failed", "timeout", "killed"};
    return names[status];
}
