/* Slides of scanners; the only file that knows OpenSlide. Its handle may be used by several
 * threads, a buffer of ours not. */
#include <math.h>
#include <openslide.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/slide_inside.h"

enum { CHUNK = 512 };

struct rgq_slide_vendor {
    openslide_t *slide;
};

/* One level. */
typedef struct view {
    rgq_slide_vendor *vendor;
    bool owns; /* the vendor */
    int level;
    double downsample;
    int64_t width, height;
    int tile[2];
    uint32_t *argb; /* CHUNK square */
} view;

const char *rgq_slide_library_version(void)
{
    return openslide_get_version();
}

void rgq_slide_vendor_close(rgq_slide_vendor *vendor)
{
    if (vendor == NULL)
        return;
    if (vendor->slide != NULL)
        openslide_close(vendor->slide);
    rgq_free(vendor);
}

static double property(openslide_t *slide, const char *name, double lo, double hi)
{
    const char *text = openslide_get_property_value(slide, name);
    double value = (double)NAN;

    if (text == NULL || rgq_parse_real(&value, text, lo, hi, NULL) != RGQ_OK)
        return (double)NAN;
    return value;
}

/* Side of a pixel by the tags of a plain TIFF. */
static double tag_um(openslide_t *slide, const char *name)
{
    const char *unit = openslide_get_property_value(slide, "tiff.ResolutionUnit");
    const double per_unit = property(slide, name, 1e-6, 1e9);

    if (unit == NULL || (strcmp(unit, "centimeter") != 0 && strcmp(unit, "inch") != 0))
        return (double)NAN;
    return (unit[0] == 'c' ? 1e4 : 25400.0) / per_unit;
}

static rgq_status take_facts(rgq_slide_base *facts, openslide_t *slide, rgq_error *err)
{
    const char *vendor = openslide_get_property_value(slide, OPENSLIDE_PROPERTY_NAME_VENDOR);

    openslide_get_level0_dimensions(slide, &facts->full_width, &facts->full_height);
    if (facts->full_width < 1 || facts->full_height < 1 ||
        facts->full_width > RGQ_SLIDE_SIDE_MAX || facts->full_height > RGQ_SLIDE_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "a slide of %lld x %lld pixels; 1 to %d were needed",
                         (long long)facts->full_width, (long long)facts->full_height,
                         (int)RGQ_SLIDE_SIDE_MAX);
    facts->um[0] = property(slide, OPENSLIDE_PROPERTY_NAME_MPP_X, 1e-6, 1e6);
    facts->um[1] = property(slide, OPENSLIDE_PROPERTY_NAME_MPP_Y, 1e-6, 1e6);
    facts->um_origin = "OpenSlide";
    if (isnan(facts->um[0]) || isnan(facts->um[1])) {
        facts->um[0] = tag_um(slide, "tiff.XResolution");
        facts->um[1] = tag_um(slide, "tiff.YResolution");
        facts->um_origin = "resolution tags";
    }
    facts->n_pages = 1;
    (void)snprintf(facts->format, sizeof facts->format, "OpenSlide, %.20s, %d levels",
                   vendor != NULL ? vendor : "unknown", openslide_get_level_count(slide));
    return RGQ_OK;
}

rgq_status rgq_slide_vendor_open(rgq_slide_vendor **out, rgq_slide_base *facts,
                                 const char *path, bool levels_wanted, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_slide_vendor *v = NULL;
    const char *vendor = openslide_detect_vendor(path);
    const bool plain = vendor != NULL && strcmp(vendor, "generic-tiff") == 0;

    *out = NULL;
    if (vendor == NULL || (plain && !levels_wanted))
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&v, 1, sizeof *v, err));
    v->slide = openslide_open(path);
    const char *problem = v->slide != NULL ? openslide_get_error(v->slide) : NULL;
    if (v->slide == NULL || problem != NULL) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "OpenSlide: %.200s",
                       problem != NULL ? problem : "the slide cannot be opened");
        goto out;
    }
    if (plain && openslide_get_level_count(v->slide) < 2)
        goto out;
    RGQ_TRY(err, take_facts(facts, v->slide, err));
    *out = v;
    v = NULL;
out:
    rgq_slide_vendor_close(v);
    return st;
}

/* Premultiplied, native 32-bit words. */
static void to_rgb(uint8_t *rgb, const uint32_t *argb, int count)
{
    for (int i = 0; i < count; i++) {
        const uint32_t white = 255U - (argb[i] >> 24);
        for (int c = 0; c < 3; c++) {
            const uint32_t value = ((argb[i] >> (16 - 8 * c)) & 0xffU) + white;
            rgb[3 * i + c] = (uint8_t)(value > 255U ? 255U : value);
        }
    }
}

static rgq_status read_view(void *user, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                            rgq_error *err)
{
    view *v = user;

    for (int b = 0; b < h; b += CHUNK)
        for (int a = 0; a < w; a += CHUNK) {
            const int wide = w - a < CHUNK ? w - a : CHUNK;
            const int high = h - b < CHUNK ? h - b : CHUNK;
            /* corners are given in pixels of full size */
            openslide_read_region(
                v->vendor->slide, v->argb, llround((double)(x + a) * v->downsample),
                llround((double)(y + b) * v->downsample), v->level, wide, high);
            const char *problem = openslide_get_error(v->vendor->slide);
            if (problem != NULL)
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "at pixel %lld, %lld of level %d: OpenSlide: %.200s",
                                 (long long)(x + a), (long long)(y + b), v->level, problem);
            for (int r = 0; r < high; r++)
                to_rgb(rgb + 3 * ((size_t)(b + r) * (size_t)w + (size_t)a),
                       v->argb + (size_t)r * (size_t)wide, wide);
        }
    return RGQ_OK;
}

static void close_view(void *user)
{
    view *v = user;

    if (v == NULL)
        return;
    if (v->owns)
        rgq_slide_vendor_close(v->vendor);
    rgq_free(v->argb);
    rgq_free(v);
}

static rgq_status clone_view(rgq_ihc_source *out, void *user, rgq_error *err)
{
    const view *like = user;
    rgq_status st = RGQ_OK;
    view *v = NULL;

    RGQ_TRY(err, rgq_alloc(&v, 1, sizeof *v, err));
    *v = *like;
    v->owns = false;
    v->argb = NULL;
    RGQ_TRY(err, rgq_alloc(&v->argb, (size_t)CHUNK * CHUNK, sizeof *v->argb, err));
    *out = (rgq_ihc_source){.width = v->width,
                            .height = v->height,
                            .mpp_um = (double)NAN,
                            .tile_width = v->tile[0],
                            .tile_height = v->tile[1],
                            .read = read_view,
                            .clone = clone_view,
                            .close = close_view,
                            .user = v};
    v = NULL;
out:
    close_view(v);
    return st;
}

static int tile_side(openslide_t *slide, int level, const char *what)
{
    char name[64];

    (void)snprintf(name, sizeof name, "openslide.level[%d].tile-%s", level, what);
    const double side = property(slide, name, 1.0, 16384.0);
    return isnan(side) ? 256 : (int)side;
}

rgq_status rgq_slide_vendor_level(rgq_slide_base *base, rgq_slide_vendor *vendor,
                                  double downsample, rgq_error *err)
{
    view v = {.vendor = vendor};
    openslide_t *slide = vendor->slide;

    /* a level that is coarser by less than a thousandth is the one that is meant */
    v.level = openslide_get_best_level_for_downsample(slide, downsample * 1.001);
    if (v.level < 0)
        v.level = 0;
    v.downsample = openslide_get_level_downsample(slide, v.level);
    openslide_get_level_dimensions(slide, v.level, &v.width, &v.height);
    const char *problem = openslide_get_error(slide);
    if (problem != NULL || !(v.downsample > 0.0) || v.width < 1 || v.height < 1 ||
        v.width > base->full_width || v.height > base->full_height)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "level %d: OpenSlide: %.200s", v.level,
                         problem != NULL ? problem : "its size is wrong");
    v.tile[0] = tile_side(slide, v.level, "width");
    v.tile[1] = tile_side(slide, v.level, "height");
    RGQ_PASS(err, clone_view(&base->source, &v, err));
    view *own = base->source.user;
    own->owns = true;
    base->downsample = v.downsample;
    return RGQ_OK;
}
