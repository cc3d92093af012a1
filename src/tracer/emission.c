#include "tracer/emission.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"

static const rgq_unit_choice energy_units[] = {
    {"MeV", 1.0, "MeV"}, {"keV", 1e-3, "MeV"}, {NULL, 0.0, NULL}};

static rgq_status need_word(const rgq_json *node, const char *key, const char *word,
                            const char *where, rgq_error *err)
{
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, node, key, where, err));
    if (strcmp(text, word) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is '%.30s', needed is '%s'", where, key,
                         text, word);
    return RGQ_OK;
}

/* Units, status and source that a list of emissions shares. */
static rgq_status read_shared(char source[40], const rgq_json *node,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    RGQ_PASS(err, need_word(node, "energy_unit", "keV", where, err));
    RGQ_PASS(err, need_word(node, "yield_unit", "1", where, err));
    RGQ_PASS(err, need_word(node, "status", "verified", where, err));
    return rgq_source_member(source, node, sources, where, err);
}

typedef struct line {
    double kev;
    double yield;
} line;

/* Lines [keV, per decay] of photons or electrons; one rule for both. */
static rgq_status read_lines(line *out, int *count, size_t max, const rgq_json *node,
                             const char *where, rgq_error *err)
{
    const rgq_json *lines = rgq_json_get(node, "lines");

    if (!rgq_json_is_array(lines) || rgq_json_count(lines) > max)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'lines' must be an array of at most %zu pairs [keV, number per "
                         "decay]",
                         where, max);
    for (size_t i = 0; i < rgq_json_count(lines); i++) {
        const rgq_json *pair = rgq_json_at(lines, i);
        const double kev = rgq_json_number(rgq_json_at(pair, 0), -1.0);
        const double yield = rgq_json_number(rgq_json_at(pair, 1), -1.0);
        if (rgq_json_count(pair) != 2 || kev <= 0.0 || yield <= 0.0 || yield > 2.0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: line %zu must be [keV > 0, number per decay in (0, 2]]",
                             where, i);
        out[(*count)++] = (line){kev, yield};
    }
    return RGQ_OK;
}

static const char *const line_keys[] = {"energy_unit", "yield_unit", "source", "status",
                                        "lines",       "unlisted",   NULL};

static rgq_status read_photons(rgq_nuclide *out, const rgq_json *node,
                               const rgq_source_list *sources, const char *where,
                               rgq_error *err)
{
    line lines[RGQ_PHOTONS_MAX];

    RGQ_PASS(err, rgq_json_only(node, line_keys, where, err));
    RGQ_PASS(err, read_shared(out->photon_source, node, sources, where, err));
    RGQ_PASS(err, read_lines(lines, &out->n_photons, RGQ_PHOTONS_MAX, node, where, err));
    for (int i = 0; i < out->n_photons; i++)
        out->photon[i] = (rgq_photon){lines[i].kev, lines[i].yield};
    return rgq_quantity_read(&out->unlisted_photon_mev, node, "unlisted", energy_units, sources,
                             where, err);
}

static rgq_status read_electrons(rgq_nuclide *out, const rgq_json *node,
                                 const rgq_source_list *sources, const char *where,
                                 rgq_error *err)
{
    line lines[RGQ_ELECTRONS_MAX];

    RGQ_PASS(err, rgq_json_only(node, line_keys, where, err));
    RGQ_PASS(err, read_shared(out->electron_source, node, sources, where, err));
    RGQ_PASS(err, read_lines(lines, &out->n_electrons, RGQ_ELECTRONS_MAX, node, where, err));
    for (int i = 0; i < out->n_electrons; i++)
        out->electron[i] = (rgq_electron){lines[i].kev, lines[i].yield};
    return rgq_quantity_read(&out->unlisted_electron_mev, node, "unlisted", energy_units,
                             sources, where, err);
}

static rgq_status read_branch(rgq_beta *out, const rgq_json *node, const char *where,
                              rgq_error *err)
{
    static const char *const keys[] = {"kind",  "mean_energy",   "end_point",
                                       "yield", "forbiddenness", NULL};
    const char *kind = NULL;
    const char *shape = NULL;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&kind, node, "kind", where, err));
    if (strcmp(kind, "beta-") != 0 && strcmp(kind, "beta+") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'kind' is '%.30s', needed is beta- or beta+",
                         where, kind);
    RGQ_PASS(err, rgq_json_need_text(&shape, node, "forbiddenness", where, err));
    if (strcmp(shape, "allowed") != 0 && strcmp(shape, "unique-1") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'forbiddenness' is '%.30s', needed is allowed or unique-1", where,
                         shape);
    out->is_positron = strcmp(kind, "beta+") == 0;
    rgq_text_copy(out->forbiddenness, sizeof out->forbiddenness, shape);
    out->end_point_kev = (double)NAN;
    RGQ_PASS(err, rgq_json_need_real(&out->mean_energy_kev, node, "mean_energy", 1e-3, 2e4,
                                     where, err));
    RGQ_PASS(err, rgq_json_need_real(&out->yield, node, "yield", 1e-9, 1.0, where, err));
    if (rgq_json_get(node, "end_point") == NULL)
        return RGQ_OK;
    return rgq_json_need_real(&out->end_point_kev, node, "end_point", 1e-3, 2e4, where, err);
}

static rgq_status read_betas(rgq_nuclide *out, const rgq_json *node,
                             const rgq_source_list *sources, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"energy_unit", "yield_unit", "source",
                                       "status",      "branches",   NULL};
    const rgq_json *branches = rgq_json_get(node, "branches");
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, read_shared(out->beta_source, node, sources, where, err));
    if (!rgq_json_is_array(branches) || rgq_json_count(branches) > RGQ_BETAS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'branches' must be an array of at most %d",
                         where, (int)RGQ_BETAS_MAX);
    for (size_t i = 0; i < rgq_json_count(branches); i++) {
        RGQ_PASS(err, read_branch(&out->beta[i], rgq_json_at(branches, i),
                                  rgq_where_join(deeper, where, "branches", (long)i), err));
        out->n_betas++;
    }
    return RGQ_OK;
}

rgq_status rgq_emissions_read(rgq_nuclide *out, const rgq_json *node,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    const rgq_json *photons = rgq_json_get(node, "photons");
    const rgq_json *betas = rgq_json_get(node, "betas");
    const rgq_json *electrons = rgq_json_get(node, "electrons");
    char deeper[RGQ_WHERE_MAX];

    if (photons != NULL)
        RGQ_PASS(err, read_photons(out, photons, sources,
                                   rgq_where_join(deeper, where, "photons", -1), err));
    if (betas != NULL)
        RGQ_PASS(err, read_betas(out, betas, sources,
                                 rgq_where_join(deeper, where, "betas", -1), err));
    if (electrons != NULL)
        RGQ_PASS(err, read_electrons(out, electrons, sources,
                                     rgq_where_join(deeper, where, "electrons", -1), err));
    return RGQ_OK;
}
