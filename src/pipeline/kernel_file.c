#include "pipeline/kernel_file.h"

#include "core/banned.h"
#include "rgdquant/scan_file.h"

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
