#include "roi/morphology.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/conv.h"
#include "roi/box.h"
#include "roi/shell.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

/* Bytes of the grid to the box, and back. */
static void take_out(uint8_t *to, const rgq_box *box, const uint8_t *mask, const rgq_grid *grid)
{
    for (int z = 0; z < box->n[2]; z++)
        for (int y = 0; y < box->n[1]; y++, to += box->n[0])
            memcpy(to, mask + rgq_box_row(box, grid, y, z), (size_t)box->n[0]);
}

static void put_back(uint8_t *mask, const rgq_grid *grid, const uint8_t *from,
                     const rgq_box *box)
{
    for (int z = 0; z < box->n[2]; z++)
        for (int y = 0; y < box->n[1]; y++, from += box->n[0])
            memcpy(mask + rgq_box_row(box, grid, y, z), from, (size_t)box->n[0]);
}

/* Voxels of value `spreads` take over those at most `mm` away. */
static rgq_status spread(uint8_t *mask, const rgq_grid *grid, double mm, uint8_t spreads,
                         rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_box core = rgq_box_of_bytes(mask, grid, 1);
    uint8_t *part = NULL;
    float *d2 = NULL;
    double spacing_mm[3];

    if (rgq_box_count(&core) == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_roi_check_axes(grid, err));
    rgq_grid_spacing_mm(grid, spacing_mm);
    const rgq_box box = rgq_box_grow(&core, grid, mm);
    const size_t count = rgq_box_count(&box);
    const float reach2 = (float)(mm * mm * (1.0 + 1e-6)); /* exactly `mm` is reached */
    RGQ_TRY(err, rgq_alloc(&part, count, 1, err));
    RGQ_TRY(err, rgq_alloc(&d2, count, sizeof *d2, err));
    take_out(part, &box, mask, grid);
    for (size_t i = 0; i < count; i++)
        part[i] = part[i] == spreads;
    RGQ_TRY(err, rgq_box_distance2(d2, part, box.n, spacing_mm, err));
    for (size_t i = 0; i < count; i++)
        part[i] = d2[i] <= reach2 ? spreads : 1 - spreads;
    put_back(mask, grid, part, &box);
out:
    rgq_free(d2);
    rgq_free(part);
    return st;
}

rgq_status rgq_morph_dilate(uint8_t *mask, const rgq_grid *grid, double mm, rgq_error *err)
{
    return spread(mask, grid, mm, 1, err);
}

rgq_status rgq_morph_erode(uint8_t *mask, const rgq_grid *grid, double mm, rgq_error *err)
{
    return spread(mask, grid, mm, 0, err);
}

rgq_status rgq_morph_smooth(uint8_t *mask, const rgq_grid *grid, double mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_box core = rgq_box_of_bytes(mask, grid, 1);
    uint8_t *part = NULL;
    float *blurred = NULL;
    double spacing_mm[3];
    double sigma[3];

    if (rgq_box_count(&core) == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_roi_check_axes(grid, err));
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++)
        sigma[a] = mm / fwhm_per_sigma / spacing_mm[a];
    /* the value falls to one half outside the mask, at most one FWHM away */
    const rgq_box box = rgq_box_grow(&core, grid, mm);
    const size_t count = rgq_box_count(&box);
    RGQ_TRY(err, rgq_alloc(&part, count, 1, err));
    RGQ_TRY(err, rgq_alloc(&blurred, count, sizeof *blurred, err));
    take_out(part, &box, mask, grid);
    for (size_t i = 0; i < count; i++)
        blurred[i] = (float)part[i];
    RGQ_TRY(err, rgq_conv_gaussian(blurred, box.n, sigma, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR,
                                   NULL, err));
    for (size_t i = 0; i < count; i++)
        part[i] = blurred[i] >= 0.5f;
    put_back(mask, grid, part, &box);
out:
    rgq_free(blurred);
    rgq_free(part);
    return st;
}

/* Is voxel i of the box at its edge? */
static bool is_at_edge(const int n[3], size_t i)
{
    const int x = (int)(i % (size_t)n[0]);
    const int y = (int)(i / (size_t)n[0] % (size_t)n[1]);
    const int z = (int)(i / ((size_t)n[0] * (size_t)n[1]));

    return x == 0 || y == 0 || z == 0 || x == n[0] - 1 || y == n[1] - 1 || z == n[2] - 1;
}

rgq_status rgq_morph_fill_holes(uint8_t *mask, const rgq_grid *grid, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_box box = rgq_box_of_bytes(mask, grid, 1);
    const size_t count = rgq_box_count(&box);
    rgq_flood flood = {.state = NULL};
    uint8_t *part = NULL;
    float *zeros = NULL;
    rgq_grid inner = *grid;

    if (count == 0)
        return RGQ_OK;
    memcpy(inner.n, box.n, sizeof inner.n);
    RGQ_TRY(err, rgq_alloc(&part, count, 1, err));
    RGQ_TRY(err, rgq_alloc(&zeros, count, sizeof *zeros, err));
    RGQ_TRY(err, rgq_flood_init(&flood, &inner, zeros, 6, err));
    take_out(part, &box, mask, grid);
    for (size_t i = 0; i < count; i++)
        flood.state[i] = part[i] != 0 ? RGQ_VOXEL_SHUT : RGQ_VOXEL_OPEN;
    for (size_t i = 0; i < count; i++)
        if (is_at_edge(box.n, i))
            RGQ_TRY(err, rgq_flood_fill(&flood, -(double)INFINITY, i, err));
    for (size_t i = 0; i < count; i++)
        part[i] = flood.state[i] != RGQ_VOXEL_TAKEN;
    put_back(mask, grid, part, &box);
out:
    rgq_flood_release(&flood);
    rgq_free(zeros);
    rgq_free(part);
    return st;
}

rgq_status rgq_morph_apply(uint8_t *mask, const rgq_grid *grid, const rgq_segment_opts *opts,
                           rgq_error *err)
{
    if (opts->open_mm > 0.0) {
        RGQ_PASS(err, rgq_morph_erode(mask, grid, opts->open_mm, err));
        RGQ_PASS(err, rgq_morph_dilate(mask, grid, opts->open_mm, err));
    }
    if (opts->close_mm > 0.0) {
        RGQ_PASS(err, rgq_morph_dilate(mask, grid, opts->close_mm, err));
        RGQ_PASS(err, rgq_morph_erode(mask, grid, opts->close_mm, err));
    }
    if (opts->smooth_mm > 0.0)
        RGQ_PASS(err, rgq_morph_smooth(mask, grid, opts->smooth_mm, err));
    if (opts->fill_holes)
        RGQ_PASS(err, rgq_morph_fill_holes(mask, grid, err));
    if (opts->erode_mm > 0.0)
        RGQ_PASS(err, rgq_morph_erode(mask, grid, opts->erode_mm, err));
    if (opts->dilate_mm > 0.0)
        RGQ_PASS(err, rgq_morph_dilate(mask, grid, opts->dilate_mm, err));
    return RGQ_OK;
}
