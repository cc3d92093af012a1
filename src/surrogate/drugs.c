/* Drugs that were on board. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "surrogate/parts.h"

enum { WORD_MAX = 120 };

static const double half_lives_gone = 5.0; /* 3 % are left */

static rgq_status parse_time(double *hours, const char *text, rgq_error *err)
{
    static const struct {
        const char *unit;
        double hours;
    } units[] = {{"min", 1.0 / 60.0}, {"h", 1.0}, {"d", 24.0}};
    const size_t n = strspn(text, "0123456789.");
    char number[24];
    double value = 0.0;

    (void)snprintf(number, sizeof number, "%.*s", (int)(n < 20 ? n : 20), text);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + n, units[i].unit) != 0)
            continue;
        if (rgq_parse_real(&value, number, 0.0, 1e5, NULL) != RGQ_OK)
            break;
        *hours = value * units[i].hours;
        return RGQ_OK;
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "'%.40s' is no time; write how long before the tracer the drug was given: "
                     "90min, 2h or 3d",
                     text);
}

static rgq_status parse_drug(rgq_surrogate_drug *out, const rgq_targets *targets, char *word,
                             rgq_error *err)
{
    char *colon = strchr(word, ':');

    out->before_h = (double)NAN;
    if (colon != NULL) {
        *colon = '\0';
        RGQ_PASS(err, parse_time(&out->before_h, colon + 1, err));
    }
    return rgq_targets_drug(&out->agent, targets, word, err);
}

rgq_status rgq_surrogate_drugs_parse(rgq_surrogate_drug *out, int *count,
                                     const rgq_targets *targets, const char *text,
                                     rgq_error *err)
{
    rgq_surrogate_drug drugs[RGQ_SURROGATE_DRUGS_MAX];
    char word[WORD_MAX];
    int n = 0;

    *count = 0;
    for (const char *at = text;;) {
        const size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof word || n == RGQ_SURROGATE_DRUGS_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "'%.80s' is no list of drugs; needed are 1 to %d as "
                             "NAME:TIME,NAME:TIME, e.g. cilengitide:2h",
                             text, RGQ_SURROGATE_DRUGS_MAX);
        (void)snprintf(word, sizeof word, "%.*s", (int)length, at);
        RGQ_PASS(err, parse_drug(&drugs[n++], targets, word, err));
        at += length;
        if (*at == '\0')
            break;
        at++;
    }
    memcpy(out, drugs, (size_t)n * sizeof *drugs);
    *count = n;
    return RGQ_OK;
}

const char *rgq_surrogate_shared_target(const rgq_surrogate_opts *opts,
                                        const rgq_tracer *tracer,
                                        const rgq_surrogate_drug *drug)
{
    for (int i = 0; opts->targets != NULL && i < tracer->n_targets; i++) {
        char name[sizeof tracer->target[0].integrin];
        (void)snprintf(name, sizeof name, "%s", tracer->target[i].integrin);
        name[strcspn(name, " (,")] = '\0';
        if (rgq_targets_acts_on(opts->targets, drug->agent, name))
            return tracer->target[i].integrin;
    }
    return NULL;
}

bool rgq_surrogate_is_washed_out(const rgq_surrogate_drug *drug)
{
    return isfinite(drug->before_h) && isfinite(drug->agent->half_life_high_h) &&
           drug->before_h >= half_lives_gone * drug->agent->half_life_high_h;
}
