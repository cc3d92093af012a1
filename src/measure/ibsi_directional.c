/* Textures by direction, in the six ways that IBSI aggregates them. */
#include "core/banned.h"
#include "measure/ibsi_counts.h"

size_t ibsi_slice_end(const ibsi_roi *roi, size_t from)
{
    const size_t slice = (size_t)roi->n[0] * (size_t)roi->n[1];
    const size_t end = (roi->voxel[from] / slice + 1) * slice;

    while (from < roi->count && roi->voxel[from] < end)
        from++;
    return from;
}

/* Matrices to work in: of one direction, and merged. */
typedef struct work {
    ibsi_counts single;
    ibsi_counts merged;
} work;

/* One direction: its features to `mean`, its matrix to the merged one. */
static rgq_status add_direction(work *w, ibsi_mean *mean, const ibsi_texture *texture,
                                const ibsi_roi *roi, int direction, const size_t part[2],
                                rgq_error *err)
{
    double one[IBSI_FEATURES_MAX];

    ibsi_counts_clear(&w->single);
    RGQ_PASS(err, texture->collect(&w->single, roi, direction, part[0], part[1], err));
    for (size_t e = 0; e < w->single.n_entries; e++) {
        const ibsi_count *c = &w->single.entry[e];
        RGQ_PASS(err, ibsi_counts_add(&w->merged, c->i, c->j, c->n, err));
    }
    RGQ_PASS(err, texture->read(one, &w->single, (double)(part[1] - part[0]), texture->context,
                                err));
    ibsi_mean_add(mean, one, texture->n_features);
    return RGQ_OK;
}

static rgq_status by_slices(double *out, work *w, const ibsi_texture *texture,
                            const ibsi_roi *roi, rgq_error *err)
{
    ibsi_mean mean[2][IBSI_FEATURES_MAX] = {{{0.0, 0}}};
    double one[IBSI_FEATURES_MAX];

    for (size_t from = 0, to; from < roi->count; from = to) {
        to = ibsi_slice_end(roi, from);
        ibsi_counts_clear(&w->merged);
        for (int d = 0; d < IBSI_IN_PLANE; d++)
            RGQ_PASS(err, add_direction(w, mean[0], texture, roi, d,
                                        (const size_t[2]){from, to}, err));
        RGQ_PASS(err, texture->read(one, &w->merged, IBSI_IN_PLANE * (double)(to - from),
                                    texture->context, err));
        ibsi_mean_add(mean[1], one, texture->n_features);
    }
    ibsi_mean_take(out, mean[0], texture->n_features);
    ibsi_mean_take(out + texture->n_features, mean[1], texture->n_features);
    return RGQ_OK;
}

/* The first four directions over all slices are the merged slices (2.5-D); with the other nine
 * they are 3-D. */
static rgq_status by_volume(double *out, work *w, const ibsi_texture *texture,
                            const ibsi_roi *roi, rgq_error *err)
{
    ibsi_mean mean[IBSI_FEATURES_MAX] = {{0.0, 0}};
    const double voxels = (double)roi->count;
    const int n = texture->n_features;

    ibsi_counts_clear(&w->merged);
    for (int d = 0; d < IBSI_DIRECTIONS; d++) {
        RGQ_PASS(err, add_direction(w, mean, texture, roi, d, (const size_t[2]){0, roi->count},
                                    err));
        if (d != IBSI_IN_PLANE - 1)
            continue;
        ibsi_mean_take(out, mean, n);
        RGQ_PASS(err, texture->read(out + n, &w->merged, IBSI_IN_PLANE * voxels,
                                    texture->context, err));
    }
    ibsi_mean_take(out + 2 * (ptrdiff_t)n, mean, n);
    return texture->read(out + 3 * (ptrdiff_t)n, &w->merged, IBSI_DIRECTIONS * voxels,
                         texture->context, err);
}

rgq_status ibsi_aggregate(double *out, const ibsi_texture *texture, const ibsi_roi *roi,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    work w = {.single = {.entry = NULL}};

    RGQ_TRY(err, ibsi_counts_init(&w.single, err));
    RGQ_TRY(err, ibsi_counts_init(&w.merged, err));
    RGQ_TRY(err, by_slices(out, &w, texture, roi, err));
    RGQ_TRY(err, by_volume(out + 2 * (ptrdiff_t)texture->n_features, &w, texture, roi, err));
out:
    ibsi_counts_release(&w.single);
    ibsi_counts_release(&w.merged);
    return st;
}
