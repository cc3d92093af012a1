/* The segments of a DICOM SEG as regions on the grid of its frames. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom_seg.h"

static const double SAME_MM = 1e-3;  /* positions that differ less are one */
static const double UNEVEN = 0.01;   /* of the distance between slices */
static const double IN_PLANE = 0.01; /* of a pixel */

enum { SLICES_MAX = 8192 };
/* A box may hold this much more than the frames that fill it, or this many voxels. */
static const double BOX_TIMES = 64.0;
static const double BOX_SMALL = 67108864.0;

/* A frame and where it stands. */
typedef struct place {
    int segment, frame;
    double along_mm;
    int slice;
} place;

typedef struct stack {
    const rgq_seg *seg;
    double normal[3]; /* LPS */
    place *place;     /* by segment, then along the normal */
    double *along_mm; /* distinct positions, rising */
    int n_along;
    double step_mm;
    rgq_grid grid;
} stack;

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int compare_places(const void *a, const void *b)
{
    const place *x = a;
    const place *y = b;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return x->along_mm < y->along_mm ? -1 : x->along_mm > y->along_mm;
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static rgq_status check_in_plane(const stack *s, int frame, rgq_error *err)
{
    const rgq_seg *seg = s->seg;
    double shift[3];

    for (int a = 0; a < 3; a++)
        shift[a] = seg->frame[frame].position_mm[a] - seg->frame[0].position_mm[a];
    const double u = dot(shift, seg->orientation) / seg->spacing_mm[1];
    const double v = dot(shift, seg->orientation + 3) / seg->spacing_mm[0];
    if (fabs(u) > IN_PLANE || fabs(v) > IN_PLANE)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "frame %d lies %.3g columns and %.3g rows beside the first; frames in "
                         "one stack are needed",
                         frame + 1, u, v);
    return RGQ_OK;
}

static rgq_status find_places(stack *s, rgq_error *err)
{
    const rgq_seg *seg = s->seg;
    const double *o = seg->orientation;
    const size_t n = (size_t)seg->n_frames;

    for (int a = 0; a < 3; a++) {
        const int b = (a + 1) % 3;
        const int c = (a + 2) % 3;
        s->normal[a] = o[b] * o[3 + c] - o[c] * o[3 + b];
    }
    RGQ_PASS(err, rgq_alloc(&s->place, n, sizeof *s->place, err));
    RGQ_PASS(err, rgq_alloc(&s->along_mm, n, sizeof *s->along_mm, err));
    for (int f = 0; f < seg->n_frames; f++) {
        RGQ_PASS(err, check_in_plane(s, f, err));
        const double along_mm = dot(seg->frame[f].position_mm, s->normal);
        s->place[f] = (place){seg->frame[f].segment, f, along_mm, 0};
        s->along_mm[f] = along_mm;
    }
    qsort(s->place, n, sizeof *s->place, compare_places);
    qsort(s->along_mm, n, sizeof *s->along_mm, compare_reals);
    s->n_along = 1;
    for (size_t i = 1; i < n; i++)
        if (s->along_mm[i] - s->along_mm[s->n_along - 1] > SAME_MM)
            s->along_mm[s->n_along++] = s->along_mm[i];
    return RGQ_OK;
}

/* Do the positions stand on multiples of `step_mm`, which is made exact by the whole length? */
static bool fits(double *step_mm, const stack *s)
{
    const double length = s->along_mm[s->n_along - 1] - s->along_mm[0];
    const double n = nearbyint(length / *step_mm);

    if (!(*step_mm > SAME_MM) || !(n >= 1.0 && n < SLICES_MAX))
        return false;
    const double exact = length / n;
    if (fabs(exact - *step_mm) > UNEVEN * *step_mm)
        return false;
    for (int i = 0; i < s->n_along; i++) {
        const double at = (s->along_mm[i] - s->along_mm[0]) / exact;
        if (fabs(at - nearbyint(at)) > UNEVEN)
            return false;
    }
    *step_mm = exact;
    return true;
}

/* Spacing of a scan along the normal of the frames; 0 if none of its axes is that way. */
static double spacing_along(const rgq_grid *grid, const double normal_lps[3])
{
    const double normal[3] = {-normal_lps[0], -normal_lps[1], normal_lps[2]};

    for (int a = 0; a < 3 && grid != NULL; a++) {
        const double axis[3] = {grid->affine[0][a], grid->affine[1][a], grid->affine[2][a]};
        const double length = sqrt(dot(axis, axis));
        if (fabs(dot(axis, normal)) > 0.9999 * length)
            return length;
    }
    return 0.0;
}

static rgq_status find_step(stack *s, const rgq_grid *near, rgq_error *err)
{
    const rgq_seg *seg = s->seg;
    double smallest = (double)INFINITY;

    for (int i = 1; i < s->n_along; i++)
        smallest = fmin(smallest, s->along_mm[i] - s->along_mm[i - 1]);
    const double tries[] = {spacing_along(near, s->normal), seg->between_mm, smallest};
    for (size_t t = 0; t < sizeof tries / sizeof tries[0]; t++) {
        s->step_mm = tries[t];
        if (s->n_along == 1 && s->step_mm > SAME_MM && s->step_mm < 1e4)
            return RGQ_OK;
        if (s->n_along > 1 && fits(&s->step_mm, s))
            return RGQ_OK;
    }
    s->step_mm = seg->thickness_mm;
    if (s->n_along == 1 && s->step_mm > SAME_MM && s->step_mm < 1e4)
        return RGQ_OK;
    if (s->n_along == 1)
        return RGQ_RAISE(
            err, RGQ_E_MISSING,
            "one slice, and neither (0018,0088) SpacingBetweenSlices nor (0018,0050) "
            "SliceThickness says how thick it is");
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "the %d slice positions over %.5g mm are not multiples of one distance "
                     "(smallest %.5g mm; at most %d slices)",
                     s->n_along, s->along_mm[s->n_along - 1] - s->along_mm[0], smallest,
                     (int)SLICES_MAX);
}

static rgq_status make_grid(stack *s, rgq_error *err)
{
    const rgq_seg *seg = s->seg;
    const double shift = s->along_mm[0] - dot(seg->frame[0].position_mm, s->normal);
    const double length = s->along_mm[s->n_along - 1] - s->along_mm[0];
    int last = -1;

    s->grid.n[0] = seg->columns;
    s->grid.n[1] = seg->rows;
    s->grid.n[2] = (int)nearbyint(length / s->step_mm) + 1;
    for (int r = 0; r < 3; r++) {
        const double sign = r < 2 ? -1.0 : 1.0;
        s->grid.affine[r][0] = sign * seg->orientation[r] * seg->spacing_mm[1];
        s->grid.affine[r][1] = sign * seg->orientation[3 + r] * seg->spacing_mm[0];
        s->grid.affine[r][2] = sign * s->normal[r] * s->step_mm;
        s->grid.affine[r][3] = sign * (seg->frame[0].position_mm[r] + shift * s->normal[r]);
    }
    for (int i = 0; i < seg->n_frames; i++) {
        place *p = &s->place[i];
        p->slice = (int)nearbyint((p->along_mm - s->along_mm[0]) / s->step_mm);
        const bool same = i > 0 && s->place[i - 1].segment == p->segment;
        if (same && p->slice == last)
            return RGQ_RAISE(
                err, RGQ_E_FORMAT, "frames %d and %d show segment %d at the same place",
                s->place[i - 1].frame + 1, p->frame + 1, seg->segment[p->segment].number);
        last = p->slice;
    }
    return rgq_grid_check(&s->grid, err);
}

/* A pixel as stored. */
static unsigned pixel(const rgq_seg *seg, size_t at)
{
    if (seg->is_fractional)
        return seg->pixels[at];
    return (unsigned)seg->pixels[at / 8] >> (at % 8) & 1U;
}

static size_t frame_start(const rgq_seg *seg, int frame)
{
    return (size_t)frame * (size_t)seg->rows * (size_t)seg->columns;
}

static void include(int lo[3], int hi[3], const int here[3])
{
    for (int a = 0; a < 3; a++) {
        lo[a] = here[a] < lo[a] ? here[a] : lo[a];
        hi[a] = here[a] > hi[a] ? here[a] : hi[a];
    }
}

/* Rows and columns that hold anything in the frames of `p`; false if none does. */
static bool find_box(int lo[3], int n[3], const rgq_seg *seg, const place *p, int n_frames)
{
    int hi[3] = {-1, -1, -1};

    lo[0] = seg->columns;
    lo[1] = seg->rows;
    lo[2] = SLICES_MAX;
    for (int f = 0; f < n_frames; f++) {
        size_t at = frame_start(seg, p[f].frame);
        for (int y = 0; y < seg->rows; y++)
            for (int x = 0; x < seg->columns; x++, at++)
                if (pixel(seg, at) != 0)
                    include(lo, hi, (const int[3]){x, y, p[f].slice});
    }
    for (int a = 0; a < 3; a++) {
        if (hi[0] < 0)
            lo[a] = 0;
        n[a] = hi[0] < 0 ? 0 : hi[a] - lo[a] + 1;
    }
    return hi[0] >= 0;
}

static rgq_status fill_box(float *weight, const int lo[3], const int n[3], const rgq_seg *seg,
                           const place *p, int n_frames, rgq_error *err)
{
    for (int f = 0; f < n_frames; f++) {
        const size_t start = frame_start(seg, p[f].frame);
        if (p[f].slice < lo[2] || p[f].slice >= lo[2] + n[2])
            continue;
        float *to = weight + (size_t)(p[f].slice - lo[2]) * (size_t)n[0] * (size_t)n[1];
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const unsigned value =
                    pixel(seg, start + (size_t)(lo[1] + y) * (size_t)seg->columns +
                                   (size_t)(lo[0] + x));
                if (value > (unsigned)seg->fraction_max)
                    return RGQ_RAISE(err, RGQ_E_FORMAT,
                                     "frame %d has a value of %u; (0062,000E) "
                                     "MaximumFractionalValue is %d",
                                     p[f].frame + 1, value, seg->fraction_max);
                *to++ = (float)value / (float)seg->fraction_max;
            }
    }
    return RGQ_OK;
}

static rgq_status add_segment(rgq_regions *regions, const stack *s, int segment, const place *p,
                              int n_frames, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_seg *seg = s->seg;
    float *weight = NULL;
    int lo[3];
    int n[3];

    if (find_box(lo, n, seg, p, n_frames)) {
        const double box = (double)n[0] * n[1] * n[2];
        const double filled = (double)n[0] * n[1] * n_frames;
        if (box > BOX_SMALL && box > BOX_TIMES * filled)
            return RGQ_RAISE(
                err, RGQ_E_FORMAT,
                "the %d frames of segment %d span %d slices of %d x %d voxels; the "
                "positions are damaged",
                n_frames, seg->segment[segment].number, n[2], n[0], n[1]);
        RGQ_TRY(err, rgq_alloc(&weight, (size_t)n[0] * (size_t)n[1] * (size_t)n[2],
                               sizeof *weight, err));
        RGQ_TRY(err, fill_box(weight, lo, n, seg, p, n_frames, err));
    }
    RGQ_TRY(err, rgq_regions_add_box(regions, seg->segment[segment].name,
                                     seg->segment[segment].number, lo, n, weight, err));
out:
    rgq_free(weight);
    return st;
}

static rgq_status add_segments(rgq_regions *regions, const stack *s, const rgq_log *log,
                               rgq_error *err)
{
    int first = 0;

    for (int g = 0; g < s->seg->n_segments; g++) {
        int end = first;
        while (end < s->seg->n_frames && s->place[end].segment == g)
            end++;
        RGQ_PASS(err, add_segment(regions, s, g, s->place + first, end - first, err));
        const rgq_region *region = rgq_regions_at(regions, rgq_regions_count(regions) - 1);
        if (region->n[0] == 0)
            RGQ_WARN(log, "segment %d ('%s') is empty", region->label, region->name);
        first = end;
    }
    return RGQ_OK;
}

/* ---- label map ---- */

static int label_at(const rgq_seg *seg, size_t at)
{
    if (seg->label_bytes == 1)
        return seg->pixels[at];
    return seg->pixels[2 * at] | seg->pixels[2 * at + 1] << 8;
}

/* What is no segment's number is refused: it may be a damaged file, or another background. */
static rgq_status fill_labels(int32_t *labels, const stack *s, rgq_error *err)
{
    const rgq_seg *seg = s->seg;
    const size_t count = (size_t)seg->rows * (size_t)seg->columns;

    for (int f = 0; f < seg->n_frames; f++) {
        int32_t *to = labels + (size_t)s->place[f].slice * count;
        const size_t start = frame_start(seg, s->place[f].frame);
        for (size_t i = 0; i < count; i++) {
            const int label = label_at(seg, start + i);
            if (label == seg->background)
                continue;
            if (label == 0 || seg->by_number[label] == 0)
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "frame %d holds the number %d; no segment of (0062,0002) that "
                                 "can be read has it",
                                 s->place[f].frame + 1, label);
            to[i] = label;
        }
    }
    return RGQ_OK;
}

static rgq_status name_labels(rgq_regions *regions, const rgq_seg *seg, const rgq_log *log,
                              rgq_error *err)
{
    for (int g = 0; g < seg->n_segments; g++) {
        bool any = seg->segment[g].number == seg->background;
        for (int i = 0; i < rgq_regions_count(regions); i++) {
            if (rgq_regions_at(regions, i)->label != seg->segment[g].number)
                continue;
            any = true;
            if (seg->segment[g].name[0] != '\0')
                RGQ_PASS(err, rgq_regions_rename(regions, i, seg->segment[g].name, err));
        }
        if (!any)
            RGQ_WARN(log, "segment %d ('%s') is empty and was left out", seg->segment[g].number,
                     seg->segment[g].name);
    }
    return RGQ_OK;
}

static rgq_status from_label_map(rgq_regions **out, const stack *s, const rgq_log *log,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_seg *seg = s->seg;
    int32_t *labels = NULL;
    const double box = (double)seg->rows * seg->columns * s->grid.n[2];

    if (box > BOX_SMALL && s->grid.n[2] > BOX_TIMES * seg->n_frames)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the %d frames span %d slices of %d x %d voxels; the positions are "
                         "damaged",
                         seg->n_frames, s->grid.n[2], seg->columns, seg->rows);
    RGQ_TRY(err, rgq_alloc(&labels, rgq_grid_count(&s->grid), sizeof *labels, err));
    memset(labels, 0, rgq_grid_count(&s->grid) * sizeof *labels);
    RGQ_TRY(err, fill_labels(labels, s, err));
    RGQ_TRY(err, rgq_regions_from_labels(out, &s->grid, labels, err));
    RGQ_TRY(err, name_labels(*out, seg, log, err));
out:
    rgq_free(labels);
    return st;
}

rgq_status rgq_seg_regions(rgq_regions **out, const rgq_seg *seg, const rgq_grid *near,
                           const char *frame_uid, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;
    stack s = {.seg = seg};

    *out = NULL;
    RGQ_TRY(err, find_places(&s, err));
    RGQ_TRY(err, find_step(&s, near, err));
    RGQ_TRY(err, make_grid(&s, err));
    if (seg->label_bytes > 0) {
        RGQ_TRY(err, from_label_map(&regions, &s, log, err));
    } else {
        RGQ_TRY(err, rgq_regions_create(&regions, &s.grid, err));
        RGQ_TRY(err, add_segments(regions, &s, log, err));
    }
    if (frame_uid != NULL && frame_uid[0] != '\0' && seg->frame_uid[0] != '\0' &&
        strcmp(frame_uid, seg->frame_uid) != 0)
        RGQ_WARN(log, "the segmentation names another frame of reference than the scan; its "
                      "positions are taken as they are");
    *out = regions;
    regions = NULL;
out:
    rgq_regions_free(regions);
    rgq_free(s.place);
    rgq_free(s.along_mm);
    return st;
}
