/* psf.json, or the image of a measured kernel. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "io/input.h"
#include "io/nifti.h"
#include "rgdquant/scan_file.h"

static const char axis_name[3] = {'x', 'y', 'z'};

/* Wider than any scanner is blurred: a number in other units. */
static const double WIDTH_MAX_MM = 1000.0;

void rgq_psf_file_release(rgq_psf_file *file)
{
    rgq_volume_free(file->image);
    *file = (rgq_psf_file){.image = NULL};
}

static void clear(rgq_psf_file *file)
{
    const rgq_psf none = RGQ_PSF_INIT;

    *file = (rgq_psf_file){.psf = none, .image = NULL};
    for (int i = 0; i < 3; i++)
        file->uncertainty_mm[i] = file->voxel_mm[i] = (double)NAN;
}

/* ---- psf.json ---- */

/* One number for all axes, or one for each. */
static rgq_status read_widths(double out[3], const rgq_json *node, const char *key,
                              const char *where, rgq_error *err)
{
    if (rgq_json_is_array(rgq_json_get(node, key)))
        RGQ_PASS(err, rgq_json_need_reals(out, 3, node, key, where, err));
    else
        RGQ_PASS(err, rgq_json_need_real(&out[0], node, key, 0.0, WIDTH_MAX_MM, where, err));
    for (int i = 0; i < 3; i++) {
        if (!rgq_json_is_array(rgq_json_get(node, key)))
            out[i] = out[0];
        if (!(out[i] >= 0.0 && out[i] <= WIDTH_MAX_MM))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is %g mm along %c, outside 0 .. %g",
                             where, key, out[i], axis_name[i], WIDTH_MAX_MM);
    }
    return RGQ_OK;
}

static rgq_status read_words(char *out, size_t size, const rgq_json *node, const char *key,
                             const char *where, rgq_error *err)
{
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, node, key, where, err));
    if (text[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is empty; write what it was", where, key);
    if (strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes, at most %zu fit", where,
                         key, strlen(text), size - 1);
    rgq_text_copy(out, size, text);
    return RGQ_OK;
}

static rgq_status read_fwhm(rgq_psf_file *out, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    static const char *const keys[] = {"value", "unit", "uncertainty", "source", NULL};
    const rgq_json *node = rgq_json_get(root, "fwhm_mm");
    const char *unit = NULL;
    char where[160];

    (void)snprintf(where, sizeof where, "%.120s: fwhm_mm", name);
    if (!rgq_json_is_object(node))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s is %s: {\"value\": [X, Y, Z], \"unit\": \"mm\", \"source\": "
                         "\"...\"} is needed",
                         where, node == NULL ? "missing" : "no object");
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&unit, node, "unit", where, err));
    if (strcmp(unit, "mm") != 0)
        return RGQ_RAISE(err, RGQ_E_UNIT, "%s: the unit is '%.24s', 'mm' is needed", where,
                         unit);
    RGQ_PASS(err, read_widths(out->psf.fwhm_mm, node, "value", where, err));
    if (!(out->psf.fwhm_mm[0] + out->psf.fwhm_mm[1] + out->psf.fwhm_mm[2] > 0.0))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: all widths are 0: that is no PSF", where);
    if (rgq_json_get(node, "uncertainty") != NULL)
        RGQ_PASS(err, read_widths(out->uncertainty_mm, node, "uncertainty", where, err));
    return read_words(out->source, sizeof out->source, node, "source", where, err);
}

static rgq_status read_root(rgq_psf_file *out, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    static const char *const keys[] = {"format", "fwhm_mm", "voxel_mm", "method", NULL};
    double format = 0.0;

    if (!rgq_json_is_object(root))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s is no object: {\"format\": 1, \"fwhm_mm\": {...}} is needed",
                         name);
    RGQ_PASS(err, rgq_json_only(root, keys, name, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, name, err));
    RGQ_PASS(err, read_fwhm(out, root, name, err));
    if (rgq_json_get(root, "method") != NULL)
        RGQ_PASS(err, read_words(out->method, sizeof out->method, root, "method", name, err));
    if (rgq_json_get(root, "voxel_mm") == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_need_reals(out->voxel_mm, 3, root, "voxel_mm", name, err));
    for (int i = 0; i < 3; i++)
        if (!(out->voxel_mm[i] > 0.0 && out->voxel_mm[i] <= WIDTH_MAX_MM))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: 'voxel_mm' is %g mm along %c; more than 0 and at most %g was "
                             "needed",
                             name, out->voxel_mm[i], axis_name[i], WIDTH_MAX_MM);
    return RGQ_OK;
}

static rgq_status take(rgq_psf_file *out, const rgq_json *root, const char *name,
                       rgq_error *err)
{
    rgq_psf_file fresh;

    clear(&fresh);
    *out = fresh;
    RGQ_PASS(err, read_root(&fresh, root, name, err));
    *out = fresh;
    return RGQ_OK;
}

rgq_status rgq_psf_parse(rgq_psf_file *out, const char *text, size_t length, const char *name,
                         rgq_error *err)
{
    rgq_json *root = NULL;

    clear(out);
    RGQ_PASS(err, rgq_json_parse(&root, text, length, name, err));
    const rgq_status st = take(out, root, name, err);
    rgq_json_free(root);
    return st;
}

/* ---- a measured kernel ---- */

static rgq_status check_kernel(const rgq_volume *image, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(image);

    if (rgq_volume_n_frames(image) != 1)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%d frames; the image of a PSF has one, so that it is one kernel",
                         rgq_volume_n_frames(image));
    for (int i = 0; i < 3; i++)
        if (grid->n[i] % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%d x %d x %d voxels, %d along %c; an odd number is needed, the "
                             "centre of the PSF in the middle one",
                             grid->n[0], grid->n[1], grid->n[2], grid->n[i], axis_name[i]);
    return RGQ_OK;
}

/* A PSF off its centre moves the whole image. */
static rgq_status check_weights(const rgq_volume *image, const rgq_log *log, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(image);
    const float *weight = rgq_volume_cdata(image, 0);
    double moment[3] = {0.0, 0.0, 0.0};
    double sum = 0.0;

    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++) {
                const double w = (double)*weight++;
                sum += w;
                moment[0] += w * x;
                moment[1] += w * y;
                moment[2] += w * z;
            }
    if (!(sum > 0.0))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the weights of the PSF add up to %g; more than 0 was needed", sum);
    for (int i = 0; i < 3; i++) {
        const double off = moment[i] / sum - 0.5 * (grid->n[i] - 1);
        if (!(fabs(off) <= 0.5))
            RGQ_WARN(log,
                     "the centroid of the PSF lies %.3g voxels along %c off the middle of its "
                     "image: a correction with it moves the scan by that",
                     off, axis_name[i]);
    }
    return RGQ_OK;
}

static rgq_status read_kernel(rgq_psf_file *out, const char *path, const rgq_log *log,
                              rgq_error *err)
{
    rgq_volume *image = NULL;

    RGQ_PASS(err, rgq_nifti_read(&image, NULL, path, log, err));
    rgq_status st = check_kernel(image, err);
    if (st == RGQ_OK)
        st = check_weights(image, log, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_error_prefix(err, "%s: ", path);
        rgq_volume_free(image);
        return st;
    }
    out->image = image;
    out->psf.image = image;
    return RGQ_OK;
}

/* ---- either ---- */

static bool begins_like_json(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n')
            return bytes[i] == '{' || bytes[i] == '[';
    return false;
}

rgq_status rgq_psf_read(rgq_psf_file *out, const char *path, const rgq_log *log, rgq_error *err)
{
    unsigned char bytes[1024];
    size_t length = 0;
    rgq_json *root = NULL;

    clear(out);
    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    if (rgq_nifti_is(bytes, length) || rgq_text_ends_with(path, ".img") ||
        rgq_text_ends_with(path, ".img.gz"))
        return read_kernel(out, path, log, err);
    if (!begins_like_json(bytes, length))
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "%s is neither a psf.json ('rgdquant pvc --help' shows one) nor a NIfTI "
            "image of a measured PSF",
            path);
    RGQ_PASS(err, rgq_json_load(&root, path, err));
    const rgq_status st = take(out, root, path, err);
    rgq_json_free(root);
    return st;
}
