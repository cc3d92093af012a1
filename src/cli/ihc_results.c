#include "cli/ihc_results.h"

#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "rgdquant/scan_file.h"

/* Numbers, a key each; what does not apply is null. */
typedef struct named {
    const char *key;
    double value;
} named;

static rgq_status set_all(rgq_json *node, const named *list, size_t count, rgq_error *err)
{
    for (size_t i = 0; i < count; i++)
        RGQ_PASS(err, rgq_json_set_real(node, list[i].key, list[i].value, err));
    return RGQ_OK;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static rgq_status add_slide(rgq_json *root, const rgq_slide *slide, rgq_error *err)
{
    const rgq_slide_info info = rgq_slide_get_info(slide);
    const rgq_ihc_source *source = rgq_slide_source(slide);
    const named numbers[] = {{"full_pixel_um", info.full_um},
                             {"pixel_um", source->mpp_um},
                             {"full_pixels_per_pixel", info.full_per_pixel},
                             {"level_downsample", info.level_downsample}};
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "slide", err));
    RGQ_PASS(err, rgq_json_set_text(node, "format", info.format, err));
    RGQ_PASS(err, rgq_json_set_int(node, "full_width", info.full_width, err));
    RGQ_PASS(err, rgq_json_set_int(node, "full_height", info.full_height, err));
    RGQ_PASS(err, rgq_json_set_int(node, "width", source->width, err));
    RGQ_PASS(err, rgq_json_set_int(node, "height", source->height, err));
    RGQ_PASS(err, set_all(node, numbers, COUNT(numbers), err));
    return rgq_json_set_text(node, "pixel_um_origin", info.um_origin, err);
}

static rgq_status add_stains(rgq_json *root, const rgq_ihc_report *r, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *list = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "stains", err));
    RGQ_PASS(err,
             rgq_json_set_text(node, "optical_density",
                               "-log10(I / I0), I / I0 kept within 1e-6..1; stains clipped "
                               "at 0",
                               err));
    RGQ_PASS(err, rgq_json_set_text(node, "source", r->stains.source, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "normalised", r->stains.normalise, err));
    RGQ_PASS(err, rgq_json_add_array(&list, node, "vectors", err));
    for (int i = 0; i < r->stains.count; i++) {
        rgq_json *one = NULL;
        RGQ_PASS(err, rgq_json_add_object(&one, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(one, "name", r->stains.name[i], err));
        RGQ_PASS(err, rgq_json_set_reals(one, "od", r->stains.od[i], 3, err));
    }
    RGQ_PASS(err, rgq_json_add_array(&list, node, "inverse", err));
    for (int i = 0; i < 3; i++)
        RGQ_PASS(err, rgq_json_set_reals(list, NULL, r->inverse[i], 3, err));
    return RGQ_OK;
}

static rgq_status add_light(rgq_json *root, const rgq_ihc_results *results, rgq_error *err)
{
    const rgq_ihc_report *r = results->report;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "white", err));
    RGQ_PASS(err, rgq_json_set_bool(node, "measured", r->white_measured, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "rgb", r->white_rgb, 3, err));
    RGQ_PASS(err, rgq_json_set_real(node, "background_fraction", r->background_fraction, err));
    RGQ_PASS(err, rgq_json_add_object(&node, root, "tissue", err));
    RGQ_PASS(err, rgq_json_set_bool(node, "masked", r->tissue_mask, err));
    RGQ_PASS(err, rgq_json_set_int(node, "block_pixels", r->tissue_block, err));
    RGQ_PASS(err, rgq_json_set_real(node, "least_od", results->opts->tissue_od, err));
    RGQ_PASS(err, rgq_json_set_real(node, "saturated_fraction", r->saturated_fraction, err));
    return rgq_json_set_int(node, "sample_pixels", r->sample_pixels, err);
}

static rgq_status add_counting(rgq_json *root, const rgq_ihc_results *results, rgq_error *err)
{
    const rgq_ihc_report *r = results->report;
    const rgq_ihc_opts *o = results->opts;
    const named dab[] = {{"positive_od", r->positive_od}, {"otsu_od", r->otsu_od}};
    const named nuclei[] = {{"sigma_um", r->nucleus_sigma_um},
                            {"diameter_um", o->nucleus_um},
                            {"least_od", o->nucleus_od}};
    const named vessels[] = {{"least_um2", o->vessel_min_um2},
                             {"largest_um2", o->vessel_max_um2},
                             {"field_mm2", r->field_mm2}};
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "dab", err));
    RGQ_PASS(err, rgq_json_set_reals(node, "thresholds_od", o->threshold_od, 3, err));
    RGQ_PASS(err, set_all(node, dab, COUNT(dab), err));
    RGQ_PASS(err, rgq_json_add_object(&node, root, "nuclei", err));
    RGQ_PASS(err, set_all(node, nuclei, COUNT(nuclei), err));
    RGQ_PASS(err, rgq_json_set_text(node, "looked_for_in",
                                    o->nucleus_sum ? "hematoxylin + DAB" : "hematoxylin", err));
    RGQ_PASS(err, rgq_json_set_int(node, "pixels_averaged", r->work_factor, err));
    RGQ_PASS(err, rgq_json_add_object(&node, root, "vessels", err));
    RGQ_PASS(err, set_all(node, vessels, COUNT(vessels), err));
    return rgq_json_set_int(node, "fields", r->n_fields, err);
}

rgq_status rgq_ihc_results_json(rgq_json **out, const rgq_ihc_results *results, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, add_slide(root, results->slide, err));
    RGQ_TRY(err, add_stains(root, results->report, err));
    RGQ_TRY(err, add_light(root, results, err));
    RGQ_TRY(err, add_counting(root, results, err));
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

rgq_status rgq_ihc_results_write(const char *folder, const rgq_ihc_results *results,
                                 const rgq_json *json, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_ihc_overlay *overlay = results->opts->overlay;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_dump(&extra, json, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "ihc.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, results->table, extra, false, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "overlay.png", err));
    RGQ_TRY(err,
            rgq_png_write(path, overlay->rgb, overlay->width, overlay->height, false, err));
out:
    rgq_free(extra);
    return st;
}
