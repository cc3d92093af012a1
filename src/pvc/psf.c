#include "pvc/psf.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */
static const char axis_name[3] = {'x', 'y', 'z'};

void rgq_pvc_sigma(double sigma[3], const rgq_grid *grid, const rgq_psf *psf)
{
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int i = 0; i < 3; i++)
        sigma[i] = psf->fwhm_mm[i] / fwhm_per_sigma / spacing_mm[i];
}

static rgq_status check_width(const rgq_grid *grid, const double fwhm_mm[3], rgq_error *err)
{
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int i = 0; i < 3; i++) {
        const double side_mm = spacing_mm[i] * (double)grid->n[i];
        if (fwhm_mm[i] > side_mm)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a PSF of %g mm FWHM along %c is wider than the image, which has "
                             "%d voxels of %g mm there; give its width in mm, 0 along an axis "
                             "that is not blurred",
                             fwhm_mm[i], axis_name[i], grid->n[i], spacing_mm[i]);
    }
    return RGQ_OK;
}

static rgq_status check_kernel_grid(const rgq_grid *kernel, const rgq_grid *grid,
                                    rgq_error *err)
{
    double ours_mm[3];
    double its_mm[3];

    rgq_grid_spacing_mm(grid, ours_mm);
    rgq_grid_spacing_mm(kernel, its_mm);
    for (int i = 0; i < 3; i++) {
        if (kernel->n[i] % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the PSF image has %d voxels along %c; an odd number was needed, "
                             "its centre in the middle one",
                             kernel->n[i], axis_name[i]);
        if (kernel->n[i] > grid->n[i])
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the PSF image has %d voxels along %c, more than the %d of the "
                             "scan; cut off what is about zero",
                             kernel->n[i], axis_name[i], grid->n[i]);
        if (kernel->n[i] > 1 && !(fabs(its_mm[i] - ours_mm[i]) <= 0.01 * ours_mm[i]))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "the PSF image has voxels of %g mm along %c, the scan of %g mm; "
                             "resample the PSF to the scan's",
                             its_mm[i], axis_name[i], ours_mm[i]);
    }
    return RGQ_OK;
}

static rgq_status normalise(float **weight, const rgq_volume *image, rgq_error *err)
{
    const size_t count = rgq_volume_count(image);
    const float *from = rgq_volume_cdata(image, 0);
    double sum = 0.0;

    RGQ_PASS(err, rgq_volume_check_finite(image, "in the PSF image", err));
    for (size_t i = 0; i < count; i++)
        sum += (double)from[i];
    if (!(sum > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the weights of the PSF image add up to %g; more than 0 was needed",
                         sum);
    RGQ_PASS(err, rgq_alloc(weight, count, sizeof **weight, err));
    for (size_t i = 0; i < count; i++)
        (*weight)[i] = (float)((double)from[i] / sum);
    return RGQ_OK;
}

rgq_status rgq_pvc_blur_create(rgq_blur **out, rgq_pvc_kernel *kernel, const rgq_grid *grid,
                               const rgq_pvc_opts *opts, rgq_error *err)
{
    rgq_blur_spec spec = {.kernel = opts->kernel, .border = opts->border, .path = opts->path};

    *out = NULL;
    if (!rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the voxel grid are not perpendicular; partial-volume "
                         "correction needs a grid that is: resample the scan first");
    for (int i = 0; i < 3; i++)
        spec.n[i] = grid->n[i];
    if (opts->psf.image == NULL) {
        RGQ_PASS(err, check_width(grid, opts->psf.fwhm_mm, err));
        rgq_pvc_sigma(spec.sigma, grid, &opts->psf);
    } else {
        const rgq_grid *its = rgq_volume_grid(opts->psf.image);
        RGQ_PASS(err, check_kernel_grid(its, grid, err));
        RGQ_PASS(err, normalise(&kernel->weight, opts->psf.image, err));
        for (int i = 0; i < 3; i++)
            kernel->image.n[i] = its->n[i];
        kernel->image.weight = kernel->weight;
        spec.image = &kernel->image;
    }
    RGQ_PASS(err, rgq_blur_create(out, &spec, err));
    return RGQ_OK;
}
