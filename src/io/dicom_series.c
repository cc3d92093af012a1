/* Slices in any order to a grid and frames: nothing here knows about files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom_file.h"

/* Positions are written rounded, often to 0.01 mm: 1 % of the spacing lets that pass and stops
 * a slice that lacks. Directions are written with six digits. */
static const double SPACING_TOLERANCE = 0.01;
static const double ALIGN_TOLERANCE_MM = 0.05;
static const double COSINE_TOLERANCE = 1e-3;

static const char *name_of(const rgq_names *names, const rgq_dicom_slice *s)
{
    return names->name[s->file];
}

static bool same_orientation(const double a[6], const double b[6])
{
    for (int i = 0; i < 6; i++)
        if (fabs(a[i] - b[i]) > COSINE_TOLERANCE)
            return false;
    return true;
}

static bool same_spacing(const double a[2], const double b[2])
{
    return fabs(a[0] - b[0]) <= 1e-4 * a[0] && fabs(a[1] - b[1]) <= 1e-4 * a[1];
}

static rgq_status check_same(const rgq_dicom_slice *a, const rgq_dicom_slice *b,
                             const rgq_names *names, rgq_error *err)
{
    const char *x = name_of(names, a);
    const char *y = name_of(names, b);

    if (a->rows != b->rows || a->columns != b->columns)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the series mixes sizes: %s has %d x %d pixels, %s has %d x %d", x,
                         a->columns, a->rows, y, b->columns, b->rows);
    if (!same_orientation(a->orientation, b->orientation))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the series mixes orientations: %s and %s differ in "
                         "ImageOrientationPatient",
                         x, y);
    if (!same_spacing(a->spacing_mm, b->spacing_mm))
        return RGQ_RAISE(
            err, RGQ_E_GEOMETRY,
            "the series mixes pixel spacings: %s has %g x %g mm, %s has %g x %g mm", x,
            a->spacing_mm[1], a->spacing_mm[0], y, b->spacing_mm[1], b->spacing_mm[0]);
    if (strcmp(a->units, b->units) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the series mixes units: %s is in '%s', %s in '%s'",
                         x, a->units, y, b->units);
    if (strcmp(a->decay_correction, b->decay_correction) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the series mixes decay corrections: %s has '%s', %s has '%s'", x,
                         a->decay_correction, y, b->decay_correction);
    return RGQ_OK;
}

static void normal_of(double n[3], const double o[6])
{
    n[0] = o[1] * o[5] - o[2] * o[4];
    n[1] = o[2] * o[3] - o[0] * o[5];
    n[2] = o[0] * o[4] - o[1] * o[3];
}

static int by_storage(const rgq_dicom_slice *x, const rgq_dicom_slice *y)
{
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static int by_position(const void *a, const void *b)
{
    const rgq_dicom_slice *x = a;
    const rgq_dicom_slice *y = b;
    if (x->along_mm != y->along_mm)
        return x->along_mm < y->along_mm ? -1 : 1;
    return by_storage(x, y);
}

static int by_order(const void *a, const void *b)
{
    const rgq_dicom_slice *x = a;
    const rgq_dicom_slice *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return by_storage(x, y);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Slices closer than this lie at one position: far below any slice spacing, far above rounding.
 */
static const double SAME_POSITION_MM = 0.01;

/* How many slices from `first` on lie at its position. */
static size_t run_length(const rgq_dicom_slice *slice, size_t first, size_t count)
{
    size_t n = 1;
    while (first + n < count &&
           slice[first + n].along_mm - slice[first].along_mm < SAME_POSITION_MM)
        n++;
    return n;
}

static double key_of(const rgq_dicom_slice *s, int kind)
{
    switch (kind) {
    case 0:
        return s->acquisition_s;
    case 1:
        return s->reference_s;
    case 2:
        return s->temporal_index;
    case 3:
        return s->image_index;
    default:
        return s->trigger_s;
    }
}

/* Do the slices at every position differ by this key? Leaves them sorted by it. */
static bool order_by(rgq_dicom_slice *slice, size_t n_positions, size_t n_frames, int kind)
{
    for (size_t i = 0; i < n_positions * n_frames; i++) {
        slice[i].order = key_of(&slice[i], kind);
        if (isnan(slice[i].order))
            return false;
    }
    for (size_t p = 0; p < n_positions; p++) {
        rgq_dicom_slice *at = slice + p * n_frames;
        qsort(at, n_frames, sizeof *at, by_order);
        for (size_t f = 1; f < n_frames; f++)
            if (!(at[f].order > at[f - 1].order))
                return false;
    }
    return true;
}

static rgq_status check_runs(const rgq_dicom_slice *slice, size_t count, size_t n_frames,
                             const rgq_names *names, rgq_error *err)
{
    for (size_t i = 0, n = 0; i < count; i += n) {
        n = run_length(slice, i, count);
        if (n == n_frames)
            continue;
        return RGQ_RAISE(
            err, RGQ_E_GEOMETRY,
            "the position %.3f mm along the slice normal holds %zu slices (%s), "
            "%.3f mm holds %zu: a slice is there twice, a frame is incomplete or beds "
            "overlap",
            slice[i].along_mm, n, name_of(names, &slice[i]), slice[0].along_mm, n_frames);
    }
    return RGQ_OK;
}

static rgq_status split_frames(rgq_dicom_slice *slice, size_t count, size_t *n_frames,
                               const rgq_names *names, rgq_error *err)
{
    const size_t n = run_length(slice, 0, count);

    RGQ_PASS(err, check_runs(slice, count, n, names, err));
    *n_frames = n;
    if (n == 1)
        return RGQ_OK;
    if (slice[0].is_gated)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the images are gated: %zu phases of a cycle lie at each position, "
                         "which are no frames in time; sum the phases or give the ungated "
                         "reconstruction",
                         n);
    if (n > RGQ_FRAMES_MAX)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "%zu slices at one position; at most %d frames "
                         "can be read",
                         n, RGQ_FRAMES_MAX);
    for (int kind = 0; kind < 5; kind++)
        if (order_by(slice, count / n, n, kind))
            return RGQ_OK;
    qsort(slice, count, sizeof *slice, by_position);
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "two slices lie at the same position (%.3f mm along the slice normal) and "
                     "no time tells them apart: %s and %s; remove one of them",
                     slice[0].along_mm, name_of(names, &slice[0]), name_of(names, &slice[1]));
}

/* Positions that lack in a gap of `steps` spacings, at most eight of them by number. */
static rgq_status report_gap(double from_mm, double spacing_mm, double steps, rgq_error *err)
{
    char list[160] = "";
    const long lacking = lround(fmin(steps, 1e6)) - 1;

    for (long i = 1; i <= lacking && i <= 8; i++) {
        char one[32];
        const size_t used = strlen(list);
        (void)snprintf(one, sizeof one, "%s%.3f", i > 1 ? ", " : "",
                       from_mm + (double)i * spacing_mm);
        rgq_text_copy(list + used, sizeof list - used, one);
    }
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "%ld slice%s lacking: nothing at %s%s mm along the slice normal (spacing "
                     "%.4g mm, tolerance 1 %%)",
                     lacking, lacking == 1 ? " is" : "s are", list, lacking > 8 ? ", ..." : "",
                     spacing_mm);
}

static rgq_status check_steps(const rgq_dicom_slice *slice, size_t n_z, size_t n_frames,
                              rgq_error *err)
{
    double *step = NULL;
    rgq_status st = RGQ_OK;

    RGQ_TRY(err, rgq_alloc(&step, n_z - 1, sizeof *step, err));
    for (size_t k = 0; k + 1 < n_z; k++)
        step[k] = slice[(k + 1) * n_frames].along_mm - slice[k * n_frames].along_mm;
    qsort(step, n_z - 1, sizeof *step, by_value);
    const double usual = step[(n_z - 2) / 2]; /* of an even number the lower: gaps are wider */
    for (size_t k = 0; k + 1 < n_z; k++) {
        const double from = slice[k * n_frames].along_mm;
        const double here = slice[(k + 1) * n_frames].along_mm - from;
        const double steps = here / usual;
        if (fabs(steps - 1.0) <= SPACING_TOLERANCE)
            continue;
        if (steps > 1.5 && fabs(steps - round(steps)) <= SPACING_TOLERANCE * steps) {
            st = report_gap(from, usual, steps, err);
            goto out;
        }
        st = RGQ_RAISE(err, RGQ_E_GEOMETRY,
                       "the slice spacing is not constant: %.4g mm from %.3f to %.3f mm along "
                       "the slice normal, %.4g mm elsewhere (tolerance 1 %%)",
                       here, from, from + here, usual);
        goto out;
    }
out:
    rgq_free(step);
    return st;
}

/* One slice only: the header must say how thick it is. */
static rgq_status single_step(double step[3], const rgq_dicom_slice *s, const double normal[3],
                              const rgq_log *log, rgq_error *err)
{
    const bool between = s->between_mm > 0.0 && isfinite(s->between_mm);
    const double mm = between ? s->between_mm : s->thickness_mm;

    if (!(mm >= 1e-3 && mm <= 1e3))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "a single slice without SliceThickness and SpacingBetweenSlices: its "
                         "height is unknown");
    RGQ_WARN(log, "a single slice: its height of %g mm is %s", mm,
             between ? "(0018,0088) SpacingBetweenSlices" : "(0018,0050) SliceThickness");
    for (int i = 0; i < 3; i++)
        step[i] = normal[i] * mm;
    return RGQ_OK;
}

/* Each slice must lie where the straight line from the first to the last one puts it. */
static rgq_status check_line(const rgq_dicom_slice *slice, size_t n_z, size_t n_frames,
                             const double step[3], const rgq_names *names, rgq_error *err)
{
    const double spacing_mm = sqrt(step[0] * step[0] + step[1] * step[1] + step[2] * step[2]);
    const double allowed_mm = fmax(ALIGN_TOLERANCE_MM, 0.05 * spacing_mm);

    for (size_t i = 0; i < n_z * n_frames; i++) {
        const size_t k = i / n_frames;
        double off = 0.0;
        for (int c = 0; c < 3; c++) {
            const double at = slice[0].position_mm[c] + (double)k * step[c];
            off += (slice[i].position_mm[c] - at) * (slice[i].position_mm[c] - at);
        }
        if (!(sqrt(off) <= allowed_mm))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "%s lies %.3g mm away from where its neighbours put it (allowed "
                             "%.2g mm): the slices do not form a block",
                             name_of(names, &slice[i]), sqrt(off), allowed_mm);
    }
    return RGQ_OK;
}

/* LPS millimetres of DICOM to RAS+: x and y change sign. */
static void make_grid(rgq_grid *grid, const rgq_dicom_slice *s, size_t n_z,
                      const double step[3])
{
    grid->n[0] = s->columns;
    grid->n[1] = s->rows;
    grid->n[2] = (int)n_z;
    for (int c = 0; c < 3; c++) {
        const double sign = c < 2 ? -1.0 : 1.0;
        grid->affine[c][0] = sign * s->orientation[c] * s->spacing_mm[1];
        grid->affine[c][1] = sign * s->orientation[3 + c] * s->spacing_mm[0];
        grid->affine[c][2] = sign * step[c];
        grid->affine[c][3] = sign * s->position_mm[c];
        for (int j = 0; j < 4; j++)
            grid->affine[c][j] += 0.0; /* -0 would print as such */
    }
}

/* Position-major to frame-major. */
static rgq_status put_frames_outside(rgq_dicom_slice *slice, size_t n_z, size_t n_frames,
                                     rgq_error *err)
{
    rgq_dicom_slice *copy = NULL;

    if (n_frames == 1)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&copy, n_z * n_frames, sizeof *copy, err));
    memcpy(copy, slice, n_z * n_frames * sizeof *copy);
    for (size_t i = 0; i < n_z * n_frames; i++)
        slice[(i % n_frames) * n_z + i / n_frames] = copy[i];
    rgq_free(copy);
    return RGQ_OK;
}

rgq_status rgq_dicom_series_arrange(rgq_grid *grid, int *n_frames, rgq_dicom_slice *slice,
                                    size_t count, const rgq_names *names, const rgq_log *log,
                                    rgq_error *err)
{
    double normal[3];
    double step[3] = {0.0, 0.0, 0.0};
    size_t frames = 1;

    for (size_t i = 1; i < count; i++)
        RGQ_PASS(err, check_same(&slice[0], &slice[i], names, err));
    normal_of(normal, slice[0].orientation);
    for (size_t i = 0; i < count; i++)
        slice[i].along_mm = slice[i].position_mm[0] * normal[0] +
                            slice[i].position_mm[1] * normal[1] +
                            slice[i].position_mm[2] * normal[2];
    qsort(slice, count, sizeof *slice, by_position);
    RGQ_PASS(err, split_frames(slice, count, &frames, names, err));
    const size_t n_z = count / frames;
    if (n_z > RGQ_GRID_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY, "%zu slices; at most %d can be read", n_z,
                         RGQ_GRID_SIDE_MAX);
    if (n_z == 1) {
        RGQ_PASS(err, single_step(step, &slice[0], normal, log, err));
    } else {
        RGQ_PASS(err, check_steps(slice, n_z, frames, err));
        for (int c = 0; c < 3; c++)
            step[c] = (slice[(n_z - 1) * frames].position_mm[c] - slice[0].position_mm[c]) /
                      (double)(n_z - 1);
    }
    RGQ_PASS(err, check_line(slice, n_z, frames, step, names, err));
    make_grid(grid, &slice[0], n_z, step);
    *n_frames = (int)frames;
    return put_frames_outside(slice, n_z, frames, err);
}
