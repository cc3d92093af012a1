#include "pipeline/kernel_file.h"

#include <math.h>

#include "core/banned.h"

static const double fwhm_per_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

rgq_status rgq_kernel_file_read(rgq_volume **out, const rgq_filter_spec *spec, rgq_error *err)
{
    rgq_scan scan = {0};

    *out = NULL;
    if (spec->kind != RGQ_FILTER_KERNEL)
        return RGQ_OK;
    const rgq_status st = rgq_scan_read(&scan, spec->kernel_path, NULL, NULL, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "the kernel of the filter: ");
        rgq_error_push(err, __func__, __LINE__);
        return st;
    }
    *out = scan.volume;
    scan.volume = NULL;
    rgq_scan_release(&scan);
    return RGQ_OK;
}

rgq_status rgq_psf_file_widths(double fwhm_mm[3], const rgq_psf_file *psf, rgq_error *err)
{
    double sum = 0.0;
    double first[3] = {0.0, 0.0, 0.0};
    double second[3] = {0.0, 0.0, 0.0};
    double spacing_mm[3];

    for (int i = 0; i < 3; i++)
        fwhm_mm[i] = psf->psf.fwhm_mm[i];
    if (psf->image == NULL)
        return RGQ_OK;
    const int *n = rgq_volume_grid(psf->image)->n;
    const float *weight = rgq_volume_cdata(psf->image, 0);
    rgq_grid_spacing_mm(rgq_volume_grid(psf->image), spacing_mm);
    for (size_t at = 0; at < rgq_volume_count(psf->image); at++) {
        const size_t row = at / (size_t)n[0];
        const double place[3] = {(double)(at % (size_t)n[0]), (double)(row % (size_t)n[1]),
                                 (double)(row / (size_t)n[1])};
        sum += (double)weight[at];
        for (int i = 0; i < 3; i++) {
            first[i] += (double)weight[at] * place[i];
            second[i] += (double)weight[at] * place[i] * place[i];
        }
    }
    for (int i = 0; i < 3; i++) {
        const double square = second[i] / sum - first[i] / sum * (first[i] / sum);
        if (!(square >= 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the kernel of --psf-file has no width along axis %d: its weights "
                             "have a variance of %g; give --psf-mm",
                             i, square);
        fwhm_mm[i] = fwhm_per_sigma * sqrt(square) * spacing_mm[i];
    }
    return RGQ_OK;
}
