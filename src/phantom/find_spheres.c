#include "phantom/find_spheres.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/conv.h"
#include "num/stats.h"

enum { BLOBS_MAX = 128 };
static const double blur_mm = 8.0;
static const double contrast_min = 0.12; /* of a blob after the blur */
static const double agreement_min = 0.95;

rgq_status rgq_view_blur(rgq_view *out, const rgq_view *view, double fwhm_mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = rgq_grid_count(&view->grid);
    double sigma[3];

    *out = *view;
    out->value = NULL;
    for (int a = 0; a < 3; a++)
        sigma[a] = fwhm_mm / 2.3548200450309493 / view->step[a];
    RGQ_TRY(err, rgq_alloc(&out->value, count, sizeof *out->value, err));
    memcpy(out->value, view->value, count * sizeof *out->value);
    RGQ_TRY(err, rgq_conv_gaussian(out->value, view->grid.n, sigma, RGQ_BORDER_REPLICATE,
                                   RGQ_CONV_AUTO, NULL, err));
out:
    if (st != RGQ_OK)
        rgq_view_release(out);
    return st;
}

enum { SAMPLE_MAX = 200000 };

/* Median of the values in (lo, hi), of every stride-th voxel; 0 if there is none. `work` holds
 * SAMPLE_MAX + 1 floats. */
static double median_between(const float *value, size_t count, double lo, double hi,
                             float *work)
{
    const size_t stride = count / SAMPLE_MAX + 1;
    size_t n = 0;

    for (size_t i = 0; i < count; i += stride)
        if ((double)value[i] > lo && (double)value[i] < hi)
            work[n++] = value[i];
    if (n == 0)
        return 0.0;
    rgq_sort_float(work, n);
    return rgq_quantile_float(work, n, 0.5);
}

/* The value most voxels have, between 0.5 and 1.5 of `about`: of 100 bins the middle of the
 * five neighbours that hold most. */
static double most_common(const float *value, size_t count, double about)
{
    enum { BINS = 100 };
    const size_t stride = count / SAMPLE_MAX + 1;
    double n[BINS] = {0.0};
    double best = -1.0;
    int at = 0;

    for (size_t i = 0; i < count; i += stride) {
        const double bin = ((double)value[i] / about - 0.5) * BINS;
        if (bin >= 0.0 && bin < BINS)
            n[(int)bin] += 1.0;
    }
    for (int i = 2; i < BINS - 2; i++) {
        const double sum = n[i - 2] + n[i - 1] + n[i] + n[i + 1] + n[i + 2];
        if (!(sum > best))
            continue;
        best = sum;
        at = i;
    }
    return about * (0.5 + (at + 0.5) / BINS);
}

/* Hot spheres are a hundredth of a phantom and air is far below: the median of all that is not
 * air is near the level of the filled part. Cold rods pull it down: the value that is most
 * common about it is the filled part's. */
rgq_status rgq_view_level(double *out, const rgq_view *view, rgq_error *err)
{
    const size_t count = rgq_grid_count(&view->grid);
    float *work = NULL;
    float top = 0.0f;

    RGQ_PASS(err, rgq_alloc(&work, SAMPLE_MAX + 1, sizeof *work, err));
    for (size_t i = 0; i < count; i++)
        top = fmaxf(top, view->value[i]);
    double level =
        median_between(view->value, count, 0.03 * (double)top, (double)INFINITY, work);
    if (level > 0.0) {
        level = most_common(view->value, count, level);
        level = median_between(view->value, count, 0.9 * level, 1.1 * level, work);
    }
    rgq_free(work);
    *out = level;
    return RGQ_OK;
}

/* ---- blobs ---- */

typedef struct blob {
    double at[3];  /* view mm */
    double excess; /* sum of the contrast about its peak */
} blob;

/* The blurred scan as contrast: (value / level - 1) * sign. */
typedef struct search {
    const rgq_view *view; /* blurred, level taken off */
    blob blobs[BLOBS_MAX];
    int n_blobs;
    double reach_mm; /* radius in which the middle of a blob is sought */
    double sign;
} search;

/* Sum of what is above `from` within a radius, its centroid if `centroid` is not NULL. */
static double sum_ball(const rgq_view *view, const double at[3], double radius, double from,
                       double centroid[3])
{
    int range[3][2];
    double sum = 0.0;
    double moment[3] = {0.0, 0.0, 0.0};

    for (int a = 0; a < 3; a++)
        rgq_view_range(view, a, at[a], radius, range[a]);
    for (int k = range[2][0]; k <= range[2][1]; k++)
        for (int j = range[1][0]; j <= range[1][1]; j++)
            for (int i = range[0][0]; i <= range[0][1]; i++) {
                const double p[3] = {i * view->step[0], j * view->step[1], k * view->step[2]};
                const double v = rgq_view_at(view, i, j, k);
                const double r2 = (p[0] - at[0]) * (p[0] - at[0]) +
                                  (p[1] - at[1]) * (p[1] - at[1]) +
                                  (p[2] - at[2]) * (p[2] - at[2]);
                if (r2 > radius * radius || v < from)
                    continue;
                sum += v;
                for (int a = 0; a < 3; a++)
                    moment[a] += v * p[a];
            }
    for (int a = 0; a < 3 && centroid != NULL; a++)
        centroid[a] = sum > 0.0 ? moment[a] / sum : at[a];
    return sum;
}

static bool is_peak(const rgq_view *view, int i, int j, int k)
{
    const double v = rgq_view_at(view, i, j, k);

    for (int dk = -1; dk <= 1; dk++)
        for (int dj = -1; dj <= 1; dj++)
            for (int di = -1; di <= 1; di++) {
                const bool before = dk < 0 || (dk == 0 && (dj < 0 || (dj == 0 && di < 0)));
                const double w = rgq_view_at(view, i + di, j + dj, k + dk);
                if (di == 0 && dj == 0 && dk == 0)
                    continue;
                if (before ? !(v > w) : !(v >= w))
                    return false;
            }
    return true;
}

/* Keep the blobs that hold most, in order; two within 8 mm are one. */
static void keep_blob(search *s, const blob *found)
{
    int to = 0;

    for (int i = 0; i < s->n_blobs; i++) {
        const double *b = s->blobs[i].at;
        if (hypot(hypot(b[0] - found->at[0], b[1] - found->at[1]), b[2] - found->at[2]) < 8.0)
            return;
    }
    while (to < s->n_blobs && s->blobs[to].excess >= found->excess)
        to++;
    if (to == BLOBS_MAX)
        return;
    const int moved = (s->n_blobs < BLOBS_MAX ? s->n_blobs : BLOBS_MAX - 1) - to;
    memmove(&s->blobs[to + 1], &s->blobs[to], (size_t)moved * sizeof s->blobs[0]);
    s->blobs[to] = *found;
    s->n_blobs += s->n_blobs < BLOBS_MAX ? 1 : 0;
}

/* Outside of a phantom all is cold: a cold sphere has filled parts about it. */
static bool is_enclosed(const search *s, const double at[3])
{
    enum { POINTS = 12 };
    const double reach = s->reach_mm + 8.0;
    int filled = 0;

    for (int p = 0; p < POINTS; p++) {
        const double t = 6.283185307179586 * p / POINTS;
        const double i = floor((at[0] + reach * cos(t)) / s->view->step[0] + 0.5);
        const double j = floor((at[1] + reach * sin(t)) / s->view->step[1] + 0.5);
        const int k = (int)floor(at[2] / s->view->step[2] + 0.5);
        if (i >= 0.0 && j >= 0.0 && i < s->view->grid.n[0] && j < s->view->grid.n[1])
            filled += fabs(rgq_view_at(s->view, (int)i, (int)j, k)) < 0.3 ? 1 : 0;
    }
    return filled >= POINTS - 3;
}

static void find_blobs(search *s)
{
    const rgq_view *view = s->view;
    const int *n = view->grid.n;

    for (int k = 1; k < n[2] - 1; k++)
        for (int j = 1; j < n[1] - 1; j++)
            for (int i = 1; i < n[0] - 1; i++) {
                const double v = rgq_view_at(view, i, j, k);
                if (v < contrast_min || !is_peak(view, i, j, k))
                    continue;
                blob b = {{i * view->step[0], j * view->step[1], k * view->step[2]}, 0.0};
                const double peak[3] = {b.at[0], b.at[1], b.at[2]};
                if (s->sign < 0.0 && !is_enclosed(s, peak))
                    continue;
                b.excess = sum_ball(view, peak, 10.0, 0.0, NULL);
                (void)sum_ball(view, peak, s->reach_mm, 0.5 * v, b.at);
                keep_blob(s, &b);
            }
}

/* ---- hypotheses ---- */

typedef struct guess {
    rgq_placement place;
    double score;
} guess;

/* Cosine of content^(1/3) and diameter; 0 if a sphere holds nothing. */
static double score_of(const search *s, const rgq_placement *place, const rgq_phantom *phantom,
                       const int *objects, int n)
{
    double dot = 0.0;
    double own = 0.0;
    double want = 0.0;

    for (int i = 0; i < n; i++) {
        const rgq_phantom_object *object = &phantom->object[objects[i]];
        double at[3];
        rgq_placement_apply(place, object->centre_mm, at);
        const double reach = 0.5 * object->diameter_mm + 6.0;
        const double content = sum_ball(s->view, at, reach, -(double)INFINITY, NULL);
        if (!(content > 0.0) || !(sum_ball(s->view, at, 6.0, -(double)INFINITY, NULL) > 0.0))
            return 0.0;
        const double size = cbrt(content);
        dot += size * object->diameter_mm;
        own += size * size;
        want += object->diameter_mm * object->diameter_mm;
    }
    return dot / sqrt(own * want);
}

/* The placement that lays sphere i on blob p and j on q; false if the distances differ. */
static bool lay(rgq_placement *out, const search *s, const int blobs[2],
                const rgq_phantom_object *const spheres[2], bool mirrored)
{
    const double *p = s->blobs[blobs[0]].at;
    const double *q = s->blobs[blobs[1]].at;
    const double m = mirrored ? -1.0 : 1.0;
    const double dx = m * (spheres[1]->centre_mm[0] - spheres[0]->centre_mm[0]);
    const double dy = spheres[1]->centre_mm[1] - spheres[0]->centre_mm[1];
    const double reversed = mirrored == (s->view->det > 0.0) ? -1.0 : 1.0;
    const double none[3] = {0.0, 0.0, 0.0};
    double shift[3] = {0.0, 0.0, 0.0};

    if (fabs(hypot(dx, dy) - hypot(q[0] - p[0], q[1] - p[1])) > 5.0 || fabs(q[2] - p[2]) > 6.0)
        return false;
    *out = rgq_placement_make(none, atan2(q[1] - p[1], q[0] - p[0]) - atan2(dy, dx), mirrored,
                              reversed < 0.0);
    for (int e = 0; e < 2; e++) {
        double at[3];
        rgq_placement_apply(out, spheres[e]->centre_mm, at);
        for (int a = 0; a < 3; a++)
            shift[a] += 0.5 * (s->blobs[blobs[e]].at[a] - at[a]);
    }
    memcpy(out->origin, shift, sizeof shift);
    return true;
}

static void try_pair(guess *best, const search *s, const int blobs[2],
                     const rgq_phantom *phantom, const int *objects, int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int mirrored = 0; mirrored < 2 && i != j; mirrored++) {
                const rgq_phantom_object *const spheres[2] = {&phantom->object[objects[i]],
                                                              &phantom->object[objects[j]]};
                rgq_placement place;
                if (!lay(&place, s, blobs, spheres, mirrored == 1))
                    continue;
                const double score = score_of(s, &place, phantom, objects, n);
                if (score > best->score)
                    *best = (guess){place, score};
            }
}

static rgq_status refuse(const guess *best, const search *s, const rgq_phantom *phantom, int n,
                         rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "no '%s' in the scan: %d spots stand out of the background, and %d that "
                     "lie as its spheres were needed (best agreement %.2f, needed %.2f); where "
                     "it is known, --place X,Y,Z,ANGLE says it",
                     phantom->id, s->n_blobs, n, best->score, agreement_min);
}

rgq_status rgq_find_spheres(rgq_placement *out, double *score, const rgq_view *view,
                            const rgq_phantom *phantom, const int *objects, int n, double sign,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_view blurred = {.value = NULL};
    search *s = NULL;
    guess best = {.score = 0.0};
    double level = 0.0;

    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    RGQ_TRY(err, rgq_view_blur(&blurred, view, blur_mm, err));
    RGQ_TRY(err, rgq_view_level(&level, &blurred, err));
    if (!(level > 0.0)) {
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND, "no '%s' in the scan: it holds no activity",
                       phantom->id);
        goto out;
    }
    for (size_t i = 0; i < rgq_grid_count(&view->grid); i++)
        blurred.value[i] = (float)(sign * ((double)blurred.value[i] / level - 1.0));
    s->view = &blurred;
    s->sign = sign;
    for (int i = 0; i < n; i++)
        s->reach_mm = fmax(s->reach_mm, 0.5 * phantom->object[objects[i]].diameter_mm + 4.0);
    find_blobs(s);
    for (int p = 0; p < s->n_blobs; p++)
        for (int q = p + 1; q < s->n_blobs; q++)
            try_pair(&best, s, (const int[2]){p, q}, phantom, objects, n);
    if (!(best.score >= agreement_min)) {
        st = refuse(&best, s, phantom, n, err);
        goto out;
    }
    *out = best.place;
    if (score != NULL)
        *score = best.score;
out:
    rgq_view_release(&blurred);
    rgq_free(s);
    return st;
}

void rgq_placement_refine(rgq_placement *place, const rgq_phantom *phantom, const int *objects,
                          int n, const double (*at_mm)[3], const double *weight)
{
    const double det =
        place->axis[0][0] * place->axis[1][1] - place->axis[0][1] * place->axis[1][0];
    const double m = det < 0.0 ? -1.0 : 1.0;
    double mean[2][3] = {{0.0}, {0.0}};
    double total = 0.0;
    double along = 0.0;
    double across = 0.0;

    for (int i = 0; i < n; i++) {
        const double *c = phantom->object[objects[i]].centre_mm;
        const double own[3] = {m * c[0], c[1], place->axis[2][2] * c[2]};
        total += weight[i];
        for (int a = 0; a < 3; a++) {
            mean[0][a] += weight[i] * own[a];
            mean[1][a] += weight[i] * at_mm[i][a];
        }
    }
    for (int a = 0; a < 3; a++) {
        mean[0][a] /= total;
        mean[1][a] /= total;
    }
    for (int i = 0; i < n; i++) {
        const double *c = phantom->object[objects[i]].centre_mm;
        const double x = m * c[0] - mean[0][0];
        const double y = c[1] - mean[0][1];
        const double u = at_mm[i][0] - mean[1][0];
        const double v = at_mm[i][1] - mean[1][1];
        along += weight[i] * (x * u + y * v);
        across += weight[i] * (x * v - y * u);
    }
    const double none[3] = {0.0, 0.0, 0.0};
    double turned[3];
    *place = rgq_placement_make(none, atan2(across, along), m < 0.0, place->axis[2][2] < 0.0);
    const double unmirrored[3] = {m * mean[0][0], mean[0][1], place->axis[2][2] * mean[0][2]};
    rgq_placement_apply(place, unmirrored, turned);
    for (int a = 0; a < 3; a++)
        place->origin[a] = mean[1][a] - turned[a];
}
