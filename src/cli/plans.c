#include "cli/plans.h"

#include <stdio.h>
#include <string.h>

#include "cli/cache_file.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/json.h"
#include "num/fft.h"
#include "rgdquant/version.h"

static const char file_name[] = "fft-plans.json";

void rgq_plans_release(rgq_plans *plans)
{
    rgq_free(plans->wisdom);
    *plans = (rgq_plans){.wisdom = NULL};
}

rgq_status rgq_plans_path(char out[RGQ_PATH_MAX], const char *named, rgq_error *err)
{
    int length = 0;

    if (named != NULL)
        length = snprintf(out, RGQ_PATH_MAX, "%s", named);
    else if (rgq_cache_file(out, file_name))
        return RGQ_OK;
    else
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "neither XDG_CACHE_HOME nor HOME names a folder for the FFT plans; "
                         "name the file with --plans FILE");
    if (length < 0 || length >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path of the FFT plans is too long");
    return RGQ_OK;
}

/* ---- reading ---- */

static rgq_status read_volume(rgq_plans_volume *out, const rgq_json *node, const char *path,
                              rgq_error *err)
{
    static const char *const keys[] = {"voxels", "effort", NULL};
    double n[3];
    const char *effort = NULL;

    RGQ_PASS(err, rgq_json_only(node, keys, path, err));
    RGQ_PASS(err, rgq_json_need_reals(n, 3, node, "voxels", path, err));
    RGQ_PASS(err, rgq_json_need_text(&effort, node, "effort", path, err));
    out->patient = strcmp(effort, "patient") == 0;
    for (int i = 0; i < 3; i++) {
        if (!(n[i] >= 1.0 && n[i] <= 32767.0) ||
            (!out->patient && strcmp(effort, "measure") != 0))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a volume that was never measured", path);
        out->n[i] = (int)n[i];
    }
    return RGQ_OK;
}

static rgq_status check_origin(const rgq_json *root, const char *wisdom, const char *path,
                               rgq_error *err)
{
    const char *fftw = NULL;
    const char *want = NULL;
    char hex[RGQ_SHA256_TEXT];

    RGQ_PASS(err, rgq_json_need_text(&fftw, root, "fftw", path, err));
    RGQ_PASS(err, rgq_json_need_text(&want, root, "sha256", path, err));
    RGQ_PASS(err, rgq_hash_bytes(hex, wisdom, strlen(wisdom), err));
    if (strcmp(want, hex) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the plans are not those that were written",
                         path);
    if (strcmp(fftw, rgq_fft_version()) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: made by %.60s, this is %s", path, fftw,
                         rgq_fft_version());
    return RGQ_OK;
}

static rgq_status take(rgq_plans *plans, const rgq_json *root, const char *path, rgq_error *err)
{
    static const char *const keys[] = {"format", "made_by", "fftw", "volumes",
                                       "sha256", "wisdom",  NULL};
    const rgq_json *volumes = rgq_json_get(root, "volumes");
    const char *wisdom = NULL;
    double format = 0.0;

    RGQ_PASS(err, rgq_json_only(root, keys, path, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, path, err));
    RGQ_PASS(err, rgq_json_need_text(&wisdom, root, "wisdom", path, err));
    RGQ_PASS(err, check_origin(root, wisdom, path, err));
    if (!rgq_json_is_array(volumes) || rgq_json_count(volumes) > RGQ_PLANS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: no list of at most %d volumes", path,
                         (int)RGQ_PLANS_MAX);
    for (size_t i = 0; i < rgq_json_count(volumes); i++)
        RGQ_PASS(err, read_volume(&plans->volume[i], rgq_json_at(volumes, i), path, err));
    plans->count = (int)rgq_json_count(volumes);
    return rgq_strdup(&plans->wisdom, wisdom, err);
}

rgq_status rgq_plans_read(rgq_plans *plans, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_plans fresh = {.wisdom = NULL};

    RGQ_TRY(err, rgq_json_load(&root, path, err));
    RGQ_TRY(err, take(&fresh, root, path, err));
    *plans = fresh;
    fresh.wisdom = NULL;
out:
    rgq_plans_release(&fresh);
    rgq_json_free(root);
    return st;
}

/* ---- writing ---- */

static rgq_status describe(rgq_json *root, const rgq_plans *plans, rgq_error *err)
{
    rgq_json *list = NULL;
    char made_by[64];
    char hex[RGQ_SHA256_TEXT];

    (void)snprintf(made_by, sizeof made_by, "rgdquant %.40s", rgq_version());
    RGQ_PASS(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_PASS(err, rgq_json_set_text(root, "made_by", made_by, err));
    RGQ_PASS(err, rgq_json_set_text(root, "fftw", rgq_fft_version(), err));
    RGQ_PASS(err, rgq_json_add_array(&list, root, "volumes", err));
    for (int i = 0; i < plans->count; i++) {
        const rgq_plans_volume *v = &plans->volume[i];
        const double n[3] = {v->n[0], v->n[1], v->n[2]};
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_reals(entry, "voxels", n, 3, err));
        RGQ_PASS(err,
                 rgq_json_set_text(entry, "effort", v->patient ? "patient" : "measure", err));
    }
    RGQ_PASS(err, rgq_hash_bytes(hex, plans->wisdom, strlen(plans->wisdom), err));
    RGQ_PASS(err, rgq_json_set_text(root, "sha256", hex, err));
    return rgq_json_set_text(root, "wisdom", plans->wisdom, err);
}

rgq_status rgq_plans_write(const rgq_plans *plans, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, describe(root, plans, err));
    RGQ_TRY(err, rgq_path_make_folders(path, err));
    RGQ_TRY(err, rgq_json_write(root, path, true, err));
out:
    rgq_json_free(root);
    return st;
}

/* ---- before a command ---- */

static rgq_status read_and_import(const char *path, rgq_error *err)
{
    rgq_plans plans = {.wisdom = NULL};

    RGQ_PASS(err, rgq_plans_read(&plans, path, err));
    const rgq_status st = rgq_fft_wisdom_import(plans.wisdom, err);
    rgq_plans_release(&plans);
    return st;
}

rgq_status rgq_plans_load(char used[RGQ_PATH_MAX], rgq_context *context, const char *named,
                          rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    char path[RGQ_PATH_MAX];

    used[0] = '\0';
    if (named != NULL && strcmp(named, "none") == 0)
        return RGQ_OK;
    if (rgq_plans_path(path, named, &why) != RGQ_OK)
        return RGQ_OK; /* no place for a cache: there is none */
    if (!rgq_path_exists(path)) {
        if (named == NULL)
            return RGQ_OK;
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "there is no file %s of FFT plans", path);
    }
    if (read_and_import(path, &why) != RGQ_OK) {
        RGQ_WARN(&context->log,
                 "the FFT plans are not used: %s; 'rgdquant tune --forget' removes them",
                 why.message);
        return RGQ_OK;
    }
    (void)snprintf(used, RGQ_PATH_MAX, "%s", path);
    RGQ_DEBUG(&context->log, "FFT plans of %s", path);
    return RGQ_OK;
}
