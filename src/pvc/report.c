#include "pvc/report.h"

#include <limits.h>
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

void rgq_pvc_report_release(rgq_pvc_report *report)
{
    rgq_free(report->name);
    rgq_free(report->label);
    rgq_free(report->volume_ml);
    rgq_free(report->value);
    rgq_free(report->step);
    *report = (rgq_pvc_report){0};
}

static rgq_status describe_parts(rgq_pvc_report *r, const rgq_parts *parts,
                                 const rgq_grid *grid, rgq_error *err)
{
    const size_t n = (size_t)rgq_parts_count(parts);
    const size_t n_values = n * (size_t)r->n_frames;

    r->n_regions = (int)n;
    RGQ_PASS(err, rgq_alloc(&r->name, n, sizeof *r->name, err));
    RGQ_PASS(err, rgq_alloc(&r->label, n, sizeof *r->label, err));
    RGQ_PASS(err, rgq_alloc(&r->volume_ml, n, sizeof *r->volume_ml, err));
    RGQ_PASS(err, rgq_alloc(&r->value, n_values, sizeof *r->value, err));
    for (int i = 0; i < r->n_regions; i++) {
        rgq_text_copy(r->name[i], sizeof r->name[i], rgq_parts_name(parts, i));
        r->label[i] = rgq_parts_label(parts, i);
        r->volume_ml[i] = rgq_parts_weight(parts, i) * rgq_grid_voxel_ml(grid);
    }
    for (size_t i = 0; i < n_values; i++)
        r->value[i] = (rgq_pvc_value){(double)NAN, (double)NAN, (double)NAN};
    return RGQ_OK;
}

rgq_status rgq_pvc_report_init(rgq_pvc_report *report, const rgq_parts *parts,
                               const rgq_blur *blur, const rgq_grid *grid, int n_frames,
                               rgq_error *err)
{
    const rgq_conv_report *conv = rgq_blur_report(blur);
    double spacing_mm[3];

    *report = (rgq_pvc_report){0};
    report->n_frames = n_frames;
    report->condition = (double)NAN;
    report->path = conv->path;
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int i = 0; i < 3; i++) {
        report->radius[i] = conv->radius[i];
        report->effective_fwhm_mm[i] = fwhm_per_sigma * conv->sigma[i] * spacing_mm[i];
    }
    if (parts != NULL)
        RGQ_PASS(err, describe_parts(report, parts, grid, err));
    return RGQ_OK;
}

rgq_status rgq_pvc_report_add(rgq_pvc_report *report, const rgq_pvc_step *step, rgq_error *err)
{
    const size_t n = (size_t)report->n_steps;

    /* capacity is the next power of two, so that it need not be kept */
    if ((n & (n - 1)) == 0)
        RGQ_PASS(err,
                 rgq_realloc(&report->step, n == 0 ? 1 : 2 * n, sizeof *report->step, err));
    report->step[report->n_steps++] = *step;
    return RGQ_OK;
}

void rgq_pvc_count_add(int *count, double voxels)
{
    const double sum = (double)*count + voxels;

    *count = sum < (double)INT_MAX ? (int)sum : INT_MAX;
}
