#include "pipeline/response.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/stats.h"
#include "rgdquant/ordinal.h"
#include "rgdquant/small_samples.h"

const char *rgq_change_class_name(rgq_change_class change)
{
    static const char *const names[] = {"", "fell", "within limits", "rose"};

    return names[change];
}

/* ---- limits ---- */

rgq_response_limits rgq_response_no_limits(void)
{
    const double none = (double)NAN;

    return (rgq_response_limits){
        .origin = "", .percent_low = none, .percent_high = none, .change = none};
}

rgq_status rgq_response_limits_from(rgq_response_limits *out, const rgq_pairs *test_retest,
                                    const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_response_limits limits = rgq_response_no_limits();

    RGQ_PASS(err, rgq_repeatability_of(&limits.repeats, test_retest, opts, err));
    limits.has_repeats = true;
    limits.origin = "test and retest";
    limits.percent_low = limits.repeats.percent_low;
    limits.percent_high = limits.repeats.percent_high;
    if (isnan(limits.percent_low) || isnan(limits.percent_high))
        limits.change = limits.repeats.coefficient.value;
    *out = limits;
    return RGQ_OK;
}

static rgq_change_class classify(const rgq_response_limits *limits, double change,
                                 double percent)
{
    double low = -limits->change;
    double high = limits->change;
    double value = change;

    if (isfinite(limits->percent_low) && isfinite(limits->percent_high)) {
        low = limits->percent_low;
        high = limits->percent_high;
        value = percent;
    }
    if (!isfinite(low) || !isfinite(value))
        return RGQ_CHANGE_UNKNOWN;
    if (value < low)
        return RGQ_CHANGE_FELL;
    return value > high ? RGQ_CHANGE_ROSE : RGQ_CHANGE_WITHIN;
}

/* ---- units of the exact tests: rows, or the means of patients ---- */

typedef struct units {
    size_t n;
    double *base, *follow, *change, *percent;
    int *count;
    int *responder; /* -1: not known, or rows of one patient disagree */
    bool known;     /* there are responders at all */
} units;

static void release_units(units *u)
{
    rgq_free(u->base);
    rgq_free(u->count);
}

static void add_to_unit(units *u, size_t g, const rgq_cohort *c, size_t i)
{
    const int truth = c->positive != NULL ? c->positive[i] : -1;

    u->responder[g] = u->count[g] == 0 || u->responder[g] == truth ? truth : -1;
    u->count[g]++;
    u->base[g] += c->x[i];
    u->follow[g] += c->y[i];
}

static double percent_of(double base, double follow)
{
    return base > 0.0 ? 100.0 * (follow - base) / base : (double)NAN;
}

static rgq_status make_units(units *u, const rgq_cohort *c, bool by_patient, rgq_error *err)
{
    const size_t n = by_patient ? c->n_patients : c->n;

    RGQ_PASS(err, rgq_alloc(&u->base, 4 * n, sizeof *u->base, err));
    RGQ_PASS(err, rgq_alloc(&u->count, 2 * n, sizeof *u->count, err));
    u->n = n;
    u->follow = u->base + n;
    u->change = u->follow + n;
    u->percent = u->change + n;
    u->responder = u->count + n;
    u->known = c->positive != NULL;
    for (size_t i = 0; i < c->n; i++)
        add_to_unit(u, by_patient ? (size_t)c->cluster[i] - 1 : i, c, i);
    for (size_t g = 0; g < n; g++) {
        u->base[g] /= u->count[g];
        u->follow[g] /= u->count[g];
        u->change[g] = u->follow[g] - u->base[g];
        u->percent[g] = percent_of(u->base[g], u->follow[g]);
    }
    return RGQ_OK;
}

/* ---- means ---- */

static double mean_of(const double *values, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

static rgq_status mean_change(rgq_response *r, const rgq_cohort *c, const rgq_stat_opts *opts,
                              rgq_error *err)
{
    const rgq_pairs pairs = rgq_cohort_pairs(c);
    rgq_pairs alone = pairs;
    rgq_bland_altman b;
    rgq_stat s = rgq_findings_number(&r->found, mean_of(c->x, c->n), "mean of the rows");

    rgq_findings_add(&r->found, "baseline_mean", "naive", &s);
    s.value = mean_of(c->y, c->n);
    rgq_findings_add(&r->found, "follow_up_mean", "naive", &s);
    RGQ_PASS(err, rgq_agreement_limits(&b, &pairs, opts, err));
    rgq_findings_add_first(&r->found, "change_mean", &b.bias);
    if (pairs.cluster != NULL) {
        alone.cluster = NULL;
        RGQ_PASS(err, rgq_agreement_limits(&b, &alone, opts, err));
        rgq_findings_add_first(&r->found, "change_mean", &b.bias);
    }
    return RGQ_OK;
}

/* Of the logarithms, so that halving and doubling weigh the same. */
static rgq_status mean_ratio(rgq_response *r, const rgq_cohort *c, const rgq_stat_opts *opts,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *logs = NULL;
    rgq_bland_altman b;

    RGQ_TRY(err, rgq_alloc(&logs, 2 * c->n, sizeof *logs, err));
    for (size_t i = 0; i < c->n; i++) {
        if (!(c->x[i] > 0.0) || !(c->y[i] > 0.0)) {
            st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                           "row %zu has %g and %g; percentages need values above 0", i + 1,
                           c->x[i], c->y[i]);
            goto out;
        }
        logs[i] = log(c->x[i]);
        logs[c->n + i] = log(c->y[i]);
    }
    const rgq_pairs pairs = {logs, logs + c->n, c->cluster, c->n};
    RGQ_TRY(err, rgq_agreement_limits(&b, &pairs, opts, err));
    rgq_stat s = b.bias;
    s.value = 100.0 * expm1(s.value);
    s.low = 100.0 * expm1(s.low);
    s.high = 100.0 * expm1(s.high);
    s.note = "geometric mean of follow-up / baseline, as a change; se is of its logarithm";
    rgq_findings_add_first(&r->found, "change_percent", &s);
out:
    rgq_free(logs);
    return st;
}

/* ---- exact tests ---- */

static const char per_patient[] = "of the mean change of each patient";
static const char per_row[] = "rows taken as independent";

static rgq_status exact_tests(rgq_response *r, const double *change, size_t n, bool by_patient,
                              const rgq_stat_opts *opts, rgq_error *err)
{
    const char *variant = by_patient ? "clustered" : "naive";
    rgq_signed_rank w;
    rgq_stat s;

    RGQ_PASS(err, rgq_signed_rank_test(&w, change, n, opts, err));
    if (w.shift.note[0] == '\0')
        w.shift.note = by_patient ? per_patient : per_row;
    w.shift.n_clusters = by_patient ? n : 0;
    rgq_findings_add(&r->found, "wilcoxon_shift", variant, &w.shift);
    RGQ_PASS(err, rgq_sign_test(&s, change, n, opts, err));
    if (s.note[0] == '\0')
        s.note = by_patient ? per_patient : per_row;
    s.n_clusters = by_patient ? n : 0;
    rgq_findings_add(&r->found, "share_rising", variant, &s);
    return RGQ_OK;
}

static rgq_status share(rgq_response *r, const char *name, size_t k, size_t n,
                        const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_stat s;

    RGQ_PASS(err, rgq_proportion(&s, k, n, opts, err));
    s.note = per_row;
    s.p = (double)NAN; /* of one half, which nobody asks here */
    s.p_by = "";
    rgq_findings_add(&r->found, name, "naive", &s);
    return RGQ_OK;
}

static rgq_status shares(rgq_response *r, const rgq_stat_opts *opts, rgq_error *err)
{
    const size_t n = r->n_class[RGQ_CHANGE_FELL] + r->n_class[RGQ_CHANGE_WITHIN] +
                     r->n_class[RGQ_CHANGE_ROSE];

    if (n == 0)
        return RGQ_OK;
    RGQ_PASS(err,
             share(r, "share_fell_beyond_limit", r->n_class[RGQ_CHANGE_FELL], n, opts, err));
    return share(r, "share_rose_beyond_limit", r->n_class[RGQ_CHANGE_ROSE], n, opts, err);
}

/* ---- responders ---- */

/* What each of the tests below needs. */
typedef struct question {
    rgq_response *r;
    const units *u;
    const rgq_response_limits *limits;
    const rgq_stat_opts *opts;
} question;

static rgq_status tell_apart(const question *q, const char *name, const double *marker,
                             double sign, const char *note, rgq_error *err)
{
    const units *u = q->u;
    rgq_status st = RGQ_OK;
    double *values = NULL;
    bool *truth = NULL;
    size_t n = 0;
    rgq_roc roc = {.points = NULL};

    RGQ_TRY(err, rgq_alloc(&values, u->n, sizeof *values, err));
    RGQ_TRY(err, rgq_alloc(&truth, u->n, sizeof *truth, err));
    for (size_t g = 0; g < u->n; g++) {
        if (u->responder[g] < 0 || isnan(marker[g]))
            continue;
        values[n] = sign * marker[g];
        truth[n++] = u->responder[g] == 1;
    }
    RGQ_TRY(err, rgq_roc_make(&roc, values, truth, NULL, n, q->opts, err));
    rgq_stat s = roc.auc;
    if (s.note == NULL || s.note[0] == '\0')
        s.note = note;
    if (!(s.low < s.high)) /* an area of 0 or 1 */
        s.low = s.high = (double)NAN;
    rgq_findings_add(&q->r->found, name, q->r->by_patient ? "clustered" : "naive", &s);
out:
    rgq_roc_release(&roc);
    rgq_free(values);
    rgq_free(truth);
    return st;
}

static rgq_status fisher(const question *q, const char *name, const bool *yes,
                         const bool *known, const char *note, rgq_error *err)
{
    const units *u = q->u;
    size_t table[4] = {0, 0, 0, 0};
    rgq_stat s;

    for (size_t g = 0; g < u->n; g++)
        if (u->responder[g] >= 0 && known[g])
            table[(yes[g] ? 0 : 2) + (u->responder[g] == 1 ? 0 : 1)]++;
    RGQ_PASS(err, rgq_fisher_exact(&s, table, q->opts, err));
    s.note = note;
    rgq_findings_add(&q->r->found, name, q->r->by_patient ? "clustered" : "naive", &s);
    return RGQ_OK;
}

/* Baseline at its median or above; change below the limit (without limits: any fall). */
static rgq_status fisher_tests(const question *q, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const units *u = q->u;
    const bool no_limits = q->limits->origin[0] == '\0';
    double *sorted = NULL;
    bool *yes = NULL;

    RGQ_TRY(err, rgq_alloc(&sorted, u->n, sizeof *sorted, err));
    RGQ_TRY(err, rgq_alloc(&yes, 2 * u->n, sizeof *yes, err));
    bool *const known = yes + u->n;
    memcpy(sorted, u->base, u->n * sizeof *sorted);
    rgq_sort_double(sorted, u->n);
    const double median = rgq_quantile_double(sorted, u->n, 0.5);
    for (size_t g = 0; g < u->n; g++) {
        known[g] = true;
        yes[g] = u->base[g] >= median;
    }
    RGQ_TRY(err,
            fisher(q, "fisher_baseline", yes, known,
                   "odds of response, baseline at its median or above against below", err));
    for (size_t g = 0; g < u->n; g++) {
        const rgq_change_class verdict = classify(q->limits, u->change[g], u->percent[g]);
        known[g] = no_limits || verdict != RGQ_CHANGE_UNKNOWN;
        yes[g] = no_limits ? u->change[g] < 0.0 : verdict == RGQ_CHANGE_FELL;
    }
    RGQ_TRY(err, fisher(q, "fisher_change", yes, known,
                        no_limits ? "odds of response, fell against did not (no limit given)"
                                  : "odds of response, fell beyond the limit against did not",
                        err));
out:
    rgq_free(sorted);
    rgq_free(yes);
    return st;
}

static rgq_status responders(rgq_response *r, const units *u, const rgq_response_limits *limits,
                             const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_findings *const list = &r->found;
    const question q = {r, u, limits, opts};

    RGQ_PART(list, "baseline of responders",
             tell_apart(&q, "auc_baseline", u->base, 1.0,
                        "chance that a responder's baseline is the higher one", own));
    RGQ_PART(list, "change of responders",
             tell_apart(&q, "auc_change", u->change, -1.0,
                        "chance that a responder's value fell more", own));
    RGQ_PART(list, "Fisher", fisher_tests(&q, own));
    return RGQ_OK;
}

/* ---- all of it ---- */

static rgq_status fill_rows(rgq_response *r, const rgq_cohort *c,
                            const rgq_response_limits *limits, rgq_error *err)
{
    RGQ_PASS(err, rgq_alloc(&r->change, c->n, sizeof *r->change, err));
    RGQ_PASS(err, rgq_alloc(&r->percent, c->n, sizeof *r->percent, err));
    RGQ_PASS(err, rgq_alloc(&r->verdict, c->n, sizeof *r->verdict, err));
    for (size_t i = 0; i < c->n; i++) {
        r->change[i] = c->y[i] - c->x[i];
        r->percent[i] = percent_of(c->x[i], c->y[i]);
        r->verdict[i] = classify(limits, r->change[i], r->percent[i]);
        r->n_class[r->verdict[i]]++;
    }
    return RGQ_OK;
}

static rgq_status fill_list(rgq_response *r, const rgq_cohort *c, const units *u,
                            const rgq_response_limits *limits, const rgq_stat_opts *opts,
                            rgq_error *err)
{
    rgq_findings *const list = &r->found;

    RGQ_PART(list, "mean change", mean_change(r, c, opts, own));
    RGQ_PART(list, "change in percent", mean_ratio(r, c, opts, own));
    RGQ_PART(list, "exact tests", exact_tests(r, u->change, u->n, r->by_patient, opts, own));
    if (r->by_patient)
        RGQ_PART(list, "exact tests of rows",
                 exact_tests(r, r->change, c->n, false, opts, own));
    RGQ_PART(list, "shares beyond the limit", shares(r, opts, own));
    return u->known ? responders(r, u, limits, opts, err) : RGQ_OK;
}

rgq_status rgq_response_make(rgq_response *out, const rgq_cohort *cohort,
                             const rgq_response_limits *limits, const rgq_stat_opts *opts,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    units u = {.n = 0};

    memset(out, 0, sizeof *out);
    out->found.n = cohort->n;
    out->found.n_patients = cohort->n_patients;
    out->by_patient = cohort->n_patients > 0 && cohort->n_patients < cohort->n;
    if (cohort->n < 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu paired row%s; statistics of change need 3 or more", cohort->n,
                         cohort->n == 1 ? "" : "s");
    RGQ_TRY(err, fill_rows(out, cohort, limits, err));
    RGQ_TRY(err, make_units(&u, cohort, out->by_patient, err));
    RGQ_TRY(err, fill_list(out, cohort, &u, limits, opts, err));
out:
    release_units(&u);
    return st;
}

void rgq_response_release(rgq_response *response)
{
    rgq_free(response->change);
    rgq_free(response->percent);
    rgq_free(response->verdict);
    response->change = NULL;
    response->percent = NULL;
    response->verdict = NULL;
}
