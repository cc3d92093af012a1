#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "phantom/model.h"

void rgq_phantom_free(rgq_phantom *phantom)
{
    if (phantom == NULL)
        return;
    for (int i = 0; i < phantom->n_objects && phantom->body != NULL; i++)
        rgq_free(phantom->body[i].solid);
    rgq_free(phantom->body);
    rgq_free(phantom->object);
    rgq_free(phantom->activity);
    rgq_free(phantom->value);
    rgq_free(phantom);
}

const char *rgq_phantom_id(const rgq_phantom *phantom)
{
    return phantom->id;
}

const char *rgq_phantom_title(const rgq_phantom *phantom)
{
    return phantom->title;
}

const char *rgq_phantom_description(const rgq_phantom *phantom)
{
    return phantom->description;
}

const char *rgq_phantom_background(const rgq_phantom *phantom)
{
    return phantom->object[phantom->background].name;
}

double rgq_phantom_weight_kg(const rgq_phantom *phantom)
{
    return phantom->weight_kg;
}

double rgq_phantom_height_m(const rgq_phantom *phantom)
{
    return phantom->height_m;
}

void rgq_phantom_voxel_mm(const rgq_phantom *phantom, double voxel_mm[3])
{
    memcpy(voxel_mm, phantom->voxel_mm, sizeof phantom->voxel_mm);
}

void rgq_phantom_size_mm(const rgq_phantom *phantom, double size_mm[3])
{
    memcpy(size_mm, phantom->size_mm, sizeof phantom->size_mm);
}

int rgq_phantom_n_objects(const rgq_phantom *phantom)
{
    return phantom->n_objects;
}

const rgq_phantom_object *rgq_phantom_object_at(const rgq_phantom *phantom, int i)
{
    return &phantom->object[i];
}

int rgq_phantom_n_activities(const rgq_phantom *phantom)
{
    return phantom->n_activities;
}

const rgq_phantom_activity *rgq_phantom_activity_at(const rgq_phantom *phantom, int i)
{
    return &phantom->activity[i];
}

double rgq_phantom_value(const rgq_phantom *phantom, int a, int i)
{
    return phantom->value[(size_t)a * (size_t)phantom->n_objects + (size_t)i];
}

rgq_status rgq_phantom_activity_find(int *out, const rgq_phantom *phantom, const char *tracer,
                                     rgq_error *err)
{
    char known[512] = "";
    size_t used = 0;

    if (tracer == NULL) {
        *out = 0;
        return RGQ_OK;
    }
    for (int i = 0; i < phantom->n_activities; i++) {
        if (rgq_text_equal_nocase(phantom->activity[i].id, tracer)) {
            *out = i;
            return RGQ_OK;
        }
        if (used < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                     i > 0 ? ", " : "", phantom->activity[i].id);
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "the phantom '%s' has no activities for the tracer '%.60s'; it has: %s",
                     phantom->id, tracer, known);
}

double rgq_phantom_body_depth(const rgq_phantom_body *body, const double point_mm[3])
{
    double depth = rgq_solid_depth(&body->solid[0], point_mm);

    for (int i = 1; i < body->n_union; i++)
        depth = fmin(depth, rgq_solid_depth(&body->solid[i], point_mm));
    for (int i = body->n_union; i < body->n_union + body->n_except; i++)
        depth = fmax(depth, -rgq_solid_depth(&body->solid[i], point_mm));
    return depth;
}

int rgq_phantom_paint(const rgq_phantom *phantom, const double point_mm[3], int skip)
{
    for (int i = phantom->n_objects - 1; i >= 0; i--)
        if (i != skip && rgq_phantom_body_depth(&phantom->body[i], point_mm) <= 0.0)
            return i;
    return -1;
}

int rgq_phantom_object_of_point(const rgq_phantom *phantom, const double point_mm[3])
{
    return rgq_phantom_paint(phantom, point_mm, -1);
}

rgq_status rgq_phantom_list(rgq_phantom_ids *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    enum { IDS_MAX = sizeof out->id / sizeof out->id[0] };
    rgq_names names = {NULL, 0};

    *out = (rgq_phantom_ids){.count = 0};
    RGQ_PASS(err, rgq_folder_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        const size_t length = strlen(names.name[i]);
        if (!rgq_text_ends_with(names.name[i], ".json"))
            continue;
        if (length - 5 >= sizeof out->id[0] || out->count == IDS_MAX) {
            *out = (rgq_phantom_ids){.count = 0};
            st = RGQ_RAISE(
                err, RGQ_E_FORMAT,
                "%s holds more than %d phantoms, or a file name of more than %zu bytes", folder,
                (int)IDS_MAX, sizeof out->id[0] - 1);
            break;
        }
        rgq_text_copy(out->id[out->count], length - 5 + 1, names.name[i]);
        out->count++;
    }
    rgq_names_release(&names);
    return st;
}

static rgq_status refuse_id(const char *folder, const char *id, const rgq_phantom_ids *ids,
                            rgq_error *err)
{
    char known[400] = "";
    size_t used = 0;
    int nearest = 0;

    if (ids->count == 0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "%s holds no phantom file", folder);
    for (int i = 0; i < ids->count; i++) {
        if (rgq_text_distance(id, ids->id[i]) < rgq_text_distance(id, ids->id[nearest]))
            nearest = i;
        if (used < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                     i > 0 ? ", " : "", ids->id[i]);
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "there is no phantom '%.60s'; did you mean '%s'? There are: %s", id,
                     ids->id[nearest], known);
}

rgq_status rgq_phantom_find(rgq_phantom **out, const char *folder, const char *id,
                            rgq_error *err)
{
    rgq_phantom_ids ids;
    char file[64];
    char path[RGQ_PATH_MAX];

    *out = NULL;
    RGQ_PASS(err, rgq_phantom_list(&ids, folder, err));
    for (int i = 0; i < ids.count; i++) {
        if (!rgq_text_equal_nocase(ids.id[i], id))
            continue;
        (void)snprintf(file, sizeof file, "%s.json", ids.id[i]);
        RGQ_PASS(err, rgq_path_join(path, folder, file, err));
        RGQ_PASS(err, rgq_phantom_load(out, path, err));
        return RGQ_OK;
    }
    return refuse_id(folder, id, &ids, err);
}
