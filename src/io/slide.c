#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/input.h"
#include "io/png_rows.h"
#include "io/slide_inside.h"
#include "io/tiff.h"

struct rgq_slide {
    rgq_slide_base base;
    rgq_ihc_source source;
    rgq_slide_info info;
};

void rgq_slide_base_close(rgq_slide_base *base)
{
    if (base->source.close != NULL)
        base->source.close(base->source.user);
    base->source = (rgq_ihc_source){.width = 0};
}

/* ---- PNG ---- */

rgq_status rgq_slide_png_open(rgq_slide_base *out, const char *path, const rgq_slide_ask *ask,
                              const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_png *png = NULL;
    rgq_png_info info;

    RGQ_TRY(err, rgq_png_open(&png, &info, path, ask->mask, err));
    if (info.grey && !ask->mask) {
        st = RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                       "a grey picture; a stain needs red, green and blue");
        goto out;
    }
    if (ask->page > 0) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "--page %d: a PNG has picture 0 alone", ask->page);
        goto out;
    }
    out->full_width = info.width;
    out->full_height = info.height;
    out->um[0] = info.pixel_um[0];
    out->um[1] = info.pixel_um[1];
    out->um_origin = "pHYs";
    out->downsample = 1.0;
    out->n_pages = 1;
    (void)snprintf(out->format, sizeof out->format, "PNG");
    RGQ_TRY(err,
            rgq_spool_rows(&out->source, info.width, info.height, rgq_png_row, png, log, err));
out:
    rgq_png_close(png);
    return st;
}

/* ---- size of a pixel ---- */

/* As the user says, else as the file says, if that can be true. */
static void take_um(rgq_slide_info *info, const rgq_slide_base *base, double pixel_um,
                    const rgq_log *log)
{
    const double um = sqrt(base->um[0] * base->um[1]);

    info->full_um = pixel_um;
    rgq_text_copy(info->um_origin, sizeof info->um_origin,
                  isnan(pixel_um) ? "not stated" : "--pixel-um");
    if (!isnan(pixel_um) || isnan(um))
        return;
    if (!(um >= 0.05 && um <= 20.0)) {
        RGQ_WARN(log,
                 "a pixel of %.4g um (%s) is not that of a microscope, 0.05 to 20 um: it is "
                 "taken as not stated; --pixel-um states it",
                 um, base->um_origin);
        return;
    }
    if (fabs(base->um[0] / base->um[1] - 1.0) > 0.01)
        RGQ_WARN(log, "pixels are %.4g x %.4g um (%s); squares of the same area are taken",
                 base->um[0], base->um[1], base->um_origin);
    info->full_um = um;
    rgq_text_copy(info->um_origin, sizeof info->um_origin, base->um_origin);
}

/* Pixels of full size a pixel of the result; 1 where nothing else is asked for. */
static rgq_status find_ratio(double *ratio, const rgq_slide_opts *opts, double full_um,
                             rgq_error *err)
{
    *ratio = 1.0;
    if (isnan(opts->mpp_um))
        return RGQ_OK;
    if (isnan(full_um))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "--mpp %g needs the size of a pixel, which the file does not say; "
                         "state it with --pixel-um",
                         opts->mpp_um);
    *ratio = opts->mpp_um / full_um;
    if (*ratio < 0.999)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--mpp %g is finer than the file, whose pixels are %.4g um; give %.4g "
                         "or more",
                         opts->mpp_um, full_um, full_um);
    if (*ratio < 1.001)
        *ratio = 1.0;
    return RGQ_OK;
}

/* Put the path in front, where the text does not begin with it. */
static void name_file(rgq_error *err, const char *path)
{
    if (err != NULL && strncmp(err->message, path, strlen(path)) != 0)
        rgq_error_prefix(err, "%s: ", path);
}

/* ---- opening ---- */

/* Takes the vendor over, also on failure. */
static rgq_status open_level(rgq_slide *s, rgq_slide_vendor *vendor, const rgq_slide_opts *opts,
                             const rgq_log *log, double *ratio, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    if (opts->page > 0) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "--page %d: a slide of this kind has picture 0 alone", opts->page);
        goto out;
    }
    take_um(&s->info, &s->base, opts->pixel_um, log);
    RGQ_TRY(err, find_ratio(ratio, opts, s->info.full_um, err));
    RGQ_TRY(err, rgq_slide_vendor_level(&s->base, vendor, *ratio, err));
    vendor = NULL;
out:
    rgq_slide_vendor_close(vendor);
    return st;
}

static rgq_status open_plain(rgq_slide *s, const char *path, const rgq_slide_opts *opts,
                             const rgq_log *log, double *ratio, rgq_error *err)
{
    const rgq_slide_ask ask = {.page = opts->page};
    unsigned char bytes[16];
    size_t length = 0;

    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    if (rgq_tiff_is(bytes, length))
        RGQ_PASS(err, rgq_slide_tiff_open(&s->base, path, &ask, log, err));
    else if (rgq_png_is(bytes, length))
        RGQ_PASS(err, rgq_slide_png_open(&s->base, path, &ask, log, err));
    else
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "no slide: TIFF, PNG or a whole-slide image that OpenSlide knows "
                         "(SVS, NDPI, MRXS, SCN, BIF) was needed");
    take_um(&s->info, &s->base, opts->pixel_um, log);
    return find_ratio(ratio, opts, s->info.full_um, err);
}

static rgq_status open_slide(rgq_slide *s, const char *path, const rgq_slide_opts *opts,
                             const rgq_log *log, rgq_error *err)
{
    rgq_slide_vendor *vendor = NULL;
    double ratio = 1.0;

    RGQ_PASS(err, rgq_slide_vendor_open(&vendor, &s->base, path, !isnan(opts->mpp_um), err));
    if (vendor != NULL)
        RGQ_PASS(err, open_level(s, vendor, opts, log, &ratio, err));
    else
        RGQ_PASS(err, open_plain(s, path, opts, log, &ratio, err));
    if (s->base.n_pages > 1)
        RGQ_WARN(log, "the file has %d pictures; picture %d is taken (--page N)",
                 s->base.n_pages, opts->page);
    const double rest = ratio / s->base.downsample;
    if (rest > 1.001) {
        RGQ_PASS(err, rgq_scale_source(&s->source, &s->base.source, rest, err));
    } else {
        ratio = s->base.downsample;
        s->source = s->base.source;
        s->base.source = (rgq_ihc_source){.width = 0};
    }
    s->source.mpp_um = s->info.full_um * ratio;
    rgq_text_copy(s->info.format, sizeof s->info.format, s->base.format);
    s->info.full_width = s->base.full_width;
    s->info.full_height = s->base.full_height;
    s->info.full_per_pixel = ratio;
    s->info.level_downsample = s->base.downsample;
    s->info.n_pages = s->base.n_pages;
    return RGQ_OK;
}

rgq_status rgq_slide_open(rgq_slide **out, const char *path, const rgq_slide_opts *opts,
                          const rgq_log *log, rgq_error *err)
{
    rgq_slide *s = NULL;

    *out = NULL;
    if ((!isnan(opts->mpp_um) && !(opts->mpp_um > 0.0)) ||
        (!isnan(opts->pixel_um) && !(opts->pixel_um > 0.0)) || opts->page < 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "pixels of %g um, wanted %g um, page %d: sizes above 0 and a page "
                         "from 0 were needed",
                         opts->pixel_um, opts->mpp_um, opts->page);
    RGQ_PASS(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->base.um[0] = s->base.um[1] = (double)NAN;
    const rgq_status st = open_slide(s, path, opts, log, err);
    if (st != RGQ_OK) {
        name_file(err, path);
        rgq_slide_close(s);
        return st;
    }
    *out = s;
    return RGQ_OK;
}

void rgq_slide_close(rgq_slide *slide)
{
    if (slide == NULL)
        return;
    rgq_slide_base_close(&slide->base);
    if (slide->source.close != NULL)
        slide->source.close(slide->source.user);
    rgq_free(slide);
}

const rgq_ihc_source *rgq_slide_source(const rgq_slide *slide)
{
    return &slide->source;
}

rgq_slide_info rgq_slide_get_info(const rgq_slide *slide)
{
    return slide->info;
}

/* ---- regions ---- */

/* JSON begins with a bracket, after blanks and a mark of byte order. */
static bool is_json(const unsigned char *bytes, size_t length)
{
    size_t i = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < length &&
           (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\n' || bytes[i] == '\r'))
        i++;
    return i < length && (bytes[i] == '{' || bytes[i] == '[');
}

static rgq_status read_regions(rgq_slide_regions *r, const char *path, const rgq_slide *slide,
                               const rgq_log *log, rgq_error *err)
{
    unsigned char bytes[64];
    size_t length = 0;

    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    if (is_json(bytes, length))
        return rgq_geojson_regions(r, path, &slide->info, log, err);
    return rgq_mask_regions(r, path, &slide->info, log, err);
}

rgq_status rgq_slide_regions_read(rgq_slide_regions **out, const char *path,
                                  const rgq_slide *slide, const rgq_log *log, rgq_error *err)
{
    rgq_slide_regions *r = NULL;

    *out = NULL;
    RGQ_PASS(err, rgq_alloc(&r, 1, sizeof *r, err));
    const rgq_status st = read_regions(r, path, slide, log, err);
    if (st != RGQ_OK) {
        name_file(err, path);
        rgq_slide_regions_free(r);
        return st;
    }
    *out = r;
    return RGQ_OK;
}

void rgq_slide_regions_free(rgq_slide_regions *r)
{
    if (r == NULL)
        return;
    for (int i = 0; r->first != NULL && i < r->count; i++)
        rgq_free(r->first[i]);
    for (int i = 0; r->ends != NULL && i < r->count; i++)
        rgq_free(r->ends[i]);
    rgq_free(r->first);
    rgq_free(r->ends);
    rgq_free(r->runs);
    rgq_free(r->lengths);
    rgq_free(r->xy);
    rgq_free(r->region);
    rgq_free(r);
}

const rgq_ihc_region *rgq_slide_regions_get(const rgq_slide_regions *regions, int *count)
{
    *count = regions->count;
    return regions->region;
}
