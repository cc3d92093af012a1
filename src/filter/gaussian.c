#include <math.h>

#include "core/banned.h"
#include "core/text.h"
#include "num/conv.h"
#include "num/kernel.h"
#include "rgdquant/filter.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

/* Standard deviations in voxels, or why there are none. */
static rgq_status widths(double sigma[3], const rgq_grid *grid, const double fwhm_mm[3],
                         rgq_error *err)
{
    static const char axis_name[3] = {'x', 'y', 'z'};
    double spacing_mm[3];

    if (!rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the voxel grid are not perpendicular; a Gaussian filter "
                         "needs a grid that is: resample the scan first");
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int i = 0; i < 3; i++) {
        const double widest_mm = (double)RGQ_RADIUS_MAX / 4.0 * fwhm_per_sigma * spacing_mm[i];
        if (!(fwhm_mm[i] >= 0.0 && fwhm_mm[i] <= widest_mm))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a FWHM of %g mm along %c; 0 to %g mm were needed on voxels of "
                             "%g mm",
                             fwhm_mm[i], axis_name[i], widest_mm, spacing_mm[i]);
        sigma[i] = fwhm_mm[i] / fwhm_per_sigma / spacing_mm[i];
    }
    return RGQ_OK;
}

static void make_report(rgq_filter_report *report, const rgq_grid *grid,
                        const double fwhm_mm[3], rgq_border border, const rgq_conv_report *conv)
{
    double spacing_mm[3];

    *report = (rgq_filter_report){.path = conv->path, .border = border};
    rgq_text_copy(report->name, sizeof report->name, "gaussian");
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int i = 0; i < 3; i++) {
        report->radius[i] = conv->radius[i];
        report->fwhm_mm[i] = fwhm_mm[i];
        report->effective_fwhm_mm[i] = fwhm_per_sigma * conv->sigma[i] * spacing_mm[i];
    }
}

static void tell(const rgq_log *log, const rgq_filter_report *r, int n_frames)
{
    RGQ_INFO(log,
             "gaussian filter: FWHM %.6g x %.6g x %.6g mm (kernels %.6f x %.6f x %.6f mm, "
             "radius %d, %d, %d voxels), border %s, path %s, %d frame%s",
             r->fwhm_mm[0], r->fwhm_mm[1], r->fwhm_mm[2], r->effective_fwhm_mm[0],
             r->effective_fwhm_mm[1], r->effective_fwhm_mm[2], r->radius[0], r->radius[1],
             r->radius[2], rgq_border_name(r->border), rgq_conv_path_name(r->path), n_frames,
             n_frames == 1 ? "" : "s");
}

rgq_status rgq_filter_gaussian(rgq_volume *volume, const double fwhm_mm[3],
                               const rgq_filter_opts *opts, rgq_filter_report *report,
                               const rgq_log *log, rgq_error *err)
{
    const rgq_filter_opts o = opts != NULL ? *opts : (rgq_filter_opts)RGQ_FILTER_OPTS_INIT;
    const rgq_grid *grid = rgq_volume_grid(volume);
    const int n_frames = rgq_volume_n_frames(volume);
    rgq_conv_report conv = {0};
    rgq_filter_report done;
    double sigma[3];

    RGQ_PASS(err, widths(sigma, grid, fwhm_mm, err));
    RGQ_PASS(err, rgq_volume_check_finite(volume, "before the Gaussian filter", err));
    for (int f = 0; f < n_frames; f++) {
        rgq_log_progress(log, "gaussian filter", (double)f / (double)n_frames);
        RGQ_PASS(err, rgq_conv_gaussian(rgq_volume_data(volume, f), grid->n, sigma, o.border,
                                        o.path, &conv, err));
    }
    rgq_log_progress(log, "gaussian filter", 1.0);
    RGQ_PASS(err, rgq_volume_check_finite(volume, "after the Gaussian filter", err));
    make_report(&done, grid, fwhm_mm, o.border, &conv);
    tell(log, &done, n_frames);
    if (report != NULL)
        *report = done;
    return RGQ_OK;
}
