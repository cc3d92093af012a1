/* gradient: watershed of the gradient's magnitude between a marker inside and one outside. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/conv.h"
#include "roi/segment_method.h"
#include "roi/watershed.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */
static const double smooth_fraction = 0.5; /* of the scan's FWHM: it widens it by 12 % */

/* Central differences, one-sided at the faces of the box; [unit/mm]. */
static void find_magnitude(float *out, const float *in, const int n[3],
                           const double spacing_mm[3])
{
    const size_t stride[3] = {1, (size_t)n[0], (size_t)n[0] * (size_t)n[1]};

#pragma omp parallel for schedule(static)
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const int at[3] = {x, y, z};
                const size_t i = (size_t)x + (size_t)y * stride[1] + (size_t)z * stride[2];
                double sum = 0.0;
                for (int a = 0; a < 3; a++) {
                    const size_t lo = at[a] > 0 ? i - stride[a] : i;
                    const size_t hi = at[a] < n[a] - 1 ? i + stride[a] : i;
                    const size_t steps = (hi - lo) / stride[a];
                    const double mm = (double)steps * spacing_mm[a];
                    if (hi == lo)
                        continue;
                    const double d = ((double)in[hi] - (double)in[lo]) / mm;
                    sum += d * d;
                }
                out[i] = (float)sqrt(sum);
            }
}

rgq_status rgq_segment_gradient(rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_markers m = {.label = NULL};
    rgq_lesion lesion;
    float *values = NULL;
    float *slope = NULL;
    double spacing_mm[3];
    double sigma[3];

    RGQ_TRY(err, rgq_lesion_survey(&lesion, job, err));
    RGQ_TRY(err, rgq_markers_make(&m, &lesion, job, err));
    const size_t count = rgq_box_count(&m.box);
    rgq_grid_spacing_mm(job->grid, spacing_mm);
    for (int a = 0; a < 3; a++)
        sigma[a] = smooth_fraction * job->opts->psf_mm / fwhm_per_sigma / spacing_mm[a];
    RGQ_TRY(err, rgq_alloc(&values, count, sizeof *values, err));
    RGQ_TRY(err, rgq_alloc(&slope, count, sizeof *slope, err));
    rgq_box_values(values, &m.box, job);
    RGQ_TRY(err, rgq_conv_gaussian(values, m.box.n, sigma, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR,
                                   NULL, err));
    find_magnitude(slope, values, m.box.n, spacing_mm);
    RGQ_TRY(err, rgq_watershed(m.label, slope, m.box.n, err));
    RGQ_TRY(err, rgq_segment_take_box(job, &lesion, &m.box, m.label, err));
    RGQ_TRY(err, rgq_lesion_check_seed(&lesion, job, err));
out:
    rgq_free(slope);
    rgq_free(values);
    rgq_free(m.label);
    return st;
}
