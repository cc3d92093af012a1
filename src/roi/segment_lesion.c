/* One lesion: its own maximum, the background about it, the contour between. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "roi/segment_method.h"

static const double air_fraction = 1e-3;
static const double dip_fraction = 0.7; /* a valley less deep than this is noise */
static const double contour_fraction = 0.41;
static const double core_fraction = 0.7;

/* Mean over the voxel and its up to 26 neighbours. */
static double mean_about(const rgq_segmentation *job, size_t i)
{
    const rgq_grid *grid = job->grid;
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
    double sum = 0.0;
    int count = 0;

    for (int k = 0; k < 27; k++) {
        const int to[3] = {at[0] + k % 3 - 1, at[1] + k / 3 % 3 - 1, at[2] + k / 9 - 1};
        if (to[0] < 0 || to[0] >= grid->n[0] || to[1] < 0 || to[1] >= grid->n[1] || to[2] < 0 ||
            to[2] >= grid->n[2])
            continue;
        sum += (double)job->values[rgq_flood_index(grid, to)];
        count++;
    }
    return sum / count;
}

static double maximum_of(const float *values, size_t count)
{
    float best = values[0];

    for (size_t i = 1; i < count; i++)
        best = values[i] > best ? values[i] : best;
    return (double)best;
}

rgq_status rgq_lesion_start(rgq_lesion *lesion, rgq_segmentation *job, rgq_error *err)
{
    const rgq_segment_opts *opts = job->opts;
    const size_t nx = (size_t)job->grid->n[0];
    const size_t ny = (size_t)job->grid->n[1];

    *lesion = (rgq_lesion){.background = {(double)NAN, (double)NAN, 0}, .contour = (double)NAN};
    if (opts->has_seed)
        RGQ_PASS(err, rgq_search_seed(&lesion->seed, &job->flood, opts, err));
    else
        lesion->seed = rgq_search_maximum(&job->flood);
    const size_t i = lesion->seed;
    const size_t y = i / nx % ny;
    const size_t z = i / nx / ny;
    const double index[3] = {(double)(i % nx), (double)y, (double)z};
    rgq_grid_to_world(job->grid, index, lesion->seed_mm);
    lesion->start = i;
    lesion->maximum = (double)job->values[i];
    if (!opts->has_seed)
        return RGQ_OK;
    const double here = mean_about(job, i);
    const double most = maximum_of(job->values, rgq_grid_count(job->grid));
    if (most > 0.0 && here < air_fraction * most)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the seed (%g, %g, %g) mm lies in air: the mean about it is %.6g, the "
                         "maximum of the scan %.6g; --seed-mm counts x to the right, y to the "
                         "front, z to the head",
                         opts->seed_mm[0], opts->seed_mm[1], opts->seed_mm[2], here, most);
    return RGQ_OK;
}

rgq_status rgq_lesion_grow(const rgq_lesion *lesion, rgq_segmentation *job, double threshold,
                           rgq_error *err)
{
    rgq_flood_undo(&job->flood);
    return rgq_flood_fill(&job->flood, threshold, lesion->start, err);
}

/* Uphill to the maximum of the component that holds it at 70 % of itself. Each round ends at a
 * higher voxel, so that they come to an end. */
static rgq_status climb(rgq_lesion *lesion, rgq_segmentation *job, rgq_error *err)
{
    for (;;) {
        const double value = (double)job->values[lesion->start];
        if (value <= 0.0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the value at the %s (%g, %g, %g) mm is %.6g; a lesion needs one "
                             "above 0",
                             job->opts->has_seed ? "seed" : "maximum", lesion->seed_mm[0],
                             lesion->seed_mm[1], lesion->seed_mm[2], value);
        RGQ_PASS(err, rgq_lesion_grow(lesion, job, dip_fraction * value, err));
        lesion->maximum = (double)job->flood.peak;
        if ((double)job->flood.peak <= value)
            return RGQ_OK;
        lesion->start = job->flood.peak_at;
    }
}

/* Mean and sd of the marked voxels. */
static rgq_shell measure_marked(const rgq_segmentation *job, const uint8_t *mark)
{
    const size_t count = rgq_grid_count(job->grid);
    rgq_shell out = {(double)NAN, (double)NAN, 0};
    double sum = 0.0;
    double squares = 0.0;

    for (size_t i = 0; i < count; i++)
        if (mark[i] != 0) {
            sum += (double)job->values[i];
            out.count++;
        }
    if (out.count == 0)
        return out;
    out.mean = sum / (double)out.count;
    for (size_t i = 0; i < count; i++)
        if (mark[i] != 0) {
            const double d = (double)job->values[i] - out.mean;
            squares += d * d;
        }
    out.sd = sqrt(squares / (double)out.count);
    return out;
}

static rgq_status measure_regions(rgq_shell *out, const rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_segment_opts *opts = job->opts;
    uint8_t *mark = NULL;

    RGQ_TRY(err, rgq_alloc(&mark, rgq_grid_count(job->grid), 1, err));
    if (opts->background_region == NULL) {
        RGQ_TRY(err, rgq_search_mark_all(mark, job->grid, opts->background, 1,
                                         "the background region", err));
    } else {
        const rgq_region *region = rgq_regions_find(opts->background, opts->background_region);
        if (region == NULL) {
            st = RGQ_RAISE(err, RGQ_E_NOTFOUND, "there is no region '%.60s' for the background",
                           opts->background_region);
            goto out;
        }
        st = rgq_grid_compare(job->grid, rgq_regions_grid(opts->background), -1.0, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "the background region does not lie on the scan: ");
            goto out;
        }
        rgq_search_mark(mark, job->grid, region, 1);
    }
    *out = measure_marked(job, mark);
    if (out->count == 0)
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND, "the background region '%.60s' is empty",
                       opts->background_region != NULL ? opts->background_region : "(all)");
out:
    rgq_free(mark);
    return st;
}

rgq_status rgq_background_given(rgq_shell *out, const rgq_segmentation *job, rgq_error *err)
{
    *out = (rgq_shell){(double)NAN, (double)NAN, 0};
    if (job->opts->background != NULL)
        return measure_regions(out, job, err);
    if (isfinite(job->opts->background_value))
        *out = (rgq_shell){job->opts->background_value, job->opts->background_value_sd, 1};
    return RGQ_OK;
}

static rgq_status need_background(const rgq_lesion *lesion, const rgq_segmentation *job,
                                  double threshold, rgq_error *err)
{
    if (lesion->background.count > 0)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "no voxel %g to %g mm from the contour of the lesion is below %.6g, so "
                     "that there is no local background; give one (--background, "
                     "--background-value), or use fixed:T or percent-max:P",
                     job->opts->psf_mm, job->opts->psf_mm + RGQ_SHELL_THICK_MM, threshold);
}

rgq_status rgq_lesion_survey(rgq_lesion *lesion, rgq_segmentation *job, rgq_error *err)
{
    rgq_shell *b = &lesion->background;
    const double psf_mm = job->opts->psf_mm;
    rgq_shell near = {(double)NAN, (double)NAN, 0};

    RGQ_PASS(err, rgq_lesion_start(lesion, job, err));
    RGQ_PASS(err, climb(lesion, job, err));
    RGQ_PASS(err, rgq_background_given(b, job, err));
    const bool given = b->count > 0;
    if (given)
        near = *b;
    else /* about the core: what the contour at 41 % has to keep away from */
        RGQ_PASS(err, rgq_shell_measure(&near, &job->flood, dip_fraction * lesion->maximum,
                                        psf_mm, err));
    lesion->contour = contour_fraction * lesion->maximum;
    if (near.count > 0 && lesion->contour <= near.mean + 2.0 * near.sd) {
        lesion->contour = near.mean + contour_fraction * (lesion->maximum - near.mean);
        RGQ_INFO(job->log,
                 "the contour at 41 %% of the maximum (%.6g) would lie within two standard "
                 "deviations of the surroundings (%.6g, sd %.6g): that at 41 %% between them "
                 "and the maximum was taken",
                 lesion->maximum, near.mean, near.sd);
    }
    RGQ_PASS(err, rgq_lesion_grow(lesion, job, lesion->contour, err));
    if (!given)
        RGQ_PASS(err, rgq_shell_measure(b, &job->flood, lesion->contour, psf_mm, err));
    RGQ_PASS(err, need_background(lesion, job, lesion->contour, err));
    rgq_lesion_report(lesion, job);
    if (lesion->maximum <= b->mean)
        return RGQ_RAISE(
            err, RGQ_E_NOTFOUND,
            "nothing stands out at (%g, %g, %g) mm: the maximum there is %.6g, the "
            "background %.6g (sd %.6g)",
            lesion->seed_mm[0], lesion->seed_mm[1], lesion->seed_mm[2], lesion->maximum,
            b->mean, b->sd);
    return RGQ_OK;
}

void rgq_lesion_report(const rgq_lesion *lesion, rgq_segmentation *job)
{
    job->report.maximum = lesion->maximum;
    job->report.background = lesion->background.mean;
    job->report.background_sd = lesion->background.sd;
    job->report.contour = lesion->contour;
}

void rgq_lesion_warn(const rgq_lesion *lesion, const rgq_segmentation *job, double threshold)
{
    const rgq_shell *b = &lesion->background;

    if (b->count == 0)
        RGQ_WARN(job->log,
                 "the region has no surroundings below its threshold of %.6g: it may have run "
                 "out of the lesion",
                 threshold);
    else if (threshold < b->mean + 2.0 * b->sd)
        RGQ_WARN(job->log,
                 "the threshold %.6g lies within two standard deviations of the local "
                 "background (%.6g, sd %.6g; maximum %.6g): the region may have run out of the "
                 "lesion",
                 threshold, b->mean, b->sd, lesion->maximum);
}

rgq_status rgq_lesion_check_seed(const rgq_lesion *lesion, const rgq_segmentation *job,
                                 rgq_error *err)
{
    const rgq_grid *grid = job->grid;
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    const size_t i = lesion->seed;
    const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};

    for (int k = 0; k < 27; k++) {
        const int to[3] = {at[0] + k % 3 - 1, at[1] + k / 3 % 3 - 1, at[2] + k / 9 - 1};
        if (to[0] >= 0 && to[0] < grid->n[0] && to[1] >= 0 && to[1] < grid->n[1] &&
            to[2] >= 0 && to[2] < grid->n[2] && job->mask[rgq_flood_index(grid, to)] != 0)
            return RGQ_OK;
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "the seed (%g, %g, %g) mm, of value %.6g, lies outside the lesion uphill "
                     "of it (maximum %.6g); put it into the lesion (--seed-mm), or look only "
                     "around it (--sphere-mm, --within)",
                     lesion->seed_mm[0], lesion->seed_mm[1], lesion->seed_mm[2],
                     (double)job->values[i], lesion->maximum);
}

void rgq_segment_take(rgq_segmentation *job)
{
    for (size_t k = 0; k < job->flood.count; k++)
        job->mask[job->flood.at[k]] = 1;
}

/* ---- markers ---- */

void rgq_box_values(float *out, const rgq_box *box, const rgq_segmentation *job)
{
    for (int z = 0; z < box->n[2]; z++)
        for (int y = 0; y < box->n[1]; y++, out += box->n[0])
            memcpy(out, job->values + rgq_box_row(box, job->grid, y, z),
                   (size_t)box->n[0] * sizeof *out);
}

/* What lies a FWHM and more beyond the component in the flood, and what is not searched. */
static rgq_status mark_outside(rgq_markers *m, const rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = rgq_box_count(&m->box);
    const double psf_mm = job->opts->psf_mm;
    const float far2 = (float)(psf_mm * psf_mm * (1.0 - 1e-6));
    uint8_t *mark = NULL;
    float *d2 = NULL;
    double spacing_mm[3];

    RGQ_PASS(err, rgq_roi_check_axes(job->grid, err));
    rgq_grid_spacing_mm(job->grid, spacing_mm);
    RGQ_TRY(err, rgq_alloc(&mark, count, 1, err));
    RGQ_TRY(err, rgq_alloc(&d2, count, sizeof *d2, err));
    for (size_t k = 0; k < job->flood.count; k++)
        mark[rgq_box_index(&m->box, job->grid, job->flood.at[k])] = 1;
    RGQ_TRY(err, rgq_box_distance2(d2, mark, m->box.n, spacing_mm, err));
    for (size_t i = 0; i < count; i++)
        if (d2[i] >= far2)
            m->label[i] = RGQ_MARK_OUTSIDE;
out:
    rgq_free(d2);
    rgq_free(mark);
    return st;
}

/* The markers of the options over those of thresholds. */
static rgq_status mark_given(rgq_markers *m, const rgq_segmentation *job,
                             const rgq_regions *set, uint8_t label, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    uint8_t *mark = NULL;
    uint8_t *to = m->label;

    RGQ_TRY(err, rgq_alloc(&mark, rgq_grid_count(job->grid), 1, err));
    RGQ_TRY(err, rgq_search_mark_all(mark, job->grid, set, 1,
                                     label == RGQ_MARK_INSIDE ? "the mask of the inside"
                                                              : "the mask of the outside",
                                     err));
    for (int z = 0; z < m->box.n[2]; z++)
        for (int y = 0; y < m->box.n[1]; y++)
            for (int x = 0; x < m->box.n[0]; x++, to++)
                if (mark[rgq_box_row(&m->box, job->grid, y, z) + (size_t)x] != 0)
                    *to = label;
                else if (*to == label)
                    *to = RGQ_MARK_NONE;
out:
    rgq_free(mark);
    return st;
}

static rgq_status check_markers(const rgq_markers *m, rgq_error *err)
{
    const size_t count = rgq_box_count(&m->box);

    if (memchr(m->label, RGQ_MARK_INSIDE, count) == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no voxel is marked as inside the lesion; give a mask (--inside)");
    if (memchr(m->label, RGQ_MARK_OUTSIDE, count) == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no voxel is marked as outside the lesion: its contour reaches the "
                         "edges of the scan; give a mask (--outside)");
    return RGQ_OK;
}

rgq_status rgq_markers_make(rgq_markers *out, const rgq_lesion *lesion, rgq_segmentation *job,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_segment_opts *opts = job->opts;
    const double above = lesion->maximum - lesion->background.mean;
    /* never lower than the contour, whatever background was given: it must lie in the box */
    const double core = fmax(lesion->background.mean + core_fraction * above, lesion->contour);
    rgq_markers m = {.label = NULL};

    out->label = NULL;
    if (0.5 * above <= 2.0 * lesion->background.sd)
        RGQ_WARN(
            job->log,
            "the lesion hardly stands out: its maximum is %.6g, the background %.6g with a "
            "standard deviation of %.6g; its surface may be that of noise",
            lesion->maximum, lesion->background.mean, lesion->background.sd);
    const rgq_box contour = rgq_box_of_component(&job->flood);
    m.box = rgq_box_grow(&contour, job->grid, opts->psf_mm + RGQ_SHELL_THICK_MM);
    RGQ_TRY(err, rgq_alloc(&m.label, rgq_box_count(&m.box), 1, err));
    RGQ_TRY(err, mark_outside(&m, job, err));
    RGQ_TRY(err, rgq_lesion_grow(lesion, job, core, err));
    for (size_t k = 0; k < job->flood.count; k++)
        m.label[rgq_box_index(&m.box, job->grid, job->flood.at[k])] = RGQ_MARK_INSIDE;
    rgq_flood_undo(&job->flood);
    if (opts->outside != NULL)
        RGQ_TRY(err, mark_given(&m, job, opts->outside, RGQ_MARK_OUTSIDE, err));
    if (opts->inside != NULL)
        RGQ_TRY(err, mark_given(&m, job, opts->inside, RGQ_MARK_INSIDE, err));
    uint8_t *to = m.label;
    for (int z = 0; z < m.box.n[2]; z++)
        for (int y = 0; y < m.box.n[1]; y++)
            for (int x = 0; x < m.box.n[0]; x++, to++)
                if (job->flood.state[rgq_box_row(&m.box, job->grid, y, z) + (size_t)x] ==
                    RGQ_VOXEL_SHUT)
                    *to = RGQ_MARK_OUTSIDE;
    RGQ_TRY(err, check_markers(&m, err));
    *out = m;
    m.label = NULL;
out:
    rgq_free(m.label);
    return st;
}

rgq_status rgq_segment_take_box(rgq_segmentation *job, const rgq_lesion *lesion,
                                const rgq_box *box, const uint8_t *bytes, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_flood part = {.state = NULL};
    const size_t count = rgq_grid_count(job->grid);

    RGQ_TRY(err, rgq_flood_init(&part, job->grid, job->values, job->opts->connectivity, err));
    memset(part.state, RGQ_VOXEL_SHUT, count);
    for (int z = 0; z < box->n[2]; z++)
        for (int y = 0; y < box->n[1]; y++, bytes += box->n[0])
            for (int x = 0; x < box->n[0]; x++)
                if (bytes[x] == 1)
                    part.state[rgq_box_row(box, job->grid, y, z) + (size_t)x] = RGQ_VOXEL_OPEN;
    RGQ_TRY(err, rgq_flood_fill(&part, -(double)INFINITY, lesion->start, err));
    for (size_t k = 0; k < part.count; k++)
        job->mask[part.at[k]] = 1;
out:
    rgq_flood_release(&part);
    return st;
}
