/* The structures of an RTSTRUCT on the voxels of a scan. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom_rtstruct.h"

enum { LABEL_MOST = 1 << 20 }; /* what a label map is read with */

/* Where the contours lie [mm]; false if there are none. */
static bool find_bounds(double lo[3], double hi[3], const rgq_rtstruct *set)
{
    bool any = false;

    for (int a = 0; a < 3; a++) {
        lo[a] = (double)INFINITY;
        hi[a] = -(double)INFINITY;
    }
    for (size_t r = 0; r < set->n_rois; r++)
        for (size_t c = 0; c < set->roi[r].n_contours; c++)
            for (size_t p = 0; p < set->roi[r].contour[c].n; p++)
                for (int a = 0; a < 3; a++) {
                    lo[a] = fmin(lo[a], set->roi[r].contour[c].point_mm[p][a]);
                    hi[a] = fmax(hi[a], set->roi[r].contour[c].point_mm[p][a]);
                    any = true;
                }
    return any;
}

static void scan_bounds(double lo[3], double hi[3], const rgq_grid *grid)
{
    for (int a = 0; a < 3; a++) {
        lo[a] = (double)INFINITY;
        hi[a] = -(double)INFINITY;
    }
    for (int corner = 0; corner < 8; corner++) {
        double index[3];
        double mm[3];
        for (int a = 0; a < 3; a++)
            index[a] = (corner >> a & 1) != 0 ? grid->n[a] - 0.5 : -0.5;
        rgq_grid_to_world(grid, index, mm);
        for (int a = 0; a < 3; a++) {
            lo[a] = fmin(lo[a], mm[a]);
            hi[a] = fmax(hi[a], mm[a]);
        }
    }
}

/* Numbers from 1 are kept as labels; if one is 0 or too large for a label map, all count from 1
 * in the order of the file. */
static bool keeps_numbers(const rgq_rtstruct *set)
{
    for (size_t r = 0; r < set->n_rois; r++)
        if (set->roi[r].number < 1 || set->roi[r].number > LABEL_MOST)
            return false;
    return true;
}

static void tell_frame(const rgq_rtstruct *set, const char *frame_uid, const rgq_log *log)
{
    size_t other = 0;

    for (size_t r = 0; r < set->n_rois && frame_uid != NULL && frame_uid[0] != '\0'; r++)
        other +=
            set->roi[r].frame_uid[0] != '\0' && strcmp(set->roi[r].frame_uid, frame_uid) != 0;
    if (other > 0)
        RGQ_WARN(
            log,
            "%zu of %zu structures name another frame of reference than the scan: they "
            "may have been drawn on another examination; their positions are taken as they "
            "are",
            other, set->n_rois);
}

/* What of a structure was left out or guessed. */
static void tell_doubts(const rgq_rtstruct_roi *roi, const rgq_contour_fill *fill,
                        const rgq_log *log)
{
    if (roi->n_open > 0)
        RGQ_WARN(log, "structure '%s': %zu contours that are points or open lines were ignored",
                 roi->name, roi->n_open);
    if (roi->n_short > 0)
        RGQ_WARN(log, "structure '%s': %zu contours of fewer than 3 points were ignored",
                 roi->name, roi->n_short);
    if (fill->n_doubled > 0)
        RGQ_WARN(log, "structure '%s': %zu contours come twice; each was taken once", roi->name,
                 fill->n_doubled);
    if (fill->n_outside > 0)
        RGQ_WARN(log, "structure '%s': %zu of %zu contour planes lie beyond the scan",
                 roi->name, fill->n_outside, fill->n_planes);
    if (fill->n_interpolated > 0)
        RGQ_WARN(log,
                 "structure '%s': %zu slices lie between contour planes (%zu of %zu planes are "
                 "not on a slice) and were interpolated",
                 roi->name, fill->n_interpolated, fill->n_off_slice, fill->n_planes);
    if (fill->axis != 'k' && fill->axis != '\0')
        RGQ_INFO(log, "structure '%s': its contours stand across axis %c of the scan",
                 roi->name, fill->axis);
    if (roi->n_contours > 0 && fill->n[0] == 0)
        RGQ_WARN(log, "structure '%s': no voxel centre lies inside its contours", roi->name);
}

static rgq_status add_roi(rgq_regions *regions, size_t *voxels, const rgq_rtstruct_roi *roi,
                          int label, const rgq_log *log, rgq_error *err)
{
    rgq_contour_fill fill = {.weight = NULL};
    rgq_status st =
        rgq_contours_fill(&fill, rgq_regions_grid(regions), roi->contour, roi->n_contours, err);
    if (st == RGQ_OK)
        st = rgq_regions_add_box(regions, roi->name, label, fill.lo, fill.n, fill.weight, err);
    if (st == RGQ_OK) {
        const rgq_region *region = rgq_regions_at(regions, rgq_regions_count(regions) - 1);
        if (region->n[0] == 0)
            fill.n[0] = 0;
        *voxels += (size_t)region->n[0];
        tell_doubts(roi, &fill, log);
    } else {
        rgq_error_prefix(err, "structure '%.60s': ", roi->name);
        rgq_error_push(err, __func__, __LINE__);
    }
    rgq_contour_fill_release(&fill);
    return st;
}

static rgq_status refuse_outside(const rgq_rtstruct *set, const rgq_grid *grid, rgq_error *err)
{
    double a[3];
    double b[3];
    double c[3];
    double d[3];

    if (!find_bounds(a, b, set))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "none of the %zu structures has a closed planar contour", set->n_rois);
    scan_bounds(c, d, grid);
    return RGQ_RAISE(
        err, RGQ_E_GEOMETRY,
        "no voxel centre of the scan lies inside a contour: the contours span "
        "(%.5g, %.5g, %.5g) to (%.5g, %.5g, %.5g) mm, the scan (%.5g, %.5g, %.5g) "
        "to (%.5g, %.5g, %.5g) mm (right, front, head); contours of this scan were "
        "needed",
        a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2], d[0], d[1], d[2]);
}

rgq_status rgq_rtstruct_regions(rgq_regions **out, const rgq_rtstruct *set,
                                const rgq_grid *grid, const char *frame_uid, const rgq_log *log,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;
    const bool numbers = keeps_numbers(set);
    size_t voxels = 0;

    *out = NULL;
    tell_frame(set, frame_uid, log);
    RGQ_TRY(err, rgq_regions_create(&regions, grid, err));
    for (size_t r = 0; r < set->n_rois; r++) {
        const rgq_rtstruct_roi *roi = &set->roi[r];
        if (roi->n_contours == 0) {
            RGQ_WARN(log, "structure '%s' has no closed planar contour and was left out",
                     roi->name);
            continue;
        }
        RGQ_TRY(err, add_roi(regions, &voxels, roi, numbers ? (int)roi->number : (int)r + 1,
                             log, err));
    }
    if (voxels == 0) {
        st = refuse_outside(set, grid, err);
        goto out;
    }
    if (!numbers)
        RGQ_WARN(log, "a structure has number 0 or more than %d; their labels count from 1",
                 (int)LABEL_MOST);
    *out = regions;
    regions = NULL;
out:
    rgq_regions_free(regions);
    return st;
}
