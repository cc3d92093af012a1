#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "ihc/components.h"
#include "ihc/lane.h"
#include "ihc/nuclei.h"
#include "ihc/rows.h"
#include "ihc/sample.h"
#include "ihc/stains.h"
#include "num/threads.h"

/* The coarse planes of a band may take so many bytes before lanes become fewer or narrower. */
static const double PLANES_MAX = 192e6;
enum { LANES_PER_THREAD = 2 };

/* Everything that lives through one call of rgq_ihc_measure(). */
typedef struct scan {
    const rgq_ihc_source *source;
    const rgq_ihc_opts *opts;
    const rgq_log *log;
    rgq_ihc_plan plan;
    rgq_ihc_report report;
    int h, dab; /* indices of the stains, or -1 */
    rgq_ihc_unmix unmix;
    rgq_ihc_scene scene;
    int n_shapes;
    rgq_ihc_shape *shape;
    rgq_ihc_result *result;
    rgq_ihc_source *reader; /* one for each thread that reads */
    int n_readers;          /* clones to close */
    int threads;
    int n_lanes, lane_rows;
    rgq_ihc_lane *lane;
    rgq_ihc_planes planes;
    rgq_ihc_nuclei nuclei;
    rgq_ihc_components components;
    rgq_ihc_painter painter;
} scan;

static void release(scan *s)
{
    for (int i = 0; s->shape != NULL && i < s->n_shapes; i++)
        rgq_ihc_shape_release(&s->shape[i]);
    for (int i = 0; s->result != NULL && i < s->n_shapes; i++)
        rgq_ihc_hot_spots_release(&s->result[i].hot);
    for (int i = 0; s->lane != NULL && i < s->n_lanes; i++)
        rgq_ihc_lane_release(&s->lane[i]);
    for (int i = 0; i < s->n_readers; i++) {
        if (s->reader[i].close != NULL)
            s->reader[i].close(s->reader[i].user);
    }
    rgq_free(s->shape);
    rgq_free(s->result);
    rgq_free(s->lane);
    rgq_free(s->reader);
    rgq_free(s->scene.tissue.is);
    rgq_ihc_planes_release(&s->planes);
    rgq_ihc_nuclei_release(&s->nuclei);
    rgq_ihc_components_release(&s->components);
    rgq_ihc_painter_release(&s->painter);
}

/* I0: what the user says, or the background. */
static rgq_status find_white(scan *s, const rgq_ihc_sample *sample, rgq_error *err)
{
    rgq_ihc_report *r = &s->report;

    memcpy(r->white_rgb, s->opts->white_rgb, sizeof r->white_rgb);
    r->background_fraction = (double)NAN;
    if (!s->plan.white)
        return RGQ_OK;
    r->white_measured = rgq_ihc_sample_white(r->white_rgb, &r->background_fraction, sample);
    if (r->white_measured)
        return RGQ_OK;
    if (s->opts->white == RGQ_IHC_YES)
        return RGQ_RAISE(
            err, RGQ_E_MISSING,
            "no white balance: %.2g %% of the sample is bright and without colour, "
            "1 %% was needed; give the background, e.g. --white 245,243,246",
            100 * r->background_fraction);
    RGQ_WARN(s->log, "no background was found; %g,%g,%g is taken for white", r->white_rgb[0],
             r->white_rgb[1], r->white_rgb[2]);
    return RGQ_OK;
}

static rgq_status find_vectors(scan *s, const rgq_ihc_sample *sample, rgq_error *err)
{
    rgq_ihc_report *r = &s->report;

    r->stains = s->opts->stains;
    if (s->opts->macenko)
        RGQ_PASS(err, rgq_ihc_macenko(&r->stains, sample, r->white_rgb, err));
    RGQ_PASS(err, rgq_stains_invert(r->inverse, &r->stains, err));
    s->h = rgq_stains_index(&r->stains, "hematoxylin");
    s->dab = rgq_stains_index(&r->stains, "dab");
    rgq_ihc_unmix_init(&s->unmix, r->white_rgb, s->h >= 0 ? r->inverse[s->h] : NULL,
                       s->dab >= 0 ? r->inverse[s->dab] : NULL);
    return RGQ_OK;
}

static float tissue_od_of(const scan *s)
{
    return s->plan.tissue ? (float)s->opts->tissue_od : -INFINITY;
}

static rgq_status find_otsu(scan *s, const rgq_ihc_sample *sample, rgq_error *err)
{
    float *values = NULL;
    size_t n = 0;

    s->report.otsu_od = (double)NAN;
    if (s->dab < 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_ihc_sample_dab(&values, &n, sample, &s->unmix, &s->plan, tissue_od_of(s),
                                     err));
    s->report.otsu_od = rgq_ihc_otsu(values, n);
    const double value = n > 0 ? (double)values[0] : (double)NAN;
    rgq_free(values);
    if (!isnan(s->report.otsu_od) || s->opts->positive != RGQ_IHC_POSITIVE_OTSU)
        return RGQ_OK;
    if (n == 0)
        return RGQ_RAISE(
            err, RGQ_E_MISSING,
            "Otsu's threshold: there is no tissue in a sample of %lld pixels; give "
            "a threshold, e.g. --positive 0.2",
            s->report.sample_pixels);
    return RGQ_RAISE(err, RGQ_E_NUMERIC,
                     "Otsu's threshold: all %zu pixels have the same DAB OD of %g; give a "
                     "threshold, e.g. --positive 0.2",
                     n, value);
}

static void set_limits(scan *s)
{
    rgq_ihc_limits *limits = &s->scene.limits;
    const double fixed =
        s->opts->positive_od > 0 ? s->opts->positive_od : s->opts->threshold_od[0];
    const float otsu = (float)s->report.otsu_od;

    for (int k = 0; k < 3; k++)
        limits->intensity[k] = (float)s->opts->threshold_od[k];
    /* foreground lies above it: from the next number on */
    limits->otsu = isnan(s->report.otsu_od) ? INFINITY : nextafterf(otsu, INFINITY);
    if ((double)otsu > s->report.otsu_od)
        limits->otsu = otsu;
    if (s->dab < 0) {
        s->report.positive_od = (double)NAN;
    } else if (s->opts->positive == RGQ_IHC_POSITIVE_OTSU) {
        s->report.positive_od = s->report.otsu_od;
        limits->positive = limits->otsu;
    } else {
        s->report.positive_od = fixed;
        limits->positive = (float)fixed;
    }
}

/* White, vectors and Otsu's threshold from the sample. */
static rgq_status learn(scan *s, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ihc_sample sample = {0};

    RGQ_TRY(err, rgq_ihc_sample_read(&sample, s->source, &s->plan, err));
    s->report.sample_pixels = (long long)rgq_ihc_sample_pixels(&sample);
    RGQ_TRY(err, find_white(s, &sample, err));
    RGQ_TRY(err, find_vectors(s, &sample, err));
    RGQ_TRY(err, find_otsu(s, &sample, err));
    set_limits(s);
out:
    rgq_ihc_sample_release(&sample);
    return st;
}

static rgq_status make_shapes(scan *s, const rgq_ihc_regions *regions, rgq_error *err)
{
    const bool whole = regions == NULL || regions->count == 0;
    const double um = s->plan.mpp_um;

    const int n = whole ? 1 : regions->count;
    if (n < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d regions", n);
    RGQ_PASS(err, rgq_alloc(&s->shape, (size_t)n, sizeof *s->shape, err));
    RGQ_PASS(err, rgq_alloc(&s->result, (size_t)n, sizeof *s->result, err));
    s->n_shapes = n;
    for (int i = 0; i < n; i++) {
        rgq_ihc_shape *shape = &s->shape[i];
        RGQ_PASS(err, rgq_ihc_shape_init(shape, whole ? NULL : &regions->region[i],
                                         s->source->width, s->source->height, err));
        if (s->plan.vessels)
            RGQ_PASS(err, rgq_ihc_hot_spots_init(
                              &s->result[i].hot, (double)(shape->x1 - shape->x0) * um,
                              (double)(shape->y1 - shape->y0) * um, s->opts->field_mm2, err));
    }
    return RGQ_OK;
}

/* A handle for each thread; one alone where the source cannot be cloned. */
static rgq_status make_readers(scan *s, rgq_error *err)
{
    const int n = rgq_threads_count();

    s->threads = 1;
    if (s->source->clone == NULL || n == 1)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&s->reader, (size_t)n, sizeof *s->reader, err));
    for (int i = 0; i < n; i++) {
        rgq_error clone_err = RGQ_ERROR_INIT;
        const rgq_status st = s->source->clone(&s->reader[i], s->source->user, &clone_err);
        if (st == RGQ_E_UNSUPPORTED)
            return RGQ_OK;
        if (st != RGQ_OK && err != NULL)
            *err = clone_err;
        RGQ_PASS(err, st);
        s->n_readers = i + 1;
    }
    s->threads = n;
    return RGQ_OK;
}

/* Lanes of a band: enough for all threads, as long as the coarse planes stay small. */
static void choose_lanes(scan *s)
{
    const int factor = s->plan.factor > 0 ? s->plan.factor : 1;
    const double row_bytes =
        s->plan.factor > 0 ? 13.0 * (double)s->source->width / (factor * factor) : 0;

    s->lane_rows = s->plan.lane_rows;
    s->n_lanes = LANES_PER_THREAD * s->threads;
    while (s->n_lanes > s->threads && s->n_lanes * s->lane_rows * row_bytes > PLANES_MAX)
        s->n_lanes--;
    while (s->lane_rows > RGQ_IHC_BLOCK_MAX &&
           s->n_lanes * s->lane_rows * row_bytes > PLANES_MAX)
        s->lane_rows = s->lane_rows / 2 / RGQ_IHC_BLOCK_MAX * RGQ_IHC_BLOCK_MAX;
    const int64_t lanes = (s->source->height + s->lane_rows - 1) / s->lane_rows;
    if (lanes < s->n_lanes)
        s->n_lanes = (int)lanes;
}

static void finish_vessel(void *user, const rgq_ihc_object *object)
{
    scan *s = user;
    const rgq_ihc_opts *o = s->opts;
    const int64_t f = s->planes.factor;
    const double um = s->plan.mpp_um;
    const double area_um2 = (double)object->area * (double)(f * f) * um * um;

    if (area_um2 < o->vessel_min_um2 || area_um2 > o->vessel_max_um2)
        return;
    const double n = (double)object->area;
    const double x = ((double)object->sum_x / n + 0.5) * (double)f;
    const double y = ((double)object->sum_y / n + 0.5) * (double)f;
    const int64_t px = (int64_t)fmin(x, (double)(s->source->width - 1));
    const int64_t py = (int64_t)fmin(y, (double)(s->source->height - 1));
    for (int r = 0; r < s->n_shapes; r++) {
        if (!rgq_ihc_shape_has(&s->shape[r], px, py))
            continue;
        s->result[r].n_vessels++;
        rgq_ihc_hot_spots_add(&s->result[r].hot, (x - (double)s->shape[r].x0) * um,
                              (y - (double)s->shape[r].y0) * um);
    }
    if (s->scene.painter != NULL) {
        const int64_t x1 =
            object->x1 * f < s->source->width ? object->x1 * f : s->source->width;
        const int64_t y1 =
            object->y1 * f < s->source->height ? object->y1 * f : s->source->height;
        rgq_ihc_painter_box(&s->painter, object->x0 * f, object->y0 * f, x1, y1);
    }
}

static rgq_status make_planes(scan *s, rgq_error *err)
{
    const rgq_ihc_plan *plan = &s->plan;

    if (plan->factor == 0)
        return RGQ_OK;
    const int64_t band = (int64_t)s->n_lanes * s->lane_rows / plan->factor;
    const int64_t halo = plan->nuclei ? rgq_ihc_nuclei_halo(plan->sigma) : 0;
    RGQ_PASS(err, rgq_ihc_planes_init(&s->planes, s->source->width, s->source->height,
                                      plan->factor, band + 2 * halo, err));
    s->planes.sum = s->opts->nucleus_sum;
    s->scene.planes = &s->planes;
    if (plan->nuclei) {
        RGQ_PASS(err,
                 rgq_ihc_nuclei_init(&s->nuclei, &s->planes, plan->sigma, band + halo, err));
        s->nuclei.least = (float)s->opts->nucleus_od;
        memcpy(s->nuclei.limit, s->scene.limits.intensity, sizeof s->nuclei.limit);
    }
    if (plan->vessels) {
        RGQ_PASS(err, rgq_ihc_components_init(&s->components, s->planes.width,
                                              s->scene.limits.positive, err));
        s->components.finished = finish_vessel;
        s->components.user = s;
    }
    return RGQ_OK;
}

static rgq_status make_scene(scan *s, rgq_error *err)
{
    rgq_ihc_scene *scene = &s->scene;
    const int block = s->plan.block;

    scene->width = s->source->width;
    scene->height = s->source->height;
    scene->unmix = &s->unmix;
    scene->tissue_od = tissue_od_of(s);
    scene->shape = s->shape;
    scene->n_shapes = s->n_shapes;
    scene->tissue = (rgq_ihc_tissue_map){.block = block,
                                         .width = (scene->width + block - 1) / block,
                                         .height = (scene->height + block - 1) / block};
    if (s->plan.tissue)
        RGQ_PASS(err, rgq_alloc(&scene->tissue.is, (size_t)scene->tissue.width,
                                (size_t)scene->tissue.height, err));
    choose_lanes(s);
    RGQ_PASS(err, make_planes(s, err));
    if (s->opts->overlay != NULL) {
        RGQ_PASS(err, rgq_ihc_painter_init(&s->painter, s->opts->overlay, scene->width,
                                           scene->height, s->n_lanes,
                                           (int64_t)s->n_lanes * s->lane_rows, err));
        scene->painter = &s->painter;
    }
    RGQ_PASS(err, rgq_alloc(&s->lane, (size_t)s->n_lanes, sizeof *s->lane, err));
    for (int i = 0; i < s->n_lanes; i++)
        RGQ_PASS(err, rgq_ihc_lane_init(&s->lane[i], scene, i, s->lane_rows, err));
    return RGQ_OK;
}

/* Read and separate the lanes from row y on. */
static rgq_status run_lanes(scan *s, int64_t y, int64_t end, rgq_error *err)
{
    const int n = (int)((end - y + s->lane_rows - 1) / s->lane_rows);

#pragma omp parallel for schedule(static) num_threads(s->threads)
    for (int i = 0; i < n; i++) {
        rgq_ihc_lane *lane = &s->lane[i];
        lane->y = y + (int64_t)i * s->lane_rows;
        lane->rows = (int)(end - lane->y < s->lane_rows ? end - lane->y : s->lane_rows);
        rgq_ihc_lane_run(lane, &s->scene,
                         s->threads > 1 ? &s->reader[omp_get_thread_num()] : s->source);
    }
    for (int i = 0; i < n; i++) {
        if (s->lane[i].status == RGQ_OK)
            continue;
        if (err != NULL)
            *err = s->lane[i].err;
        RGQ_PASS(err, s->lane[i].status);
    }
    return RGQ_OK;
}

/* A nucleus at a coarse pixel: whose is it? */
static void take_nucleus(scan *s, int64_t i, int64_t j, int intensity)
{
    const int64_t f = s->planes.factor;
    const int64_t x = i * f + f / 2 < s->source->width ? i * f + f / 2 : s->source->width - 1;
    const int64_t y = j * f + f / 2 < s->source->height ? j * f + f / 2 : s->source->height - 1;
    const rgq_ihc_tissue_map *map = &s->scene.tissue;

    if (map->is != NULL && map->is[y / map->block * map->width + x / map->block] == 0)
        return;
    bool inside = false;
    for (int r = 0; r < s->n_shapes; r++) {
        if (rgq_ihc_shape_has(&s->shape[r], x, y)) {
            s->result[r].cells.n[intensity]++;
            inside = true;
        }
    }
    if (inside && s->scene.painter != NULL)
        rgq_ihc_painter_nucleus(&s->painter, x, y, sqrt(2) * s->plan.sigma_um / s->plan.mpp_um);
}

static void take_nuclei(scan *s)
{
    const rgq_ihc_nuclei *n = &s->nuclei;
    for (int64_t j = n->mark_base; j < n->mark_end; j++) {
        const uint8_t *mark = n->mark + (size_t)(j - n->mark_base) * (size_t)n->width;
        for (int64_t i = 0; i < n->width; i++) {
            if (mark[i] > 0)
                take_nucleus(s, i, j, mark[i] - 1);
        }
    }
}

/* Vessels and nuclei, as far as rows up to `end` of the slide tell. */
static void find_objects(scan *s, int64_t end)
{
    rgq_ihc_planes *p = &s->planes;

    if (s->plan.factor == 0)
        return;
    const int64_t first = p->end;
    p->end = (end + p->factor - 1) / p->factor;
    for (int64_t j = first; s->plan.vessels && j < p->end; j++)
        rgq_ihc_components_row(&s->components, rgq_ihc_planes_row(p, p->dab, j));
    if (s->plan.nuclei) {
        rgq_ihc_nuclei_search(&s->nuclei, p);
        take_nuclei(s);
        rgq_ihc_planes_drop(p, s->nuclei.done - rgq_ihc_nuclei_halo(s->plan.sigma));
    } else {
        rgq_ihc_planes_drop(p, p->end);
    }
}

static rgq_status run_bands(scan *s, rgq_error *err)
{
    const int64_t height = s->source->height;
    const int64_t band = (int64_t)s->n_lanes * s->lane_rows;
    const rgq_ihc_legend legend = {&s->unmix, &s->scene.limits, &s->scene.tissue};

    for (int64_t y = 0; y < height; y += band) {
        const int64_t end = y + band < height ? y + band : height;
        RGQ_PASS(err, run_lanes(s, y, end, err));
        if (s->scene.painter != NULL)
            rgq_ihc_painter_flush(&s->painter, y, end, s->lane_rows, &legend);
        find_objects(s, end);
        rgq_log_progress(s->log, "ihc", (double)end / (double)height);
    }
    if (s->plan.vessels)
        rgq_ihc_components_end(&s->components);
    if (s->scene.painter != NULL)
        rgq_ihc_painter_finish(&s->painter);
    return RGQ_OK;
}

/* Add the lanes up; is there any tissue? */
static rgq_status gather(scan *s, rgq_error *err)
{
    int64_t saturated = 0;
    float darkest = -INFINITY;

    for (int i = 0; i < s->n_lanes; i++) {
        saturated += s->lane[i].saturated;
        darkest = s->lane[i].darkest > darkest ? s->lane[i].darkest : darkest;
        for (int r = 0; r < s->n_shapes; r++)
            rgq_ihc_sums_add(&s->result[r].sums, &s->lane[i].sums[r]);
    }
    s->report.saturated_fraction =
        (double)saturated / ((double)s->source->width * (double)s->source->height);
    if (s->report.saturated_fraction > 0.001)
        RGQ_WARN(
            s->log,
            "%.3g %% of the pixels have a colour of intensity 0 to %d of 255: the stain is "
            "saturated, means and sums are not to be trusted",
            100 * s->report.saturated_fraction, RGQ_IHC_SATURATED);
    /* also in a field of view, where no mask is made: glass alone is no tissue */
    if (s->opts->tissue != RGQ_IHC_NO && darkest < (float)s->opts->tissue_od)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "no tissue: the darkest of all blocks of %d x %d pixels has a mean OD "
                         "of %.3g, %g was needed; type a lower --tissue-od, or --tissue no",
                         s->plan.block, s->plan.block, (double)darkest, s->opts->tissue_od);
    return RGQ_OK;
}

static rgq_status tabulate(rgq_table **out, const scan *s, const rgq_ihc_regions *regions,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    int n_columns = 0;
    const rgq_column *columns = rgq_ihc_columns(&n_columns);
    const rgq_ihc_known known = {&s->plan, &s->report, s->h >= 0, s->dab >= 0};
    const bool whole = regions == NULL || regions->count == 0;

    RGQ_TRY(err, rgq_table_create(&table, columns, n_columns, err));
    for (int r = 0; r < s->n_shapes; r++)
        RGQ_TRY(err, rgq_ihc_row_add(table, whole ? "slide" : regions->region[r].name,
                                     &s->result[r], &known, s->log, err));
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

static void fill_report(scan *s)
{
    rgq_ihc_report *r = &s->report;
    r->tissue_mask = s->plan.tissue;
    r->tissue_block = s->plan.block;
    r->mpp_um = s->plan.mpp_um;
    r->work_factor = s->plan.factor;
    r->nucleus_sigma_um = s->plan.nuclei ? s->plan.sigma_um : (double)NAN;
    r->field_mm2 = s->plan.vessels ? s->opts->field_mm2 : (double)NAN;
    r->n_fields = s->plan.vessels ? s->opts->n_fields : 0;
}

rgq_status rgq_ihc_measure(rgq_table **out, rgq_ihc_report *report,
                           const rgq_ihc_source *source, const rgq_ihc_regions *regions,
                           const rgq_ihc_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    scan *s = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->source = source;
    s->opts = opts;
    s->log = log;
    RGQ_TRY(err, rgq_ihc_plan_make(&s->plan, source, opts, log, err));
    fill_report(s);
    RGQ_TRY(err, make_shapes(s, regions, err));
    RGQ_TRY(err, learn(s, err));
    RGQ_TRY(err, make_readers(s, err));
    RGQ_TRY(err, make_scene(s, err));
    RGQ_TRY(err, run_bands(s, err));
    RGQ_TRY(err, gather(s, err));
    RGQ_TRY(err, tabulate(out, s, regions, err));
    if (report != NULL)
        *report = s->report;
out:
    if (s != NULL)
        release(s);
    rgq_free(s);
    return st;
}
