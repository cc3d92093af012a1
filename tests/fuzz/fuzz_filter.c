/* Words of filters: what is taken must run on a small volume and leave finite numbers. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "rgdquant/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *text)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){5, 4, 3}, (const double[3]){2, 2.5, 4},
                                        (const double[3]){0, 0, 0});
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
    rgq_volume *volume = NULL;

    if (rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, NULL) != RGQ_OK)
        return;
    for (size_t i = 0; i < rgq_volume_count(volume); i++)
        rgq_volume_data(volume, 0)[i] = (float)(i % 7);
    for (int i = 0; i < 3; i++)
        opts.psf_fwhm_mm[i] = 3.0;
    if (rgq_filter_apply(volume, text, &opts, NULL, NULL, NULL) == RGQ_OK)
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            if (!isfinite(rgq_volume_cdata(volume, 0)[i]))
                __builtin_trap();
    rgq_volume_free(volume);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[96];
    rgq_filter_spec spec;

    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (rgq_filter_parse(&spec, text, NULL) == RGQ_OK)
        run(text);
    return 0;
}
