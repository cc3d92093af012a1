#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/svalues.h"
#include "rgdquant/dose.h"

static const double seconds_per_hour = 3600.0;
static const double rounding = 1.005; /* of printed TIACs, when their sum is judged */

/* What people write, and the organ that is meant. */
static const char *const other_names[][2] = {
    {"adrenal glands", "adrenals"},
    {"bladder", "urinary bladder contents"},
    {"bladder contents", "urinary bladder contents"},
    {"bone", "skeleton"},
    {"bone surface", "skeleton"},
    {"cortical bone", "skeleton"},
    {"esophagus", "oesophagus"},
    {"gallbladder", "gallbladder contents"},
    {"heart", "heart wall"},
    {"kidney", "kidneys"},
    {"kidney left", "kidneys"},
    {"kidney right", "kidneys"},
    {"left kidney", "kidneys"},
    {"left lung", "lungs"},
    {"lli", "lower large intestine contents"},
    {"lli contents", "lower large intestine contents"},
    {"lung left", "lungs"},
    {"lung right", "lungs"},
    {"muscle", "remainder"},
    {"myocardium", "heart wall"},
    {"right kidney", "kidneys"},
    {"right lung", "lungs"},
    {"si", "small intestine"},
    {"si contents", "small intestine"},
    {"small intestine contents", "small intestine"},
    {"trabecular bone", "skeleton"},
    {"uli", "upper large intestine contents"},
    {"uli contents", "upper large intestine contents"},
    {"urinary bladder", "urinary bladder contents"},
};

enum { PLACE_MARROW = RGQ_ORGANS_MAX, PLACE_REMAINDER, PLACE_TOTAL, PLACES };

/* All that was put in, by place: an organ, marrow, remainder, total body. */
typedef struct intake {
    const rgq_svalues *s;
    const rgq_dose_opts *opts;
    const rgq_stand_in *marrow; /* NULL: nothing stands in for it */
    int skeleton;
    int wall_contents[RGQ_ORGANS_MAX]; /* of each wall its contents, else -1 */
    bool has[PLACES];
    double tiac[PLACES];
    double variance[PLACES];
    bool unknown_sd;
    bool animal[PLACES];
    bool summed[PLACES];
    double spread[RGQ_ORGANS_MAX]; /* of the remainder, sum 1 */
    double scale[RGQ_ORGANS_MAX];  /* reference mass over the patient's */
    double charged;                /* mGy g / (MBq s) */
} intake;

/* Dose of one target from one hour in one place. */
typedef struct unit_dose {
    double photon, electron, surface; /* `surface`: electrons by the MIRD convention */
} unit_dose;

static void note(rgq_dose_table *table, const char *format, ...) RGQ_PRINTF(2, 3);
static void note(rgq_dose_table *table, const char *format, ...)
{
    va_list words;

    if (table->n_notes == RGQ_DOSE_NOTES_MAX)
        return;
    va_start(words, format);
    (void)vsnprintf(table->note[table->n_notes++], RGQ_DOSE_NOTE, format, words);
    va_end(words);
}

static int find_organ(const rgq_svalues *s, const char *name)
{
    for (int o = 0; o < s->n; o++)
        if (rgq_text_equal_nocase(s->organ[o], name))
            return o;
    return -1;
}

static rgq_status unknown_region(const rgq_svalues *s, const char *name, rgq_error *err)
{
    int best = 0;

    for (int o = 1; o < s->n; o++)
        if (rgq_text_distance(s->organ[o], name) < rgq_text_distance(s->organ[best], name))
            best = o;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "the region '%s' is no organ of %s; the nearest name is '%s' ('remainder' "
                     "takes what has no organ of its own)",
                     name, s->anatomy, s->organ[best]);
}

/* Organ of a name; its left or right half is the whole where the body has only that. */
static int organ_of(const rgq_svalues *s, const char *name)
{
    const int organ = find_organ(s, name);

    if (organ >= 0)
        return organ;
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
        if (rgq_text_equal_nocase(other_names[i][0], name))
            return find_organ(s, other_names[i][1]);
    return -1;
}

static rgq_status place_of(int *out, const intake *in, const char *name, rgq_error *err)
{
    *out = PLACE_REMAINDER;
    if (rgq_text_equal_nocase(name, "remainder") ||
        rgq_text_equal_nocase(name, "rest of body") || rgq_text_equal_nocase(name, "other"))
        return RGQ_OK;
    *out = organ_of(in->s, name);
    if (*out >= 0)
        return RGQ_OK;
    *out = PLACE_TOTAL;
    if (rgq_text_equal_nocase(name, "total body") || rgq_text_equal_nocase(name, "whole body"))
        return RGQ_OK;
    *out = PLACE_MARROW;
    if ((rgq_text_equal_nocase(name, "red marrow") || rgq_text_equal_nocase(name, "marrow")) &&
        in->marrow != NULL && in->skeleton >= 0)
        return RGQ_OK;
    return unknown_region(in->s, name, err);
}

static double body_mass(const rgq_svalues *s)
{
    double sum = 0.0;

    for (int o = 0; o < s->n; o++)
        sum += s->mass_g[o];
    return sum;
}

static rgq_status take_source(intake *in, const rgq_dose_source *row, rgq_error *err)
{
    double factor = 1.0;
    int place;

    RGQ_PASS(err, place_of(&place, in, row->region, err));
    if (!(row->tiac_h >= 0.0) || !isfinite(row->tiac_h) || row->sd_h < 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the time-integrated activity of '%s' is %g h (SD %g); it must be 0 "
                         "or more",
                         row->region, row->tiac_h, row->sd_h);
    if (place < RGQ_ORGANS_MAX && !(in->s->mass_g[place] > 0.0))
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "%s has no %s", in->s->anatomy,
                         in->s->organ[place]);
    if (!isnan(row->animal_share)) {
        double mass = (double)NAN;
        if (place < RGQ_ORGANS_MAX)
            mass = in->s->mass_g[place];
        else if (place == PLACE_MARROW && in->marrow != NULL)
            mass = in->marrow->mass_g;
        if (!(row->animal_share > 0.0 && row->animal_share < 1.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "'%s' is %g of the mass of the animal; a number in (0, 1) is "
                             "needed",
                             row->region, row->animal_share);
        if (!isnan(mass))
            factor = rgq_tiac_from_animal(1.0, mass / body_mass(in->s), row->animal_share);
        in->animal[place] = true;
    }
    in->summed[place] = in->summed[place] || in->has[place];
    in->has[place] = true;
    in->tiac[place] += factor * row->tiac_h;
    if (isnan(row->sd_h))
        in->unknown_sd = true;
    else
        in->variance[place] += factor * factor * row->sd_h * row->sd_h;
    return RGQ_OK;
}

/* What a row "total body" leaves to the remainder. */
static rgq_status settle_total(intake *in, rgq_error *err)
{
    double parts = 0.0;

    if (!in->has[PLACE_TOTAL])
        return RGQ_OK;
    for (int p = 0; p < PLACE_TOTAL; p++)
        parts += in->tiac[p];
    if (in->has[PLACE_REMAINDER] || parts > in->tiac[PLACE_TOTAL] * rounding)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "'total body' has %g h and its regions %g h; it holds them all, and "
                         "either it or 'remainder' is to be given",
                         in->tiac[PLACE_TOTAL], parts);
    in->tiac[PLACE_REMAINDER] = fmax(0.0, in->tiac[PLACE_TOTAL] - parts);
    in->variance[PLACE_REMAINDER] = in->variance[PLACE_TOTAL];
    return RGQ_OK;
}

static rgq_status settle_masses(intake *in, rgq_error *err)
{
    for (int o = 0; o < in->s->n; o++)
        in->scale[o] = 1.0;
    for (int i = 0; i < in->opts->n_masses; i++) {
        const rgq_dose_mass *m = &in->opts->mass[i];
        const int organ = organ_of(in->s, m->organ);
        if (organ < 0)
            return unknown_region(in->s, m->organ, err);
        if (!(m->mass_g > 0.0) || !isfinite(m->mass_g) || !(in->s->mass_g[organ] > 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the mass of '%s' is %g g; it must be above 0", m->organ,
                             m->mass_g);
        in->scale[organ] = in->s->mass_g[organ] / m->mass_g;
    }
    return RGQ_OK;
}

/* The remainder goes to all organs without a row, in proportion to mass. */
static rgq_status settle_spread(intake *in, rgq_error *err)
{
    double sum = 0.0;

    for (int o = 0; o < in->s->n; o++) {
        double mass = in->has[o] ? 0.0 : in->s->mass_g[o];
        if (o == in->skeleton && in->has[PLACE_MARROW])
            mass = fmax(0.0, mass - in->marrow->mass_g);
        in->spread[o] = mass;
        sum += mass;
    }
    if (!(sum > 0.0) && in->tiac[PLACE_REMAINDER] > 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the remainder has %g h, but every organ of %s has a row of its own",
                         in->tiac[PLACE_REMAINDER], in->s->anatomy);
    for (int o = 0; o < in->s->n; o++)
        in->spread[o] = sum > 0.0 ? in->spread[o] / sum : 0.0;
    return RGQ_OK;
}

/* Energy of charged particles, and which wall belongs to which contents: both stand in the
 * matrix. */
static void read_matrix(intake *in)
{
    const rgq_svalues *s = in->s;

    for (int t = 0; t < s->n; t++) {
        in->wall_contents[t] = -1;
        if (!(s->mass_g[t] > 0.0))
            continue;
        in->charged = s->electron[t * s->n + t] * s->mass_g[t];
        for (int h = 0; h < s->n; h++)
            if (h != t && s->electron_surface[h * s->n + t] > 0.0)
                in->wall_contents[t] = h;
    }
}

static unit_dose from_organ(const intake *in, int h, int t, bool own)
{
    const rgq_svalues *s = in->s;
    const size_t i = (size_t)h * (size_t)s->n + (size_t)t;
    unit_dose d = {s->photon[i], s->electron[i], s->electron_surface[i]};

    if (h == t) {
        d.photon *= cbrt(in->scale[t] * in->scale[t]);
        d.electron *= in->scale[t];
        d.surface *= in->scale[t];
    } else if (in->wall_contents[t] == h) {
        d.photon *= cbrt(in->scale[h] * in->scale[h]);
        d.electron *= own ? in->scale[h] : 0.0;
        d.surface *= own ? in->scale[h] : 0.0;
    }
    return d;
}

static unit_dose from_place(const intake *in, int place, int t)
{
    unit_dose d = {0.0, 0.0, 0.0};

    if (place < RGQ_ORGANS_MAX)
        return from_organ(in, place, t, true);
    if (place == PLACE_MARROW)
        return from_organ(in, in->skeleton, t, true);
    for (int h = 0; h < in->s->n; h++) {
        if (!(in->spread[h] > 0.0))
            continue;
        const unit_dose part = from_organ(in, h, t, false);
        d.photon += in->spread[h] * part.photon;
        d.electron += in->spread[h] * part.electron;
        d.surface += in->spread[h] * part.surface;
    }
    return d;
}

static double photon_variance(const intake *in, int t)
{
    double sum = 0.0;

    for (int h = 0; h < in->s->n; h++) {
        double hours = in->tiac[h] + in->spread[h] * in->tiac[PLACE_REMAINDER];
        if (h == in->skeleton)
            hours += in->tiac[PLACE_MARROW];
        const double sd = hours * in->s->photon_sd[h * in->s->n + t];
        sum += hours > 0.0 ? sd * sd : 0.0;
    }
    return sum;
}

/* One target. With `marrow` the target is red marrow: the skeleton's photons times a factor,
 * its electrons without those of marrow, and all electrons of marrow in marrow. */
static void dose_target(rgq_organ_dose *row, const intake *in, int t, bool marrow)
{
    const rgq_svalues *s = in->s;
    const double factor = marrow ? in->marrow->factor : 1.0;
    unit_dose rest = from_place(in, PLACE_REMAINDER, t);
    double variance = 0.0;

    rest.photon *= factor;
    for (int p = 0; p <= PLACE_REMAINDER; p++) {
        if (!(in->tiac[p] > 0.0))
            continue;
        unit_dose d = p == PLACE_REMAINDER ? rest : from_place(in, p, t);
        if (p != PLACE_REMAINDER)
            d.photon *= factor;
        if (marrow && p == PLACE_MARROW)
            d.electron = d.surface = in->charged / in->marrow->mass_g;
        row->photon += in->tiac[p] * d.photon;
        row->mean += in->tiac[p] * (d.photon + d.electron);
        row->surface += in->tiac[p] * (d.photon + d.surface);
        if (marrow ? p == PLACE_MARROW : p == t)
            row->self = in->tiac[p] * (d.photon + d.electron);
        double slope = d.photon + d.surface;
        if (in->has[PLACE_TOTAL] && p != PLACE_REMAINDER)
            slope -= rest.photon + rest.surface;
        variance += slope * slope * in->variance[p];
        if (in->animal[p])
            row->flags |= RGQ_DOSE_FROM_ANIMAL;
    }
    row->photon *= seconds_per_hour;
    row->mean *= seconds_per_hour;
    row->surface *= seconds_per_hour;
    row->self *= seconds_per_hour;
    row->sd_tiac = seconds_per_hour * sqrt(variance);
    row->sd_mc = seconds_per_hour * factor * sqrt(photon_variance(in, t));
    if (in->unknown_sd)
        row->flags |= RGQ_DOSE_PART_UNKNOWN;
    if (in->wall_contents[t] >= 0)
        row->flags |= RGQ_DOSE_WALL;
    row->mass_g = s->mass_g[t] / in->scale[t];
    row->tiac_h = in->tiac[t] + in->spread[t] * in->tiac[PLACE_REMAINDER];
}

static bool is_contents(const intake *in, int o)
{
    for (int t = 0; t < in->s->n; t++)
        if (in->wall_contents[t] == o)
            return true;
    return false;
}

static void add_organs(rgq_dose_table *table, const intake *in)
{
    for (int t = 0; t < in->s->n; t++) {
        if (!(in->s->mass_g[t] > 0.0) || is_contents(in, t))
            continue;
        rgq_organ_dose *row = &table->row[table->n++];
        rgq_text_copy(row->organ, sizeof row->organ, in->s->organ[t]);
        dose_target(row, in, t, false);
        const int c = in->wall_contents[t];
        if (in->scale[t] != 1.0 || (c >= 0 && in->scale[c] != 1.0))
            row->flags |= RGQ_DOSE_MASS_SCALED;
        if (in->summed[t])
            row->flags |= RGQ_DOSE_SUMMED;
    }
}

static void add_stand_ins(rgq_dose_table *table, const intake *in)
{
    const rgq_tissue_weights *w = in->opts->weights;

    for (int i = 0; w != NULL && i < w->n_stand_ins && table->n < RGQ_DOSE_ORGANS_MAX - 1;
         i++) {
        const rgq_stand_in *stand = &w->stand_in[i];
        const rgq_organ_dose *of = rgq_dose_find(table, stand->of);
        if (of == NULL || rgq_dose_find(table, stand->organ) != NULL)
            continue;
        rgq_organ_dose *row = &table->row[table->n];
        if (stand == in->marrow) {
            dose_target(row, in, in->skeleton, true);
            row->tiac_h = in->tiac[PLACE_MARROW];
            if (row->tiac_h > 0.0)
                row->flags |= RGQ_DOSE_UPPER_BOUND;
        } else {
            *row = *of;
            row->photon *= stand->factor;
            row->mean *= stand->factor;
            row->surface *= stand->factor;
            row->self *= stand->factor;
            row->sd_tiac *= stand->factor;
            row->sd_mc *= stand->factor;
            row->tiac_h = 0.0;
        }
        row->mass_g = stand->mass_g;
        row->flags |= RGQ_DOSE_STAND_IN;
        rgq_text_copy(row->organ, sizeof row->organ, stand->organ);
        table->n++;
    }
}

/* Energy in the body over its mass. */
static void add_total(rgq_dose_table *table, const intake *in)
{
    const double mass = body_mass(in->s);
    rgq_organ_dose *row = &table->row[table->n++];
    double photons = 0.0, variance = 0.0;

    for (int t = 0; t < in->s->n; t++) {
        const double m = in->s->mass_g[t];
        if (!(m > 0.0))
            continue;
        for (int p = 0; p <= PLACE_REMAINDER; p++)
            if (in->tiac[p] > 0.0)
                photons += in->tiac[p] * from_place(in, p, t).photon * m;
        variance += m * m * photon_variance(in, t);
    }
    rgq_text_copy(row->organ, sizeof row->organ, "total body");
    row->mass_g = mass;
    row->tiac_h = table->total_tiac_h;
    row->photon = seconds_per_hour * photons / mass;
    row->mean = row->photon + seconds_per_hour * in->charged * table->total_tiac_h / mass;
    row->surface = row->mean;
    row->sd_mc = seconds_per_hour * sqrt(variance) / mass;
    double own = 0.0;
    for (int p = 0; p < PLACE_TOTAL; p++)
        own += in->variance[p];
    if (in->has[PLACE_TOTAL])
        own = in->variance[PLACE_TOTAL];
    row->sd_tiac =
        table->total_tiac_h > 0.0 ? row->mean * sqrt(own) / table->total_tiac_h : 0.0;
    row->flags = in->unknown_sd ? RGQ_DOSE_PART_UNKNOWN : 0;
    for (int p = 0; p < PLACES; p++)
        row->flags |= in->animal[p] ? RGQ_DOSE_FROM_ANIMAL : 0;
}

static rgq_status judge_sum(rgq_dose_table *table, const intake *in, rgq_error *err)
{
    for (int p = 0; p < PLACE_TOTAL; p++)
        table->total_tiac_h += in->tiac[p];
    table->remainder_tiac_h = in->tiac[PLACE_REMAINDER];
    table->most_tiac_h = in->opts->half_life_h / log(2.0);
    if (!(table->total_tiac_h > table->most_tiac_h * rounding))
        return RGQ_OK;
    if (!in->opts->force)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the time-integrated activities sum to %.4g h; %s has no more than "
                         "%.4g h (half-life / ln 2) to give",
                         table->total_tiac_h, in->s->nuclide, table->most_tiac_h);
    note(table,
         "The time-integrated activities sum to %.4g h, more than the %.4g h that decay "
         "allows.",
         table->total_tiac_h, table->most_tiac_h);
    return RGQ_OK;
}

static void write_notes(rgq_dose_table *table, const intake *in)
{
    if (in->tiac[PLACE_REMAINDER] > 0.0)
        note(table,
             "Remainder: %.4g h in all organs without a row of their own, in proportion to "
             "mass, contents included.",
             in->tiac[PLACE_REMAINDER]);
    if (in->tiac[PLACE_MARROW] > 0.0)
        note(table,
             "Red marrow: all its electrons are taken to stay in %.4g g of marrow; its "
             "dose is an upper bound.",
             in->marrow->mass_g);
    for (int p = 0; p < PLACES; p++)
        table->from_animal = table->from_animal || in->animal[p];
    if (table->from_animal)
        note(table, "Some time-integrated activities are of animals, scaled by relative organ "
                    "mass; people may differ.");
}

static rgq_status compute(rgq_dose_table *table, intake *in, const rgq_dose_source *sources,
                          int n, rgq_error *err)
{
    in->skeleton = find_organ(in->s, "skeleton");
    if (in->opts->weights != NULL && find_organ(in->s, "red marrow") < 0)
        in->marrow = rgq_stand_in_find(in->opts->weights, "red marrow");
    if (in->marrow != NULL && (!(in->marrow->mass_g > 0.0) || in->skeleton < 0 ||
                               !rgq_text_equal_nocase(in->marrow->of, "skeleton")))
        in->marrow = NULL;
    read_matrix(in);
    for (int i = 0; i < n; i++)
        RGQ_PASS(err, take_source(in, &sources[i], err));
    RGQ_PASS(err, settle_total(in, err));
    RGQ_PASS(err, settle_masses(in, err));
    RGQ_PASS(err, settle_spread(in, err));
    rgq_text_copy(table->nuclide, sizeof table->nuclide, in->s->nuclide);
    rgq_text_copy(table->anatomy, sizeof table->anatomy, in->s->anatomy);
    table->female = in->opts->female;
    RGQ_PASS(err, judge_sum(table, in, err));
    add_organs(table, in);
    add_stand_ins(table, in);
    add_total(table, in);
    write_notes(table, in);
    return RGQ_OK;
}

rgq_status rgq_dose_organs(rgq_dose_table *out, const rgq_svalues *s,
                           const rgq_dose_source *sources, int n_sources,
                           const rgq_dose_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dose_table *table = NULL;
    intake *in = NULL;

    if (n_sources < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "no region has a time-integrated activity");
    RGQ_TRY(err, rgq_alloc(&table, 1, sizeof *table, err));
    RGQ_TRY(err, rgq_alloc(&in, 1, sizeof *in, err));
    in->s = s;
    in->opts = opts;
    RGQ_TRY(err, compute(table, in, sources, n_sources, err));
    *out = *table;
out:
    rgq_free(in);
    rgq_free(table);
    return st;
}

const rgq_organ_dose *rgq_dose_find(const rgq_dose_table *table, const char *organ)
{
    for (int i = 0; i < table->n; i++)
        if (rgq_text_equal_nocase(table->row[i].organ, organ))
            return &table->row[i];
    return NULL;
}

double rgq_tiac_from_animal(double tiac_h, double human_share, double animal_share)
{
    return tiac_h * human_share / animal_share;
}

double rgq_marrow_tiac_from_blood(double blood_h_per_g, double marrow_g, double ratio)
{
    return blood_h_per_g * marrow_g * ratio;
}
