/* Local and global intensity peak: the mean over the voxels whose centres lie within a sphere
 * of 1 mL. (The peaks of the plain table take exact parts of voxels: peak.c.) */
#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi.h"
#include "measure/peak.h"

/* Rows of the sphere: at (dy, dz) it reaches `half` voxels to either side. */
typedef struct sphere_row {
    int dy, dz, half;
} sphere_row;

typedef struct sphere {
    sphere_row *row;
    size_t n_rows;
} sphere;

static rgq_status sphere_init(sphere *out, const ibsi_roi *roi, rgq_error *err)
{
    /* a centre on the surface is inside, whatever the last bit says */
    const double r2 = rgq_peak_radius_mm() * rgq_peak_radius_mm() * (1.0 + 1e-12);
    int reach[3];
    size_t n_rows = 0;

    *out = (sphere){.row = NULL};
    for (int a = 0; a < 3; a++) {
        const double whole = floor(sqrt(r2) / roi->spacing_mm[a]);
        reach[a] = whole < roi->image.n[a] ? (int)whole : roi->image.n[a];
    }
    RGQ_PASS(err, rgq_alloc(&out->row, (size_t)(2 * reach[1] + 1) * (size_t)(2 * reach[2] + 1),
                            sizeof *out->row, err));
    for (int dz = -reach[2]; dz <= reach[2]; dz++)
        for (int dy = -reach[1]; dy <= reach[1]; dy++) {
            const double y_mm = dy * roi->spacing_mm[1];
            const double z_mm = dz * roi->spacing_mm[2];
            const double left = r2 - y_mm * y_mm - z_mm * z_mm;
            if (left < 0.0)
                continue;
            const double half = floor(sqrt(left) / roi->spacing_mm[0]);
            out->row[n_rows++] = (sphere_row){dy, dz, half < reach[0] ? (int)half : reach[0]};
        }
    out->n_rows = n_rows;
    return RGQ_OK;
}

/* sums[k] of each row: its first k values. */
static void add_up(double *sums, const ibsi_image *image)
{
    const size_t n = (size_t)image->n[0];
    const size_t n_rows = (size_t)image->n[1] * (size_t)image->n[2];

    for (size_t row = 0; row < n_rows; row++) {
        double *s = sums + row * (n + 1);
        s[0] = 0.0;
        for (size_t k = 0; k < n; k++)
            s[k + 1] = s[k] + (double)image->value[row * n + k];
    }
}

/* What lies outside the image does not count. */
static double peak_at(const sphere *ball, const double *sums, const ibsi_image *image,
                      const int at[3])
{
    const size_t length = (size_t)image->n[0] + 1;
    double sum = 0.0;
    double n = 0.0;

    for (size_t k = 0; k < ball->n_rows; k++) {
        const sphere_row *r = &ball->row[k];
        const int y = at[1] + r->dy;
        const int z = at[2] + r->dz;
        if (y < 0 || z < 0 || y >= image->n[1] || z >= image->n[2])
            continue;
        const int from = at[0] - r->half < 0 ? 0 : at[0] - r->half;
        const int to = at[0] + r->half + 1 > image->n[0] ? image->n[0] : at[0] + r->half + 1;
        const double *s = sums + ((size_t)z * (size_t)image->n[1] + (size_t)y) * length;
        sum += s[to] - s[from];
        n += to - from;
    }
    return sum / n;
}

rgq_status ibsi_local(double out[IBSI_LOCAL], const ibsi_roi *roi, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    sphere ball = {.row = NULL};
    double *sums = NULL;
    const float top = roi->sorted[roi->count - 1];
    const size_t n_yz = (size_t)roi->image.n[1] * (size_t)roi->image.n[2];

    RGQ_TRY(err, sphere_init(&ball, roi, err));
    RGQ_TRY(err, rgq_alloc(&sums, ((size_t)roi->image.n[0] + 1) * n_yz, sizeof *sums, err));
    add_up(sums, &roi->image);
    for (size_t i = 0; i < roi->count; i++) {
        const size_t v = roi->voxel[i];
        const size_t n_x = (size_t)roi->n[0];
        const int at[3] = {roi->at_image[0] + (int)(v % n_x),
                           roi->at_image[1] + (int)(v / n_x % (size_t)roi->n[1]),
                           roi->at_image[2] + (int)(v / n_x / (size_t)roi->n[1])};
        const double peak = peak_at(&ball, sums, &roi->image, at);
        out[1] = fmax(out[1], peak); /* fmax passes over a NaN */
        if (roi->value[i] == top)
            out[0] = fmax(out[0], peak);
    }
out:
    rgq_free(sums);
    rgq_free(ball.row);
    return st;
}
