/* Regions in GeoJSON on a small slide: what is accepted keeps to the header. */
#include <math.h>

#include "fuzz_file.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/slide_file.h"

static void check(const rgq_ihc_region *r)
{
    const double *xy = r->xy;

    if (r->name[0] == '\0' || r->n_rings < 1 || r->mask != NULL)
        abort();
    for (int k = 0; k < r->n_rings; k++) {
        if (r->ring_length[k] < 3)
            abort();
        for (int i = 0; i < 2 * r->ring_length[k]; i++)
            if (!(fabs(xy[i]) <= 1e8))
                abort();
        xy += 2 * r->ring_length[k];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char rgb[3 * 20 * 10];
    const rgq_slide_opts opts = {.mpp_um = 2.0, .pixel_um = 1.0};
    static rgq_slide *slide; /* as long as the process */
    char path[96];
    rgq_slide_regions *regions = NULL;
    rgq_error err = RGQ_ERROR_INIT;
    int count = 0;

    if (size > 65536)
        return 0;
    if (slide == NULL) {
        fuzz_save(path, "slide.png", "", 0);
        if (rgq_png_write(path, rgb, 20, 10, true, &err) != RGQ_OK ||
            rgq_slide_open(&slide, path, &opts, NULL, &err) != RGQ_OK)
            abort();
    }
    fuzz_save(path, "a.geojson", data, size);
    if (rgq_slide_regions_read(&regions, path, slide, NULL, &err) != RGQ_OK) {
        if (regions != NULL)
            abort();
        return 0;
    }
    const rgq_ihc_region *r = rgq_slide_regions_get(regions, &count);
    if (count < 1)
        abort();
    for (int i = 0; i < count; i++)
        if (r[i].mask == NULL)
            check(&r[i]);
    rgq_slide_regions_free(regions);
    return 0;
}
