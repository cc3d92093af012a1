/* Slides and masks: any bytes are read or refused, never worse. Files that OpenSlide would take
 * are left to OpenSlide. */
#include <math.h>
#include <string.h>

#include "fuzz_file.h"
#include "rgdquant/slide_file.h"

enum { SIDE = 64 };

static void read_some(const rgq_slide *slide)
{
    static uint8_t rgb[3 * SIDE * SIDE];
    const rgq_ihc_source *s = rgq_slide_source(slide);
    rgq_error err = RGQ_ERROR_INIT;

    if (s->width < 1 || s->height < 1 || s->tile_width < 1 || s->tile_height < 1 ||
        s->mpp_um <= 0.0)
        abort();
    for (int i = 0; i < 4; i++) { /* the corners */
        const int w = s->width < SIDE ? (int)s->width : SIDE;
        const int h = s->height < SIDE ? (int)s->height : SIDE;
        (void)s->read(s->user, i % 2 == 0 ? 0 : s->width - w, i < 2 ? 0 : s->height - h, w, h,
                      rgb, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rgq_slide_opts as_is = RGQ_SLIDE_OPTS_INIT;
    char path[96];
    rgq_slide *slide = NULL;
    rgq_slide_regions *regions = NULL;
    rgq_error err = RGQ_ERROR_INIT;

    if (size > 65536)
        return 0;
    fuzz_save(path, "a.tif", data, size);
    if ((rgq_slide_open(&slide, path, &as_is, NULL, &err) == RGQ_OK) != (slide != NULL))
        abort();
    if (slide != NULL) {
        read_some(slide);
        err = (rgq_error)RGQ_ERROR_INIT;
        if ((rgq_slide_regions_read(&regions, path, slide, NULL, &err) == RGQ_OK) !=
            (regions != NULL))
            abort();
    }
    rgq_slide_regions_free(regions);
    rgq_slide_close(slide);
    return 0;
}
