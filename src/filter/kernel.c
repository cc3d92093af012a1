/* Convolution with the weights of a file. */
#include <math.h>

#include "core/banned.h"
#include "filter/work.h"

static rgq_status check_kernel(const rgq_filter_work *work, rgq_error *err)
{
    const rgq_volume *kernel = work->opts->kernel;

    if (kernel == NULL)
        return RGQ_RAISE(err, RGQ_E_MISSING, "kernel:FILE needs the weights of the file");
    const rgq_grid *grid = rgq_volume_grid(kernel);
    double spacing_mm[3];
    rgq_grid_spacing_mm(grid, spacing_mm);
    if (rgq_volume_n_frames(kernel) != 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the kernel has %d frames; one was needed",
                         rgq_volume_n_frames(kernel));
    for (int i = 0; i < 3; i++) {
        if (grid->n[i] % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "the kernel has %d x %d x %d voxels; odd numbers were needed, the "
                             "middle voxel is its centre",
                             grid->n[0], grid->n[1], grid->n[2]);
        if (!(fabs(spacing_mm[i] / work->spacing_mm[i] - 1.0) <= 0.01))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "the kernel has voxels of %g x %g x %g mm, the scan of %g x %g x "
                             "%g mm: resample the kernel first",
                             spacing_mm[0], spacing_mm[1], spacing_mm[2], work->spacing_mm[0],
                             work->spacing_mm[1], work->spacing_mm[2]);
    }
    return rgq_volume_check_finite(kernel, "in the kernel", err);
}

/* 2.3548 * root of the second moment about the centre of gravity, if the weights have one. */
static void measure_widths(rgq_filter_work *work, const rgq_kernel_image *image)
{
    double sum = 0.0;
    double first[3] = {0.0, 0.0, 0.0};
    double second[3] = {0.0, 0.0, 0.0};
    size_t at = 0;

    for (int z = 0; z < image->n[2]; z++)
        for (int y = 0; y < image->n[1]; y++)
            for (int x = 0; x < image->n[0]; x++, at++) {
                const double w = (double)image->weight[at];
                const double place[3] = {x, y, z};
                sum += w;
                for (int i = 0; i < 3; i++) {
                    first[i] += w * place[i];
                    second[i] += w * place[i] * place[i];
                }
            }
    for (int i = 0; i < 3 && sum > 0.0; i++) {
        const double mean = first[i] / sum;
        const double square = second[i] / sum - mean * mean;
        if (square >= 0.0)
            work->report.effective_fwhm_mm[i] =
                RGQ_FWHM_PER_SIGMA * sqrt(square) * work->spacing_mm[i];
    }
}

static rgq_status run_blur(rgq_filter_work *work, float *frame, rgq_error *err)
{
    return rgq_blur_run(work->blur, frame, frame, NULL, err);
}

rgq_status rgq_filter_prepare_kernel(rgq_filter_work *work, rgq_error *err)
{
    RGQ_PASS(err, check_kernel(work, err));
    const rgq_volume *kernel = work->opts->kernel;
    rgq_kernel_image image = {.weight = rgq_volume_cdata(kernel, 0)};
    rgq_blur_spec spec = {
        .image = &image, .border = work->opts->border, .path = work->opts->path};
    for (int i = 0; i < 3; i++) {
        spec.n[i] = work->grid->n[i];
        image.n[i] = rgq_volume_grid(kernel)->n[i];
        work->report.radius[i] = image.n[i] / 2;
    }
    measure_widths(work, &image);
    work->run = run_blur;
    RGQ_PASS(err, rgq_blur_create(&work->blur, &spec, err));
    rgq_filter_note_conv(work, rgq_blur_report(work->blur));
    return RGQ_OK;
}
