/* A small image with one region, and its features by tag. */
#ifndef RGQ_TESTS_FEATURES_CASE_H
#define RGQ_TESTS_FEATURES_CASE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/features.h"
#include "rgq_check.h"

enum { SIDE_MAX = 24 };

/** Voxels x fastest; mask 1 in the region. Everything outside is 0. */
typedef struct features_case {
    int n[3];
    double spacing_mm[3];
    rgq_unit unit;
    float value[SIDE_MAX * SIDE_MAX * SIDE_MAX];
    uint8_t mask[SIDE_MAX * SIDE_MAX * SIDE_MAX];
} features_case;

static inline size_t at(const features_case *c, int x, int y, int z)
{
    return ((size_t)z * (size_t)c->n[1] + (size_t)y) * (size_t)c->n[0] + (size_t)x;
}

static inline bool in_region(const features_case *c, int x, int y, int z)
{
    return x >= 0 && y >= 0 && z >= 0 && x < c->n[0] && y < c->n[1] && z < c->n[2] &&
           c->mask[at(c, x, y, z)] != 0;
}

/** Level of a voxel, 0 outside the region. */
static inline int level_at(const features_case *c, int x, int y, int z)
{
    return in_region(c, x, y, z) ? (int)c->value[at(c, x, y, z)] : 0;
}

static inline void make_case(features_case *c, int x, int y, int z)
{
    memset(c, 0, sizeof *c);
    c->n[0] = x;
    c->n[1] = y;
    c->n[2] = z;
    for (int a = 0; a < 3; a++)
        c->spacing_mm[a] = 1.0;
}

/** Whole numbers without a pattern. */
static inline unsigned scatter(unsigned i)
{
    i = (i ^ 61U) ^ (i >> 16);
    i *= 9U;
    i ^= i >> 4;
    i *= 0x27d4eb2dU;
    return i ^ (i >> 15);
}

/** Levels 1 .. `levels` in a ball with dents and holes, one voxel away from the border. */
static inline void make_lesion(features_case *c, int side, int levels)
{
    make_case(c, side, side, side);
    for (int z = 1; z + 1 < side; z++)
        for (int y = 1; y + 1 < side; y++)
            for (int x = 1; x + 1 < side; x++) {
                const size_t i = at(c, x, y, z);
                const double m = 0.5 * (side - 1);
                const double r2 = (x - m) * (x - m) + (y - m) * (y - m) + (z - m) * (z - m);
                c->value[i] = (float)(1U + scatter((unsigned)i) % (unsigned)levels);
                c->mask[i] = r2 < (m - 1) * (m - 1) && scatter((unsigned)i + 7777U) % 9U != 0;
            }
}

static inline rgq_status try_features(rgq_table **out, const features_case *c,
                                      const rgq_features_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;
    const rgq_grid grid = rgq_grid_make(c->n, c->spacing_mm, (const double[3]){5, -3, 8});

    *out = NULL;
    RGQ_TRY(err, rgq_volume_create(&volume, &grid, 1, c->unit, err));
    memcpy(rgq_volume_data(volume, 0), c->value, rgq_grid_count(&grid) * sizeof *c->value);
    RGQ_TRY(err, rgq_regions_create(&regions, &grid, err));
    RGQ_TRY(err, rgq_regions_add_mask(regions, "lesion", 1, c->mask, err));
    RGQ_TRY(err, rgq_features(out, volume, regions, opts, NULL, err));
out:
    rgq_regions_free(regions);
    rgq_volume_free(volume);
    return st;
}

static inline rgq_table *features_of(const features_case *c, const rgq_features_opts *opts)
{
    const rgq_features_opts none = RGQ_FEATURES_OPTS_INIT;
    rgq_table *table = NULL;

    MUST(try_features(&table, c, opts != NULL ? opts : &none, err));
    ck_assert_int_eq(rgq_table_n_rows(table), rgq_features_count());
    return table;
}

/** NaN: no value. A tag that does not exist fails. */
static inline double feature(const rgq_table *table, const char *tag)
{
    for (int row = 0; row < rgq_table_n_rows(table); row++)
        if (strcmp(rgq_table_text(table, row, 1), tag) == 0)
            return rgq_table_real(table, row, 2);
    ck_abort_msg("no feature '%s'", tag);
    return 0.0;
}

/** Equal within `relative`, and 1e-12 about 0. */
#define SAME(got, want, relative)                                                              \
    do {                                                                                       \
        const double same_got = (got);                                                         \
        const double same_want = (want);                                                       \
        ck_assert_msg(fabs(same_got - same_want) <= (relative)*fabs(same_want) + 1e-12,        \
                      "%s is %.17g, not %.17g", #got, same_got, same_want);                    \
    } while (0)

#endif
