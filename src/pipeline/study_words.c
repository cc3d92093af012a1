#include "pipeline/study_words.h"

#include <math.h>
#include <stdio.h>

#include "core/banned.h"

/* Below the one a correlation is called weak here, above the other strong: words for the width
 * of an interval, not for what it holds. */
static const double weak = 0.3;
static const double strong = 0.7;

enum { SENTENCE_MAX = 512 };

#define SAY(array, err, ...)                                                                   \
    do {                                                                                       \
        char sentence[SENTENCE_MAX];                                                           \
        (void)snprintf(sentence, sizeof sentence, __VA_ARGS__);                                \
        RGQ_PASS(err, rgq_json_set_text((array), NULL, sentence, err));                        \
    } while (0)

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* "6 patients" or "6 rows" */
static void say_who(char *out, size_t size, const rgq_validation *v)
{
    if (v->found.n_patients > 0)
        (void)snprintf(out, size, "%zu patient%s", v->found.n_patients,
                       plural(v->found.n_patients));
    else
        (void)snprintf(out, size, "%zu row%s", v->found.n, plural(v->found.n));
}

void rgq_cohort_study_caption(char *out, size_t size, const rgq_comparison *comparison,
                              const char *statistic, const char *symbol)
{
    const rgq_validation *v = comparison->validation;
    const rgq_found *row = rgq_findings_find(&v->found, statistic);
    char who[64];

    out[0] = '\0';
    if (row == NULL)
        return;
    say_who(who, sizeof who, v);
    if (isfinite(row->stat.low) && isfinite(row->stat.high))
        (void)snprintf(out, size, "%s %.2f (%.0f %%: %.2f to %.2f), %zu pairs, %s", symbol,
                       row->stat.value, 100.0 * row->stat.confidence, row->stat.low,
                       row->stat.high, row->stat.n, who);
    else
        (void)snprintf(out, size, "%s %.2f (no interval), %zu pairs, %s", symbol,
                       row->stat.value, row->stat.n, who);
}

/* Two digits, and four where they would round to 1. */
static int digits_of(const rgq_stat *s)
{
    return fmax(fabs(s->value), fmax(fabs(s->low), fabs(s->high))) >= 0.995 ? 4 : 2;
}

static rgq_status say_counts(rgq_json *array, const rgq_comparison *c, rgq_error *err)
{
    const rgq_validation *v = c->validation;

    if (v->found.n_patients > 0)
        SAY(array, err, "%s against %s%s%s: %zu pair%s of %zu patient%s.", c->x, c->y,
            c->compartment != NULL ? " in " : "", c->compartment != NULL ? c->compartment : "",
            v->found.n, plural(v->found.n), v->found.n_patients, plural(v->found.n_patients));
    else
        SAY(array, err,
            "%s against %s%s%s: %zu pair%s, taken as independent; if some are of one patient, "
            "all intervals are too narrow (--cluster).",
            c->x, c->y, c->compartment != NULL ? " in " : "",
            c->compartment != NULL ? c->compartment : "", v->found.n, plural(v->found.n));
    if (c->cohort.n_missing > 0)
        SAY(array, err, "%zu pair%s without a value %s left out.", c->cohort.n_missing,
            plural(c->cohort.n_missing), c->cohort.n_missing == 1 ? "is" : "are");
    return RGQ_OK;
}

/* The two statements that an interval of a correlation allows. */
static rgq_status say_interval(rgq_json *array, const rgq_stat *s, rgq_error *err)
{
    const double least =
        s->low <= 0.0 && s->high >= 0.0 ? 0.0 : fmin(fabs(s->low), fabs(s->high));
    const double most = fmax(fabs(s->low), fabs(s->high));

    if (s->low <= 0.0 && s->high >= 0.0)
        SAY(array, err,
            "The interval holds 0: these data do not show that the two go together, and do not "
            "show that they do not.");
    else
        SAY(array, err,
            "The interval leaves 0 out: in patients like these the two go %s; how closely, the "
            "interval says.",
            s->value > 0.0 ? "together" : "against each other");
    if (least < weak && most > strong)
        SAY(array, err, "It is too wide to tell a weak relation from a strong one.");
    return RGQ_OK;
}

static rgq_status say_correlation(rgq_json *array, const rgq_validation *v, rgq_error *err)
{
    const rgq_found *row = rgq_findings_find(&v->found, "pearson");
    char who[64];

    say_who(who, sizeof who, v);
    if (!isfinite(row->stat.low) || !isfinite(row->stat.high)) {
        SAY(array, err, "Pearson's r is %.2f; %s: no interval can be given (%s).",
            row->stat.value, who, row->stat.note);
        return RGQ_OK;
    }
    const int digits = digits_of(&row->stat);
    SAY(array, err, "Pearson's r is %.*f; %s: the interval runs from %.*f to %.*f.", digits,
        row->stat.value, who, digits, row->stat.low, digits, row->stat.high);
    RGQ_PASS(err, say_interval(array, &row->stat, err));
    if (v->found.n_patients > 0 && v->found.n_patients < v->found.n && v->found.n_rows > 1 &&
        isfinite(row[1].stat.low))
        SAY(array, err,
            "Pairs taken as independent would give %.*f to %.*f, which forgets that some are "
            "of one patient.",
            digits, row[1].stat.low, digits, row[1].stat.high);
    row = rgq_findings_find(&v->found, "spearman");
    if (row != NULL && isfinite(row->stat.low))
        SAY(array, err, "Spearman's rho is %.2f (%.2f to %.2f).", row->stat.value,
            row->stat.low, row->stat.high);
    if (v->tied_x + v->tied_y > 0)
        SAY(array, err,
            "Tied ranks: %zu values of x and %zu of y stand more than once; they share the "
            "mean "
            "of their ranks.",
            v->tied_x, v->tied_y);
    return RGQ_OK;
}

static rgq_status say_left_out(rgq_json *array, const rgq_validation *v, rgq_error *err)
{
    const rgq_found *row = rgq_findings_find(&v->found, "left_out_q_squared");
    const char *who = v->found.n_patients > 0 ? "patient" : "row";

    if (row == NULL || !isfinite(row->stat.value))
        return RGQ_OK;
    const double rmse = rgq_findings_find(&v->found, "left_out_rmse")->stat.value;
    if (row->stat.value > 0.0)
        SAY(array, err,
            "A line predicts a %s it was not fitted to with a root mean square error of %.4g; "
            "that is %.3g %% less squared error than the mean of the others has.",
            who, rmse, fmin(100.0 * row->stat.value, 99.9));
    else
        SAY(array, err,
            "A line predicts a %s it was not fitted to with a root mean square error of %.4g, "
            "no better than the mean of the others.",
            who, rmse);
    return RGQ_OK;
}

static rgq_status say_rest(rgq_json *array, const rgq_validation *v, rgq_error *err)
{
    const rgq_found *row = rgq_findings_find(&v->found, "partial_pearson");

    if (row != NULL && isfinite(row->stat.low))
        SAY(array, err, "With the size of the lesion held fixed r is %.2f (%.2f to %.2f).",
            row->stat.value, row->stat.low, row->stat.high);
    RGQ_PASS(err, say_left_out(array, v, err));
    if (v->has_limits)
        SAY(array, err,
            "y - x is %.4g on average (%.4g to %.4g); its limits of agreement are %.4g and "
            "%.4g.",
            v->limits.bias.value, v->limits.bias.low, v->limits.bias.high,
            v->limits.lower.value, v->limits.upper.value);
    row = rgq_findings_find(&v->found, "kappa_quadratic");
    if (row != NULL)
        SAY(array, err, "Quadratically weighted kappa is %.2f (%.2f to %.2f).", row->stat.value,
            row->stat.low, row->stat.high);
    row = rgq_findings_find(&v->found, "odds_slope");
    if (row != NULL)
        SAY(array, err,
            "Odds of a higher grade change by a factor of %.3g (%.3g to %.3g) for each unit of "
            "x.",
            exp(row->stat.value), exp(row->stat.low), exp(row->stat.high));
    return RGQ_OK;
}

static rgq_status say_roc(rgq_json *array, const rgq_validation *v, rgq_error *err)
{
    const rgq_stat *s = &v->roc.auc;

    if (!v->has_roc)
        return RGQ_OK;
    if (!(s->low < s->high)) { /* NaN, or an area of 0 or 1 */
        SAY(array, err,
            "The area under the ROC curve is %.2f (%zu positive, %zu negative); no interval "
            "can be given (%s).",
            s->value, v->roc.n_positive, v->roc.n_negative, s->note);
        return RGQ_OK;
    }
    SAY(array, err,
        "The area under the ROC curve is %.2f (%.2f to %.2f; %zu positive, %zu negative); 0.5 "
        "would be chance%s.",
        s->value, s->low, s->high, v->roc.n_positive, v->roc.n_negative,
        s->low <= 0.5 && s->high >= 0.5 ? ", which the interval holds" : "");
    return RGQ_OK;
}

static rgq_status say_size(rgq_json *array, const rgq_validation *v, rgq_error *err)
{
    const rgq_found *row = rgq_findings_find(&v->found, "rows_needed");

    if (row != NULL)
        SAY(array, err,
            "%.0f independent rows are needed for the power that was asked for (%s).",
            row->stat.value, row->stat.note);
    return RGQ_OK;
}

rgq_status rgq_cohort_study_sentences(rgq_json *array, const rgq_comparison *comparison,
                                      size_t n_comparisons, rgq_error *err)
{
    const rgq_validation *v = comparison->validation;

    if (v == NULL) {
        SAY(array, err, "Not compared: %.400s.", comparison->refused);
        return RGQ_OK;
    }
    RGQ_PASS(err, say_counts(array, comparison, err));
    RGQ_PASS(err, say_correlation(array, v, err));
    if (n_comparisons > 1) {
        const rgq_found *row = rgq_findings_find(&v->found, "pearson");
        SAY(array, err,
            "One of %zu comparisons: p of r = 0 is %.3g, and %.3g by Holm's correction for "
            "all of them.",
            n_comparisons, row->stat.p, row->p_holm);
    }
    RGQ_PASS(err, say_rest(array, v, err));
    RGQ_PASS(err, say_roc(array, v, err));
    RGQ_PASS(err, say_size(array, v, err));
    for (int i = 0; i < v->found.n_left_out; i++)
        SAY(array, err, "%s is left out: %.400s.", v->found.left_out[i].what,
            v->found.left_out[i].reason);
    SAY(array, err,
        "These are numbers of %s and %s as measured; neither is an amount of the target, and "
        "going together is not causing.",
        comparison->x, comparison->y);
    return RGQ_OK;
}
