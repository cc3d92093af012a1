#include "ihc/lane.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

rgq_status rgq_ihc_lane_init(rgq_ihc_lane *lane, const rgq_ihc_scene *scene, int index,
                             int rows_max, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    size_t spans = 1;

    *lane = (rgq_ihc_lane){.index = index, .rows_max = rows_max, .darkest = -INFINITY};
    for (int r = 0; r < scene->n_shapes; r++) {
        const size_t n = rgq_ihc_shape_spans_max(&scene->shape[r]);
        spans = n > spans ? n : spans;
    }
    RGQ_TRY(err, rgq_alloc(&lane->rgb, (size_t)rows_max, (size_t)3 * RGQ_IHC_WIDTH, err));
    RGQ_TRY(err, rgq_ihc_strip_init(&lane->strip, scene->tissue.block, err));
    RGQ_TRY(err, rgq_alloc(&lane->sums, (size_t)scene->n_shapes, sizeof *lane->sums, err));
    RGQ_TRY(err, rgq_alloc(&lane->span, spans, sizeof *lane->span, err));
    RGQ_TRY(err, rgq_alloc(&lane->room, spans, sizeof *lane->room, err));
out:
    if (st != RGQ_OK)
        rgq_ihc_lane_release(lane);
    return st;
}

void rgq_ihc_lane_release(rgq_ihc_lane *lane)
{
    rgq_free(lane->rgb);
    rgq_ihc_strip_release(&lane->strip);
    rgq_free(lane->sums);
    rgq_free(lane->span);
    rgq_free(lane->room);
    lane->rgb = NULL;
    lane->sums = NULL;
    lane->span = NULL;
    lane->room = NULL;
}

/* Add what lies in both a span of the region and a run of tissue. */
static void add_span(rgq_ihc_sums *sums, const rgq_ihc_limits *limits, const rgq_ihc_strip *s,
                     size_t row, const rgq_ihc_span *span, const rgq_ihc_span *run, int n_runs)
{
    sums->pixels += span->end - span->begin;
    for (int k = 0; k < n_runs; k++) {
        const int begin = span->begin > run[k].begin ? span->begin : run[k].begin;
        const int end = span->end < run[k].end ? span->end : run[k].end;
        if (begin < end)
            rgq_ihc_sums_add_row(sums, limits, s->h + row + begin, s->dab + row + begin,
                                 end - begin);
    }
}

static void add_shape(rgq_ihc_lane *lane, const rgq_ihc_scene *scene, int shape, int64_t x,
                      int64_t y, const rgq_ihc_span *run, int n_runs)
{
    const rgq_ihc_shape *s = &scene->shape[shape];
    const rgq_ihc_strip *strip = &lane->strip;

    if (x >= s->x1 || x + strip->width <= s->x0)
        return;
    for (int row = 0; row < strip->height; row++) {
        const size_t n = rgq_ihc_shape_row(lane->span, lane->room, s, y + row, x, strip->width);
        for (size_t k = 0; k < n; k++)
            add_span(&lane->sums[shape], &scene->limits, strip, (size_t)row * RGQ_IHC_WIDTH,
                     &lane->span[k], run, n_runs);
    }
}

static void map_tissue(const rgq_ihc_tissue_map *map, const rgq_ihc_strip *strip, int64_t x,
                       int64_t y, float tissue_od)
{
    if (map->is == NULL)
        return;
    uint8_t *is = map->is + y / map->block * map->width + x / map->block;
    for (int b = 0; b < rgq_ihc_strip_blocks(strip); b++)
        is[b] = strip->block_od[b] >= tissue_od;
}

static void take_strip(rgq_ihc_lane *lane, const rgq_ihc_scene *scene, int64_t x, int64_t y)
{
    const rgq_ihc_strip *strip = &lane->strip;
    rgq_ihc_span run[RGQ_IHC_WIDTH / RGQ_IHC_BLOCK_MIN];

    lane->saturated += strip->saturated;
    for (int b = 0; b < rgq_ihc_strip_blocks(strip); b++)
        lane->darkest = strip->block_od[b] > lane->darkest ? strip->block_od[b] : lane->darkest;
    map_tissue(&scene->tissue, strip, x, y, scene->tissue_od);
    const int n_runs = rgq_ihc_strip_tissue(run, strip, scene->tissue_od);
    for (int s = 0; s < scene->n_shapes; s++) {
        if (y < scene->shape[s].y1 && y + strip->height > scene->shape[s].y0)
            add_shape(lane, scene, s, x, y, run, n_runs);
    }
    if (scene->planes != NULL)
        rgq_ihc_planes_add(scene->planes, strip, x, y);
}

void rgq_ihc_lane_run(rgq_ihc_lane *lane, const rgq_ihc_scene *scene,
                      const rgq_ihc_source *source)
{
    const int block = scene->tissue.block;

    for (int64_t x = 0; x < scene->width && lane->status == RGQ_OK; x += RGQ_IHC_WIDTH) {
        const int width =
            (int)(scene->width - x < RGQ_IHC_WIDTH ? scene->width - x : RGQ_IHC_WIDTH);
        const size_t stride = 3 * (size_t)width;
        lane->status =
            source->read(source->user, x, lane->y, width, lane->rows, lane->rgb, &lane->err);
        if (lane->status != RGQ_OK)
            return;
        for (int y = 0; y < lane->rows; y += block) {
            const int height = lane->rows - y < block ? lane->rows - y : block;
            rgq_ihc_strip_fill(&lane->strip, scene->unmix, lane->rgb + (size_t)y * stride,
                               stride, width, height);
            take_strip(lane, scene, x, lane->y + y);
        }
        if (scene->painter != NULL)
            rgq_ihc_painter_add(scene->painter,
                                &(rgq_ihc_patch){lane->rgb, x, lane->y, width, lane->rows,
                                                 lane->index, lane->y});
    }
}
