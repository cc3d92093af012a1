#include "num/conv.h"

#include "core/banned.h"
#include "num/blur.h"

rgq_status rgq_conv_gaussian(float *data, const int n[3], const double sigma[3],
                             rgq_border border, rgq_conv_path path, rgq_conv_report *report,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_blur *blur = NULL;
    const rgq_blur_spec spec = {.n = {n[0], n[1], n[2]},
                                .sigma = {sigma[0], sigma[1], sigma[2]},
                                .kernel = RGQ_KERNEL_EXACT,
                                .border = border,
                                .path = path};

    RGQ_TRY(err, rgq_blur_create(&blur, &spec, err));
    RGQ_TRY(err, rgq_blur_run(blur, data, data, NULL, err));
    if (report != NULL)
        *report = *rgq_blur_report(blur);
out:
    rgq_blur_free(blur);
    return st;
}
