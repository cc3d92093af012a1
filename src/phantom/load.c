/* The strict loader, first half: the file, its grid, body and objects. */
#include "phantom/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/references.h"
#include "core/text.h"

enum { FILE_BYTES_MAX = 1024 * 1024 };
static const double length_max_mm = 10000.0;
static const double length_min_mm = 0.01;

rgq_status rgq_phantom_read_name(char *out, size_t size, const rgq_json *node, const char *key,
                                 const char *where, rgq_error *err)
{
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, node, key, where, err));
    if (text[0] == '\0' || strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes; 1 to %zu are allowed",
                         where, key, strlen(text), size - 1);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' holds a control character", where,
                             key);
    rgq_text_copy(out, size, text);
    return RGQ_OK;
}

rgq_status rgq_phantom_read_status(char *out, const rgq_phantom_reader *reader,
                                   const rgq_json *node, const char *where, rgq_error *err)
{
    char status[16];
    const char *source = rgq_json_text(rgq_json_get(node, "source"), NULL);

    RGQ_PASS(err, rgq_phantom_read_name(status, sizeof status, node, "status", where, err));
    const bool is_design = strcmp(status, "design") == 0;
    if (!is_design && strcmp(status, "standard") != 0 && strcmp(status, "published") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'status' is '%s'; design, standard or published were expected",
                         where, status);
    if (!is_design && source == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: status '%s' needs a 'source'", where, status);
    if (rgq_json_get(node, "source") != NULL && source == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'source' must be a text", where);
    if (source != NULL && rgq_json_get(reader->references, source) == NULL)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "%s: the source '%.60s' is not among the references; rgdquant cite lists "
            "them",
            where, source);
    if (out != NULL)
        memcpy(out, status, sizeof status);
    return RGQ_OK;
}

rgq_status rgq_phantom_read_quantity(double *out, const rgq_json *node, const char *key,
                                     const char *unit, const double range[2], const char *where,
                                     rgq_error *err)
{
    static const char *const keys[] = {"value", "unit", NULL};
    const rgq_json *quantity = rgq_json_get(node, key);
    const char *found = NULL;
    char at[RGQ_WHERE_MAX];

    if (quantity == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is missing", where, key);
    (void)snprintf(at, sizeof at, "%.270s: %.40s", where, key);
    RGQ_PASS(err, rgq_json_only(quantity, keys, at, err));
    RGQ_PASS(err, rgq_json_need_text(&found, quantity, "unit", at, err));
    if (strcmp(found, unit) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the unit is '%.40s', %s was needed", at, found,
                         unit);
    return rgq_json_need_real(out, quantity, "value", range[0], range[1], at, err);
}

int rgq_phantom_object_find(const rgq_phantom *phantom, const char *name)
{
    for (int i = 0; i < phantom->n_objects; i++)
        if (strcmp(phantom->object[i].name, name) == 0)
            return i;
    return -1;
}

static rgq_status check_lengths(const double *values, int count, double lo, const char *key,
                                const char *where, rgq_error *err)
{
    for (int i = 0; i < count; i++)
        if (!(values[i] >= lo && values[i] <= length_max_mm))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is %g mm, outside %g .. %g", where,
                             key, values[i], lo, length_max_mm);
    return RGQ_OK;
}

static rgq_status read_lengths(double *out, int count, const rgq_json *node, const char *key,
                               const char *where, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_need_reals(out, (size_t)count, node, key, where, err));
    return check_lengths(out, count, length_min_mm, key, where, err);
}

static rgq_status read_cuts(rgq_solid *solid, const rgq_json *node, const char *where,
                            rgq_error *err)
{
    static const char *const keys[] = {"normal", "at_most_mm", NULL};
    const rgq_json *cuts = rgq_json_get(node, "keep");
    const size_t count = rgq_json_count(cuts);

    if (cuts == NULL)
        return RGQ_OK;
    if (!rgq_json_is_array(cuts) || count > RGQ_SOLID_CUTS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'keep' must be an array of at most %d half-spaces", where,
                         (int)RGQ_SOLID_CUTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const rgq_json *cut = rgq_json_at(cuts, i);
        rgq_half_space *keep = &solid->keep[i];
        char at[RGQ_WHERE_MAX];
        (void)snprintf(at, sizeof at, "%.290s: keep[%zu]", where, i);
        RGQ_PASS(err, rgq_json_only(cut, keys, at, err));
        RGQ_PASS(err, rgq_json_need_reals(keep->normal, 3, cut, "normal", at, err));
        RGQ_PASS(err, rgq_json_need_real(&keep->at_most_mm, cut, "at_most_mm", -length_max_mm,
                                         length_max_mm, at, err));
        const double length = hypot(hypot(keep->normal[0], keep->normal[1]), keep->normal[2]);
        if (!(length > 1e-6 && length < 1e6))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'normal' has the length %g", at, length);
        for (int a = 0; a < 3; a++)
            keep->normal[a] /= length;
        solid->n_keep++;
    }
    return RGQ_OK;
}

static rgq_status read_sphere(rgq_solid *solid, const rgq_json *node, const char *where,
                              rgq_error *err)
{
    static const char *const keys[] = {"kind", "centre_mm", "diameter_mm", "keep", NULL};
    double diameter_mm = 0.0;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&diameter_mm, node, "diameter_mm", length_min_mm,
                                     length_max_mm, where, err));
    solid->kind = RGQ_SOLID_ELLIPSOID;
    for (int a = 0; a < 3; a++)
        solid->half_mm[a] = 0.5 * diameter_mm;
    return RGQ_OK;
}

static rgq_status read_ellipsoid(rgq_solid *solid, const rgq_json *node, const char *where,
                                 rgq_error *err)
{
    static const char *const keys[] = {"kind", "centre_mm", "half_axes_mm", "keep", NULL};

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    solid->kind = RGQ_SOLID_ELLIPSOID;
    return read_lengths(solid->half_mm, 3, node, "half_axes_mm", where, err);
}

static rgq_status read_cylinder(rgq_solid *solid, const rgq_json *node, const char *where,
                                rgq_error *err)
{
    static const char *const keys[] = {"kind",      "centre_mm", "axis", "half_axes_mm",
                                       "length_mm", "keep",      NULL};
    const char *axis = NULL;
    double across_mm[2];
    double length_mm = 0.0;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&axis, node, "axis", where, err));
    if (strlen(axis) != 1 || axis[0] < 'x' || axis[0] > 'z')
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'axis' is '%.20s'; x, y or z was needed",
                         where, axis);
    RGQ_PASS(err, read_lengths(across_mm, 2, node, "half_axes_mm", where, err));
    RGQ_PASS(err, rgq_json_need_real(&length_mm, node, "length_mm", length_min_mm,
                                     length_max_mm, where, err));
    solid->kind = RGQ_SOLID_CYLINDER;
    solid->axis = axis[0] - 'x';
    for (int a = 0, k = 0; a < 3; a++)
        solid->half_mm[a] = a == solid->axis ? 0.5 * length_mm : across_mm[k++];
    return RGQ_OK;
}

static rgq_status read_box(rgq_solid *solid, const rgq_json *node, const char *where,
                           rgq_error *err)
{
    static const char *const keys[] = {"kind", "centre_mm", "size_mm", "keep", NULL};

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, read_lengths(solid->half_mm, 3, node, "size_mm", where, err));
    solid->kind = RGQ_SOLID_BOX;
    for (int a = 0; a < 3; a++)
        solid->half_mm[a] *= 0.5;
    return RGQ_OK;
}

static rgq_status read_solid(rgq_solid *solid, const rgq_json *node, const char *where,
                             rgq_error *err)
{
    static const struct {
        const char *kind;
        rgq_status (*read)(rgq_solid *, const rgq_json *, const char *, rgq_error *);
    } kinds[] = {{"sphere", read_sphere},
                 {"ellipsoid", read_ellipsoid},
                 {"cylinder", read_cylinder},
                 {"box", read_box}};
    const char *kind = NULL;

    RGQ_PASS(err, rgq_json_need_text(&kind, node, "kind", where, err));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kind, kinds[i].kind) != 0)
            continue;
        RGQ_PASS(err, kinds[i].read(solid, node, where, err));
        RGQ_PASS(err, rgq_json_need_reals(solid->centre_mm, 3, node, "centre_mm", where, err));
        RGQ_PASS(err,
                 check_lengths(solid->centre_mm, 3, -length_max_mm, "centre_mm", where, err));
        return read_cuts(solid, node, where, err);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: 'kind' is '%.40s'; sphere, ellipsoid, cylinder or box was needed",
                     where, kind);
}

static rgq_status read_solids(rgq_phantom_body *body, const rgq_json *node, const char *where,
                              int *budget, rgq_error *err)
{
    const rgq_json *list[2] = {rgq_json_get(node, "union"), rgq_json_get(node, "except")};
    static const char *const list_name[2] = {"union", "except"};
    size_t count[2] = {rgq_json_count(list[0]), rgq_json_count(list[1])};

    if (!rgq_json_is_array(list[0]) || count[0] == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'union' must be an array of solids", where);
    if (list[1] != NULL && !rgq_json_is_array(list[1]))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'except' must be an array of solids", where);
    if (count[0] > (size_t)*budget || count[1] > (size_t)*budget - count[0])
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the file has more than %d solids", where,
                         (int)RGQ_PHANTOM_SOLIDS_MAX);
    *budget -= (int)(count[0] + count[1]);
    RGQ_PASS(err, rgq_alloc(&body->solid, count[0] + count[1], sizeof *body->solid, err));
    body->n_union = (int)count[0];
    body->n_except = (int)count[1];
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < count[l]; i++) {
            char at[RGQ_WHERE_MAX];
            (void)snprintf(at, sizeof at, "%.240s: %s[%zu]", where, list_name[l], i);
            rgq_solid *solid = &body->solid[l == 0 ? i : count[0] + i];
            RGQ_PASS(err, read_solid(solid, rgq_json_at(list[l], i), at, err));
        }
    return RGQ_OK;
}

static rgq_status read_region_flag(bool *out, const rgq_json *node, const char *where,
                                   rgq_error *err)
{
    const rgq_json *region = rgq_json_get(node, "region");
    if (!rgq_json_is_bool(region))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'region' must be true or false", where);
    *out = rgq_json_bool(region, false);
    return RGQ_OK;
}

static rgq_status read_object(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                              const rgq_json *node, int *budget, rgq_error *err)
{
    static const char *const keys[] = {"name",   "region", "host",   "status", "source",
                                       "remark", "union",  "except", NULL};
    const int i = phantom->n_objects;
    rgq_phantom_object *object = &phantom->object[i];
    char where[RGQ_WHERE_MAX];
    bool is_region = false;

    (void)snprintf(where, sizeof where, "%.200s: objects[%d]", reader->name, i);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_phantom_read_name(object->name, sizeof object->name, node, "name", where,
                                        err));
    if (rgq_phantom_object_find(phantom, object->name) >= 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a second object is named '%s'", where,
                         object->name);
    RGQ_PASS(err, rgq_phantom_read_status(NULL, reader, node, where, err));
    RGQ_PASS(err, read_region_flag(&is_region, node, where, err));
    if (rgq_json_get(node, "host") != NULL) {
        RGQ_PASS(err, rgq_phantom_read_name(object->host, sizeof object->host, node, "host",
                                            where, err));
        if (rgq_phantom_object_find(phantom, object->host) < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: no object before it is named '%s'", where,
                             object->host);
    }
    for (int k = 0; k < i && is_region; k++)
        object->label += phantom->object[k].label > 0 ? 1 : 0;
    object->label += is_region ? 1 : 0;
    phantom->n_objects++; /* from here its solids are freed with the phantom */
    return read_solids(&phantom->body[i], node, where, budget, err);
}

static rgq_status read_objects(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                               const rgq_json *array, rgq_error *err)
{
    const size_t count = rgq_json_count(array);
    int budget = RGQ_PHANTOM_SOLIDS_MAX;

    if (!rgq_json_is_array(array) || count == 0 || count > RGQ_PHANTOM_OBJECTS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'objects' must be an array of 1 to %d objects",
                         reader->name, (int)RGQ_PHANTOM_OBJECTS_MAX);
    RGQ_PASS(err, rgq_alloc(&phantom->object, count, sizeof *phantom->object, err));
    RGQ_PASS(err, rgq_alloc(&phantom->body, count, sizeof *phantom->body, err));
    for (size_t i = 0; i < count; i++)
        RGQ_PASS(err, read_object(phantom, reader, rgq_json_at(array, i), &budget, err));
    return RGQ_OK;
}

static rgq_status read_grid(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                            const rgq_json *node, rgq_error *err)
{
    static const char *const keys[] = {"voxel_mm", "size_mm", "status", "source", NULL};
    char where[RGQ_WHERE_MAX];

    (void)snprintf(where, sizeof where, "%.200s: grid", reader->name);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_phantom_read_status(NULL, reader, node, where, err));
    RGQ_PASS(err, read_lengths(phantom->voxel_mm, 3, node, "voxel_mm", where, err));
    return read_lengths(phantom->size_mm, 3, node, "size_mm", where, err);
}

static rgq_status read_body(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                            const rgq_json *node, rgq_error *err)
{
    static const char *const keys[] = {"weight", "height", "status", "source", NULL};
    static const double weight_range[2] = {0.001, 1000.0};
    static const double height_range[2] = {0.01, 3.0};
    char where[RGQ_WHERE_MAX];

    phantom->weight_kg = phantom->height_m = (double)NAN;
    if (node == NULL)
        return RGQ_OK;
    (void)snprintf(where, sizeof where, "%.200s: body", reader->name);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_phantom_read_status(NULL, reader, node, where, err));
    RGQ_PASS(err, rgq_phantom_read_quantity(&phantom->weight_kg, node, "weight", "kg",
                                            weight_range, where, err));
    return rgq_phantom_read_quantity(&phantom->height_m, node, "height", "m", height_range,
                                     where, err);
}

static rgq_status read_file(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                            const rgq_json *root, rgq_error *err)
{
    static const char *const keys[] = {"format",  "id",         "title", "description",
                                       "grid",    "background", "body",  "activities",
                                       "objects", "analysis",   NULL};
    const char *name = reader->name;
    char background[sizeof phantom->object->name];
    double format = 0.0;

    RGQ_PASS(err, rgq_json_only(root, keys, name, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, name, err));
    RGQ_PASS(err,
             rgq_phantom_read_name(phantom->id, sizeof phantom->id, root, "id", name, err));
    RGQ_PASS(err, rgq_phantom_read_name(phantom->title, sizeof phantom->title, root, "title",
                                        name, err));
    RGQ_PASS(err, rgq_phantom_read_name(phantom->description, sizeof phantom->description, root,
                                        "description", name, err));
    RGQ_PASS(err, read_grid(phantom, reader, rgq_json_get(root, "grid"), err));
    RGQ_PASS(err, read_body(phantom, reader, rgq_json_get(root, "body"), err));
    RGQ_PASS(err, read_objects(phantom, reader, rgq_json_get(root, "objects"), err));
    RGQ_PASS(err, rgq_phantom_read_name(background, sizeof background, root, "background", name,
                                        err));
    phantom->background = rgq_phantom_object_find(phantom, background);
    if (phantom->background < 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'background' is '%s', but no object has that "
                         "name",
                         name, background);
    RGQ_PASS(err, rgq_phantom_read_activities(phantom, reader, rgq_json_get(root, "activities"),
                                              err));
    rgq_phantom_complete(phantom);
    RGQ_PASS(err, rgq_phantom_check_hosts(phantom, name, err));
    return rgq_phantom_read_measure(phantom, reader, rgq_json_get(root, "analysis"), err);
}

rgq_status rgq_phantom_parse(rgq_phantom **out, const char *text, size_t length,
                             const char *name, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *references = NULL;
    rgq_json *root = NULL;
    rgq_phantom *phantom = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_parse(&root, text, length, name, err));
    RGQ_TRY(err, rgq_references_load(&references, err));
    RGQ_TRY(err, rgq_alloc(&phantom, 1, sizeof *phantom, err));
    const rgq_phantom_reader reader = {name, references};
    RGQ_TRY(err, read_file(phantom, &reader, root, err));
    *out = phantom;
    phantom = NULL;
out:
    rgq_phantom_free(phantom);
    rgq_json_free(root);
    rgq_json_free(references);
    return st;
}

rgq_status rgq_phantom_load(rgq_phantom **out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const char *base = rgq_path_base(path);
    rgq_phantom *phantom = NULL;
    char *text = NULL;
    size_t length = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_file_read(&text, &length, path, FILE_BYTES_MAX, err));
    RGQ_TRY(err, rgq_phantom_parse(&phantom, text, length, base, err));
    const size_t stem = strlen(phantom->id);
    if (strncmp(base, phantom->id, stem) != 0 || strcmp(base + stem, ".json") != 0) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'id' is '%s', which is not the name of the file",
                       base, phantom->id);
        goto out;
    }
    *out = phantom;
    phantom = NULL;
out:
    rgq_phantom_free(phantom);
    rgq_free(text);
    return st;
}
