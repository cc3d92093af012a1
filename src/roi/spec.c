#include "roi/spec.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"

/* A row: the method, and the range and the default of each number; NaN: there is no default. */
typedef struct row {
    rgq_segment_method method;
    rgq_rule rule;
    int n_values;
    struct {
        double lo, hi, deflt;
    } value[2];
    bool whole;
} row;

#define NONE ((double)NAN)

static const row rows[] = {
    {{"fixed", "fixed:T", "T in the unit of the values", NULL, false},
     RGQ_RULE_FIXED,
     1,
     {{-1e30, 1e30, NONE}},
     false},
    {{"percent-max", "percent-max:P", "P % of the maximum", "Boellaard2015", true},
     RGQ_RULE_PERCENT_MAX,
     1,
     {{0.1, 100.0, NONE}},
     false},
    {{"percent-peak", "percent-peak:P",
      "P % of the peak: the highest mean over a sphere of 1 mL", "Boellaard2015", true},
     RGQ_RULE_PERCENT_PEAK,
     1,
     {{0.1, 100.0, NONE}},
     false},
    {{"a50", "a50", "half-way between the local background and the maximum", "Boellaard2015",
      false},
     RGQ_RULE_A50,
     0,
     {{0, 0, 0}},
     false},
    {{"nestle", "nestle", "0.15 x mean of what is above 70 % of the maximum + local background",
      "Nestle2005", true},
     RGQ_RULE_NESTLE,
     0,
     {{0, 0, 0}},
     false},
    {{"schaefer", "schaefer:A,B", "A x that mean + B x local background, from your phantom",
      "Schaefer2008", true},
     RGQ_RULE_SCHAEFER,
     2,
     {{0.0, 10.0, NONE}, {0.0, 10.0, NONE}},
     false},
    {{"black", "black", "0.307 x mean of the lesion + 0.588, in SUVbw", "Black2004", true},
     RGQ_RULE_BLACK,
     0,
     {{0, 0, 0}},
     false},
    {{"percist", "percist[:F,K]", "F x mean + K x SD of the reference region (1.5 and 2)",
      "Wahl2009", true},
     RGQ_RULE_PERCIST,
     2,
     {{0.0, 100.0, 1.5}, {0.0, 100.0, 2.0}},
     false},
    {{"otsu", "otsu[:N]", "the hottest of N classes (2) that Otsu's thresholds make",
      "Otsu1979", false},
     RGQ_RULE_OTSU,
     1,
     {{2.0, 5.0, 2.0}},
     true},
    {{"grow", "grow[:TOL]",
      "growth down to (1 - TOL) x maximum (0.6), where the surface is steepest",
      "Hojjatoleslami1998", false},
     RGQ_RULE_GROW,
     1,
     {{0.05, 0.95, 0.6}},
     false},
    {{"gradient", "gradient", "watershed of the gradient, between markers inside and outside",
      "Meyer1994", false},
     RGQ_RULE_GRADIENT,
     0,
     {{0, 0, 0}},
     false},
    {{"walker", "walker[:BETA]", "random walker between markers inside and outside (300)",
      "Grady2006", false},
     RGQ_RULE_WALKER,
     1,
     {{0.0, 1e5, 300.0}},
     false},
    {{"gmm", "gmm[:K]", "mixture of K (3) normal distributions, by EM", "Dempster1977", false},
     RGQ_RULE_GMM,
     1,
     {{2.0, 6.0, 3.0}},
     true},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

const rgq_segment_method *rgq_segment_method_at(int i)
{
    return i >= 0 && i < N_ROWS ? &rows[i].method : NULL;
}

static const row *find_row(const char *text, size_t length)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (strlen(rows[i].method.name) == length &&
            strncmp(rows[i].method.name, text, length) == 0)
            return &rows[i];
    return NULL;
}

/* The numbers behind the colon: all of them, or none where each has a default. */
static rgq_status read_values(rgq_spec *out, const row *r, const char *text, rgq_error *err)
{
    double value[2] = {0.0, 0.0};
    int count = 0;

    if (text != NULL && r->n_values == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "it takes no number");
    if (text != NULL)
        RGQ_PASS(err, rgq_parse_reals(value, &count, 2, text, ',', err));
    if (text != NULL && count != r->n_values)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "it takes %d number%s", r->n_values,
                         r->n_values == 1 ? "" : "s");
    for (int i = 0; i < r->n_values; i++) {
        out->value[i] = text != NULL ? value[i] : r->value[i].deflt;
        if (isnan(out->value[i]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "its number%s no default: type %s",
                             r->n_values == 1 ? " has" : "s have", r->method.form);
        if (!(out->value[i] >= r->value[i].lo && out->value[i] <= r->value[i].hi))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%g is not within %g to %g", out->value[i],
                             r->value[i].lo, r->value[i].hi);
        if (r->whole && floor(out->value[i]) < out->value[i])
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%g is no whole number", out->value[i]);
    }
    return RGQ_OK;
}

rgq_status rgq_spec_parse(rgq_spec *out, const char *text, rgq_error *err)
{
    const char *colon = strchr(text, ':');
    const size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
    const row *r = find_row(text, length);
    rgq_error why = RGQ_ERROR_INIT;
    rgq_spec spec = {.value = {0.0, 0.0}};
    char forms[320] = "";

    if (r != NULL) {
        spec.rule = r->rule;
        spec.method = &r->method;
        if (read_values(&spec, r, colon != NULL ? colon + 1 : NULL, &why) == RGQ_OK) {
            *out = spec;
            return RGQ_OK;
        }
    }
    for (size_t i = 0; i < N_ROWS; i++) {
        const size_t used = strlen(forms);
        rgq_text_copy(forms + used, sizeof forms - used, i > 0 ? ", " : "");
        const size_t next = strlen(forms);
        rgq_text_copy(forms + next, sizeof forms - next, rows[i].method.form);
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "a rule of '%.60s'%s%s; one of these was needed: %s (T is a value in the "
                     "unit of the scan, P a percentage of 0.1 to 100)",
                     text, why.status != RGQ_OK ? ": " : "", why.message, forms);
}

rgq_status rgq_segment_check(const char *spec, rgq_error *err)
{
    rgq_spec parsed;

    return rgq_spec_parse(&parsed, spec, err);
}

const rgq_segment_method *rgq_segment_method_of(const char *spec)
{
    rgq_spec parsed;

    return rgq_spec_parse(&parsed, spec, NULL) == RGQ_OK ? parsed.method : NULL;
}
