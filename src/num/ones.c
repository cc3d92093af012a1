#include "num/ones.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/kernel_image.h"

struct rgq_ones {
    int n[3];
    float *profile[3]; /* of a kernel that separates; NULL: the kernel's sum everywhere */
    double *table;     /* sums of one that does not */
    int kernel_n[3];
    float sum;
};

/* Single precision as in the loops. */
static double tap(rgq_taps taps, int k)
{
    k = k < 0 ? -k : k;
    return k > taps.radius ? 0.0 : (double)(float)taps.half[k];
}

static void fill_profile(float *profile, int n, rgq_taps taps)
{
    for (int i = 0; i < n; i++) {
        const int lo = i < taps.radius ? -i : -taps.radius;
        const int hi = n - 1 - i < taps.radius ? n - 1 - i : taps.radius;
        double sum = 0.0;
        for (int k = lo; k <= hi; k++)
            sum += tap(taps, k);
        profile[i] = (float)sum;
    }
}

static double sum_of_taps(const rgq_taps taps[3])
{
    double product = 1.0;

    for (int i = 0; i < 3; i++) {
        double sum = 0.0;
        for (int k = taps[i].radius; k > 0; k--)
            sum += 2.0 * taps[i].half[k];
        product *= sum + taps[i].half[0];
    }
    return product;
}

static double sum_of_image(const rgq_kernel_image *image)
{
    const size_t count = (size_t)image->n[0] * (size_t)image->n[1] * (size_t)image->n[2];
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)image->weight[i];
    return sum;
}

rgq_status rgq_ones_create(rgq_ones **out, const int n[3], const rgq_taps *taps,
                           const rgq_kernel_image *image, rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ones *o = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&o, 1, sizeof *o, err));
    memcpy(o->n, n, sizeof o->n);
    o->sum = (float)(taps != NULL ? sum_of_taps(taps) : sum_of_image(image));
    if (border == RGQ_BORDER_ZERO && taps != NULL) {
        for (int i = 0; i < 3; i++) {
            RGQ_TRY(err, rgq_alloc(&o->profile[i], (size_t)n[i], sizeof *o->profile[i], err));
            fill_profile(o->profile[i], n[i], taps[i]);
        }
    } else if (border == RGQ_BORDER_ZERO) {
        const size_t sums =
            ((size_t)image->n[0] + 1) * ((size_t)image->n[1] + 1) * ((size_t)image->n[2] + 1);
        memcpy(o->kernel_n, image->n, sizeof o->kernel_n);
        RGQ_TRY(err, rgq_alloc(&o->table, sums, sizeof *o->table, err));
        rgq_kernel_image_table(image, o->table);
    }
    *out = o;
    o = NULL;
out:
    rgq_ones_free(o);
    return st;
}

void rgq_ones_free(rgq_ones *ones)
{
    if (ones == NULL)
        return;
    for (int i = 0; i < 3; i++)
        rgq_free(ones->profile[i]);
    rgq_free(ones->table);
    rgq_free(ones);
}

/* Weights d of the kernel along one axis that meet a voxel of the image from voxel `x`, as
 * positions in the kernel: in(x - d), turned in(x + d). */
static void meet(int n, int kernel_n, bool turned, int x, int *lo, int *hi)
{
    const int r = (kernel_n - 1) / 2;
    const int first = turned ? -x : x - n + 1;
    const int last = turned ? n - 1 - x : x;

    *lo = (first > -r ? first : -r) + r;
    *hi = (last < r ? last : r) + r;
}

/* Voxels x .. end - 1 of row (y, z). */
static void fill_from_table(const rgq_ones *o, bool turned, float *out, const int at[3],
                            int end)
{
    int lo[3];
    int hi[3];
    int last_lo = -1;
    int last_hi = -1;
    float sum = 0.0F;

    for (int i = 1; i < 3; i++)
        meet(o->n[i], o->kernel_n[i], turned, at[i], &lo[i], &hi[i]);
    for (int x = at[0]; x < end; x++) {
        meet(o->n[0], o->kernel_n[0], turned, x, &lo[0], &hi[0]);
        if (x == at[0] || lo[0] != last_lo || hi[0] != last_hi)
            sum = (float)rgq_kernel_image_sum(o->kernel_n, o->table, lo, hi);
        last_lo = lo[0];
        last_hi = hi[0];
        out[x - at[0]] = sum;
    }
}

static void fill_from_profiles(const rgq_ones *o, float *out, const int at[3], int end)
{
    const float plane = o->profile[1][at[1]] * o->profile[2][at[2]];

    for (int x = at[0]; x < end; x++)
        out[x - at[0]] = o->profile[0][x] * plane;
}

void rgq_ones_fill(const rgq_ones *ones, bool turned, float *out, size_t at, size_t count)
{
    const size_t n0 = (size_t)ones->n[0];
    const size_t n1 = (size_t)ones->n[1];

    if (ones->profile[0] == NULL && ones->table == NULL) {
        for (size_t i = 0; i < count; i++)
            out[i] = ones->sum;
        return;
    }
    while (count > 0) {
        const size_t row = at / n0;
        const int from[3] = {(int)(at % n0), (int)(row % n1), (int)(row / n1)};
        const size_t left = n0 - at % n0;
        const size_t now = left < count ? left : count;
        if (ones->table != NULL)
            fill_from_table(ones, turned, out, from, from[0] + (int)now);
        else
            fill_from_profiles(ones, out, from, from[0] + (int)now);
        out += now;
        at += now;
        count -= now;
    }
}
