#include "dose/anatomy.h"

#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/text.h"
#include "dose/material.h"

enum { SIDE_MAX = 4096 };

rgq_status rgq_anatomy_create(rgq_anatomy **out, const char *id, const int n[3],
                              const double voxel_mm[3], bool with_density, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_anatomy *body = NULL;

    *out = NULL;
    for (int a = 0; a < 3; a++)
        if (n[a] < 1 || n[a] > SIDE_MAX || !(voxel_mm[a] > 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a body of %d voxels of %g mm along one axis; 1 to %d of a size "
                             "above 0 are needed",
                             n[a], voxel_mm[a], SIDE_MAX);
    RGQ_TRY(err, rgq_alloc(&body, 1, sizeof *body, err));
    rgq_text_copy(body->id, sizeof body->id, id);
    for (int a = 0; a < 3; a++) {
        body->n[a] = n[a];
        body->voxel_mm[a] = voxel_mm[a];
    }
    const size_t count = rgq_anatomy_count(body);
    RGQ_TRY(err, rgq_alloc(&body->organ, count, sizeof *body->organ, err));
    RGQ_TRY(err, rgq_alloc(&body->material, count, sizeof *body->material, err));
    if (with_density)
        RGQ_TRY(err, rgq_alloc(&body->density, count, sizeof *body->density, err));
    *out = body;
    body = NULL;
out:
    rgq_anatomy_free(body);
    return st;
}

void rgq_anatomy_free(rgq_anatomy *body)
{
    if (body == NULL)
        return;
    rgq_free(body->organ);
    rgq_free(body->material);
    rgq_free(body->density);
    rgq_free(body);
}

size_t rgq_anatomy_count(const rgq_anatomy *body)
{
    return (size_t)body->n[0] * (size_t)body->n[1] * (size_t)body->n[2];
}

double rgq_anatomy_density(const rgq_anatomy *body, size_t voxel)
{
    if (body->density != NULL)
        return (double)body->density[voxel];
    return rgq_material_at(body->material[voxel])->density_g_cm3;
}

void rgq_anatomy_weigh(rgq_anatomy *body)
{
    const size_t count = rgq_anatomy_count(body);
    const double voxel_ml = body->voxel_mm[0] * body->voxel_mm[1] * body->voxel_mm[2] / 1000.0;
    double grams[RGQ_ORGANS_MAX] = {0.0};
    size_t voxels[RGQ_ORGANS_MAX] = {0};

    for (size_t i = 0; i < count; i++) {
        if (body->organ[i] == 0)
            continue;
        grams[body->organ[i] - 1] += rgq_anatomy_density(body, i);
        voxels[body->organ[i] - 1]++;
    }
    for (int o = 0; o < body->n_organs; o++) {
        body->organs[o].mass_g = grams[o] * voxel_ml;
        body->organs[o].volume_ml = (double)voxels[o] * voxel_ml;
    }
}

int rgq_anatomy_find(const rgq_anatomy *body, const char *name)
{
    for (int o = 0; o < body->n_organs; o++)
        if (rgq_text_equal_nocase(body->organs[o].name, name))
            return o;
    return -1;
}

rgq_status rgq_anatomy_hash(char out[65], const rgq_anatomy *body, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    const size_t count = rgq_anatomy_count(body);
    char hex[RGQ_SHA256_TEXT];

    rgq_text_printf(&text, "%s %d %d %d %.17g %.17g %.17g\n", body->id, body->n[0], body->n[1],
                    body->n[2], body->voxel_mm[0], body->voxel_mm[1], body->voxel_mm[2]);
    for (int o = 0; o < body->n_organs; o++)
        rgq_text_printf(&text, "%s %.17g %d %d\n", body->organs[o].name, body->organs[o].mass_g,
                        body->organs[o].is_contents, body->organs[o].wall_of);
    RGQ_TRY(err, rgq_hash_bytes(hex, body->organ, count, err));
    rgq_text_printf(&text, "%s\n", hex);
    RGQ_TRY(err, rgq_hash_bytes(hex, body->material, count, err));
    rgq_text_printf(&text, "%s\n", hex);
    if (body->density != NULL) {
        RGQ_TRY(err, rgq_hash_bytes(hex, body->density, count * sizeof *body->density, err));
        rgq_text_printf(&text, "%s\n", hex);
    }
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
    rgq_text_copy(out, RGQ_SHA256_TEXT, hex);
out:
    rgq_text_release(&text);
    return st;
}
