#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "rgdquant/dose.h"

static const double least_coverage = 0.9;

typedef struct job {
    rgq_effective_dose *out;
    const rgq_weight_rule *rule;
    const rgq_tissue_weights *weights;
    const rgq_dose_table *body[2];
    int n_bodies;
    rgq_wall_dose wall;
    double listed, covered; /* sums of weights */
} job;

/* "a, b, c" that stops where the room does. */
static void list(char *out, size_t size, const char *words)
{
    const size_t used = strlen(out);

    if (strstr(out, words) == NULL && used + strlen(words) + 3 < size)
        (void)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", words);
}

static void list_stand_in(job *j, const rgq_organ_dose *row)
{
    char words[3 * RGQ_TISSUE_NAME];
    const rgq_stand_in *s = (row->flags & RGQ_DOSE_STAND_IN) != 0
                                ? rgq_stand_in_find(j->weights, row->organ)
                                : NULL;

    if (s == NULL)
        return;
    (void)snprintf(words, sizeof words, "%s <- %g x %s", s->organ, s->factor, s->of);
    list(j->out->stand_ins, sizeof j->out->stand_ins, words);
}

/* NaN where the body lacks the organ. */
static double dose_of(job *j, const rgq_dose_table *body, const char *organ)
{
    const rgq_organ_dose *row = rgq_dose_find(body, organ);

    if (row == NULL)
        return (double)NAN;
    list_stand_in(j, row);
    return j->wall == RGQ_WALL_MEAN ? row->mean : row->surface;
}

static double tissue_dose(job *j, const rgq_dose_table *body, const rgq_tissue *tissue)
{
    double sum = 0.0, most = (double)NAN;

    if (tissue->mean == RGQ_TISSUE_SEX)
        return dose_of(j, body, tissue->part[body->female ? 1 : 0]);
    for (int i = 0; i < tissue->n_parts; i++) {
        const double d = dose_of(j, body, tissue->part[i]);
        sum += tissue->share[i] * d;
        most = fmax(most, d);
    }
    return tissue->mean == RGQ_TISSUE_MAX ? most : sum;
}

static void add_part(job *j, const char *tissue, double weight, double dose)
{
    rgq_effective_part *part = &j->out->part[j->out->n_parts++];

    rgq_text_copy(part->tissue, sizeof part->tissue, tissue);
    part->weight = isnan(dose) ? 0.0 : weight;
    part->msv_per_mbq = dose;
    if (isnan(dose))
        list(j->out->missing, sizeof j->out->missing, tissue);
    else
        j->out->msv_per_mbq += weight * dose;
}

/* Returns the highest of the named tissues. */
static double add_tissues(job *j)
{
    double most = 0.0;

    for (int i = 0; i < j->rule->n_tissues; i++) {
        const rgq_tissue *tissue = &j->rule->tissue[i];
        double dose = 0.0;
        for (int b = 0; b < j->n_bodies; b++)
            dose += tissue_dose(j, j->body[b], tissue) / j->n_bodies;
        add_part(j, tissue->name, tissue->weight, dose);
        most = fmax(most, dose);
        j->listed += tissue->weight;
        j->covered += isnan(dose) ? 0.0 : tissue->weight;
    }
    return most;
}

/* A body of one sex is judged without the organ of the other, which the stylised adult has. */
static bool of_other_sex(const job *j, const rgq_dose_table *body, const char *organ)
{
    return j->rule->sex_mean &&
           rgq_text_equal_nocase(organ, body->female ? "prostate" : "uterus");
}

typedef struct remainder_doses {
    int n;
    const char *organ[RGQ_TISSUES_MAX];
    double dose[RGQ_TISSUES_MAX];
    double share[RGQ_TISSUES_MAX]; /* mass, or 1 */
} remainder_doses;

static void gather_remainder(remainder_doses *r, job *j, const rgq_dose_table *body)
{
    r->n = 0;
    for (int i = 0; i < j->rule->n_remainder; i++) {
        const char *organ = j->rule->remainder[i];
        const rgq_organ_dose *row = rgq_dose_find(body, organ);
        const bool other_sex = of_other_sex(j, body, organ);
        if (other_sex)
            continue;
        if (row == NULL) {
            list(j->out->missing, sizeof j->out->missing, organ);
            continue;
        }
        r->organ[r->n] = organ;
        r->dose[r->n] = dose_of(j, body, organ);
        r->share[r->n++] = j->rule->remainder_mean == RGQ_REMAINDER_MASS ? row->mass_g : 1.0;
    }
}

static double mean_without(const remainder_doses *r, int left_out)
{
    double sum = 0.0, shares = 0.0;

    for (int i = 0; i < r->n; i++) {
        if (i == left_out)
            continue;
        sum += r->share[i] * r->dose[i];
        shares += r->share[i];
    }
    return shares > 0.0 ? sum / shares : (double)NAN;
}

static void add_each(job *j, const remainder_doses *r)
{
    for (int i = 0; i < r->n; i++)
        add_part(j, r->organ[i], j->rule->remainder_weight / j->rule->remainder_of, r->dose[i]);
}

static void add_split_or_mean(job *j, const remainder_doses *r, double most_named)
{
    const double weight = j->rule->remainder_weight;
    int top = 0;

    for (int i = 1; i < r->n; i++)
        if (r->dose[i] > r->dose[top])
            top = i;
    if (!j->rule->remainder_split || r->n < 2 || !(r->dose[top] > most_named)) {
        add_part(j, "remainder tissues", weight, mean_without(r, -1));
        return;
    }
    j->out->split = true;
    rgq_text_copy(j->out->split_organ, sizeof j->out->split_organ, r->organ[top]);
    add_part(j, r->organ[top], 0.5 * weight, r->dose[top]);
    add_part(j, "other remainder tissues", 0.5 * weight, mean_without(r, top));
}

static void add_remainder(job *j, double most_named)
{
    remainder_doses r = {.n = 0};
    double found = 0.0, mean = 0.0;

    for (int b = 0; b < j->n_bodies; b++) {
        gather_remainder(&r, j, j->body[b]);
        found += (double)r.n / j->n_bodies;
        mean += mean_without(&r, -1) / j->n_bodies;
    }
    /* OLINDA/EXM 1 has fewer organs than the rule knows tissues: its own are its whole */
    const int of = j->rule->remainder_mean == RGQ_REMAINDER_EACH ? j->rule->n_remainder
                                                                 : j->rule->remainder_of;
    j->listed += j->rule->remainder_weight;
    j->covered += j->rule->remainder_weight * fmin(1.0, found / of);
    if (j->n_bodies > 1)
        add_part(j, "remainder tissues", j->rule->remainder_weight, mean);
    else if (j->rule->remainder_mean == RGQ_REMAINDER_EACH)
        add_each(j, &r);
    else
        add_split_or_mean(j, &r, most_named);
}

rgq_status rgq_effective_dose_of(rgq_effective_dose *out, const rgq_weight_rule *rule,
                                 const rgq_tissue_weights *weights, const rgq_dose_table *a,
                                 const rgq_dose_table *b, const rgq_effective_opts *opts,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_effective_dose *made = NULL;

    if (b != NULL && (!rule->sex_mean || a->female == b->female))
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "two bodies make one effective dose only by a rule with a mean of both "
            "sexes (%s %s) and as a male and a female one",
            rule->id, rule->sex_mean ? "has it" : "has none");
    RGQ_TRY(err, rgq_alloc(&made, 1, sizeof *made, err));
    job j = {.out = made,
             .rule = rule,
             .weights = weights,
             .body = {a, b},
             .n_bodies = b != NULL ? 2 : 1,
             .wall = opts->wall};
    rgq_text_copy(made->rule, sizeof made->rule, rule->id);
    made->sex_mean = b != NULL;
    made->one_sex = rule->sex_mean && b == NULL;
    add_remainder(&j, add_tissues(&j));
    made->coverage = j.covered / j.listed;
    if (made->coverage < least_coverage && !opts->force)
        RGQ_TRY(err,
                RGQ_RAISE(err, RGQ_E_MISSING,
                          "effective dose (%s): tissues with %.3f of the weights are there, "
                          "%.1f is needed; missing: %s",
                          rule->id, made->coverage, least_coverage, made->missing));
    *out = *made;
out:
    rgq_free(made);
    return st;
}
