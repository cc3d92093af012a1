#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/tracer.h"
#include "tracer/nuclide.h"

enum { NAME_MAX_BYTES = 160 };

/* Files of the folder that hold other knowledge. */
static bool is_tracer_file(const char *name)
{
    static const char *const others[] = {"isotopes.json", "references.json", "integrins.json",
                                         "targets.json", "tissue_weights.json"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return rgq_text_ends_with(name, ".json") && strlen(name) > strlen(".json");
}

rgq_status rgq_tracer_list(rgq_tracer_ids *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};
    rgq_tracer_ids ids = {.count = 0};

    RGQ_TRY(err, rgq_folder_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        if (!is_tracer_file(names.name[i]))
            continue;
        const size_t n = strlen(names.name[i]) - strlen(".json");
        if (n >= sizeof ids.id[0] || ids.count == (int)(sizeof ids.id / sizeof ids.id[0])) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT,
                           "%s holds more than %zu tracers, or a file name of more than %zu "
                           "bytes",
                           folder, sizeof ids.id / sizeof ids.id[0], sizeof ids.id[0] - 1);
            goto out;
        }
        (void)snprintf(ids.id[ids.count++], sizeof ids.id[0], "%.*s", (int)n, names.name[i]);
    }
    *out = ids;
out:
    rgq_names_release(&names);
    return st;
}

static bool same_name(const char *a, const char *b)
{
    char x[NAME_MAX_BYTES];
    char y[NAME_MAX_BYTES];

    return rgq_name_squeeze(x, sizeof x, a) && rgq_name_squeeze(y, sizeof y, b) &&
           strcmp(x, y) == 0;
}

/* With any of the tracer's nuclides before, behind or left out. */
static bool same_compound(const char *a, const char *b, const rgq_tracer *tracer)
{
    char x[NAME_MAX_BYTES];
    char y[NAME_MAX_BYTES];

    if (!rgq_name_squeeze(x, sizeof x, a) || !rgq_name_squeeze(y, sizeof y, b))
        return false;
    (void)rgq_nuclide_strip(x, tracer->nuclide);
    if (!rgq_nuclide_strip(y, tracer->nuclide))
        for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && tracer->other_nuclide[i][0] != '\0'; i++)
            if (rgq_nuclide_strip(y, tracer->other_nuclide[i]))
                break;
    return strcmp(x, y) == 0;
}

bool rgq_tracer_is_named(const rgq_tracer *tracer, const char *radiopharmaceutical)
{
    if (radiopharmaceutical == NULL)
        return false;
    if (same_compound(tracer->id, radiopharmaceutical, tracer) ||
        same_compound(tracer->name, radiopharmaceutical, tracer))
        return true;
    for (int i = 0; i < RGQ_TRACER_ALIASES_MAX && tracer->aliases[i][0] != '\0'; i++)
        if (same_compound(tracer->aliases[i], radiopharmaceutical, tracer))
            return true;
    return false;
}

static rgq_status load_from(rgq_tracer *out, const char *folder, const char *id, rgq_error *err)
{
    char name[64];
    char path[RGQ_PATH_MAX];

    (void)snprintf(name, sizeof name, "%.48s.json", id);
    RGQ_PASS(err, rgq_path_join(path, folder, name, err));
    return rgq_tracer_load(out, path, NULL, err);
}

static rgq_status not_found(const rgq_tracer_ids *ids, const char *folder, const char *id,
                            rgq_error *err)
{
    char list[480] = "";
    const char *nearest = NULL;

    for (int i = 0; i < ids->count; i++) {
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                       ids->id[i]);
        if (nearest == NULL ||
            rgq_text_distance(ids->id[i], id) < rgq_text_distance(nearest, id))
            nearest = ids->id[i];
    }
    if (nearest == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "%s holds no tracer file", folder);
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "there is no tracer '%.60s'; did you mean '%s'? Known are: %s", id,
                     nearest, list);
}

rgq_status rgq_tracer_find(rgq_tracer *out, const char *folder, const char *id, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer_ids ids = {.count = 0};
    rgq_tracer *candidate = NULL;

    RGQ_TRY(err, rgq_alloc(&candidate, 1, sizeof *candidate, err));
    RGQ_TRY(err, rgq_tracer_list(&ids, folder, err));
    for (int i = 0; i < ids.count; i++) {
        if (!same_name(ids.id[i], id))
            continue;
        RGQ_TRY(err, load_from(candidate, folder, ids.id[i], err));
        *out = *candidate;
        goto out;
    }
    for (int i = 0; i < ids.count; i++) { /* an alias: the files must be read */
        RGQ_TRY(err, load_from(candidate, folder, ids.id[i], err));
        if (!rgq_tracer_is_named(candidate, id))
            continue;
        *out = *candidate;
        goto out;
    }
    st = not_found(&ids, folder, id, err);
out:
    rgq_free(candidate);
    return st;
}
