/* rgdquant tune [SIZE ...] */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/plans.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "num/fft.h"
#include "rgdquant/scan_file.h"

enum {
    SIZES = 4,
    MARGIN = 128 /* voxels that a filter may add to a side: 64 at either end */
};

typedef struct tune_opts {
    const char *size1;
    const char *size2;
    const char *size3;
    const char *size4;
    const char *scan;
    bool patient;
    bool measure;
    bool list;
    bool forget;
    const char *plans;
} tune_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(tune_opts, size1, "SIZE", "",
                 "voxels of a volume, e.g. 192x192x128; several are tuned in one run"),
    RGQ_ARGUMENT(tune_opts, size2, "SIZE2", "", "another"),
    RGQ_ARGUMENT(tune_opts, size3, "SIZE3", "", "another"),
    RGQ_ARGUMENT(tune_opts, size4, "SIZE4", "", "another"),
    RGQ_TEXT(tune_opts, scan, "scan", "SCAN", "", "the size of this scan as well"),
    RGQ_FLAG(tune_opts, measure, "measure", "try out some plans of each length (the default)"),
    RGQ_FLAG(tune_opts, patient, "patient", "try out more plans; takes a few times as long"),
    RGQ_FLAG(tune_opts, list, "list", "print what was tuned; do nothing"),
    RGQ_FLAG(tune_opts, forget, "forget", "remove the file of plans; do nothing else"),
    RGQ_TEXT(tune_opts, plans, "plans", "FILE", "",
             "the file of plans; default: fft-plans.json in the user's cache folder"),
};

/* ---- sizes ---- */

static rgq_status parse_size(int n[3], const char *text, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    double side[3];
    int count = 0;

    if (rgq_parse_reals(side, &count, 3, text, 'x', &why) != RGQ_OK || count != 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is no size; type e.g. 192x192x128",
                         text);
    for (int i = 0; i < 3; i++) {
        if (!(side[i] >= 1.0 && side[i] <= (double)RGQ_GRID_SIDE_MAX) ||
            side[i] != (double)(int)side[i])
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "'%.40s' is no size: whole numbers from 1 to %d were needed", text,
                             (int)RGQ_GRID_SIDE_MAX);
        n[i] = (int)side[i];
    }
    return RGQ_OK;
}

static rgq_status note_volume(rgq_plans *plans, const int n[3], bool patient, rgq_error *err)
{
    int i = 0;

    while (i < plans->count && memcmp(plans->volume[i].n, n, sizeof plans->volume[i].n) != 0)
        i++;
    if (i == RGQ_PLANS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the plans are for %d volumes already; 'rgdquant tune --forget' makes "
                         "room",
                         (int)RGQ_PLANS_MAX);
    memcpy(plans->volume[i].n, n, sizeof plans->volume[i].n);
    plans->volume[i].patient = patient || (i < plans->count && plans->volume[i].patient);
    plans->count += i == plans->count;
    return RGQ_OK;
}

/* The volumes this run is about. */
static rgq_status collect(rgq_plans *wanted, rgq_context *context, const tune_opts *o,
                          rgq_error *err)
{
    const char *const sizes[SIZES] = {o->size1, o->size2, o->size3, o->size4};
    rgq_scan scan = {0};
    int n[3];

    context->exit_code = 2;
    if (o->size1 == NULL && o->scan == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "nothing to tune; type the size of a volume, e.g. 192x192x128, or "
                         "--scan SCAN");
    for (int i = 0; i < SIZES && sizes[i] != NULL; i++) {
        RGQ_PASS(err, parse_size(n, sizes[i], err));
        RGQ_PASS(err, note_volume(wanted, n, o->patient, err));
    }
    context->exit_code = 0;
    if (o->scan == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_scan_read(&scan, o->scan, NULL, &context->log, err));
    memcpy(n, rgq_volume_grid(scan.volume)->n, sizeof n);
    rgq_scan_release(&scan);
    return note_volume(wanted, n, o->patient, err);
}

/* ---- the work ---- */

/* The next length after `length` that a side of n voxels can be padded to; 0: no more. The side
 * itself is one too: a periodic border needs no padding. */
static int next_length(int length, int n, bool as_row)
{
    int next = rgq_fft_smooth(length + 1);

    while (as_row && next % 2 != 0)
        next = rgq_fft_smooth(next + 1);
    return next <= n + MARGIN ? next : 0;
}

static rgq_status tune_side(rgq_context *context, int n, bool as_row, bool patient,
                            double done[2], rgq_error *err)
{
    for (int length = n; length > 0; length = next_length(length, n, as_row)) {
        const double part = (double)(length - n) / (double)MARGIN;
        rgq_log_progress(&context->log, "tune", done[0] + (done[1] - done[0]) * part);
        RGQ_PASS(err, rgq_fft_tune(length, as_row, patient ? RGQ_FFT_PATIENT : RGQ_FFT_MEASURE,
                                   err));
    }
    return RGQ_OK;
}

static rgq_status tune(rgq_context *context, const rgq_plans *wanted, rgq_error *err)
{
    const double steps = 3.0 * (double)wanted->count;

    for (int v = 0; v < wanted->count; v++)
        for (int i = 0; i < 3; i++) {
            const double step = 3.0 * v + i;
            double done[2] = {step / steps, (step + 1.0) / steps};
            RGQ_PASS(err, tune_side(context, wanted->volume[v].n[i], i == 0,
                                    wanted->volume[v].patient, done, err));
        }
    rgq_log_progress(&context->log, "tune", 1.0);
    return RGQ_OK;
}

/* What the file has from before; a file that cannot be used is replaced, and that is said. */
static rgq_status begin_plans(rgq_plans *plans, const rgq_context *context, const char *path,
                              rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;

    if (!rgq_path_exists(path))
        return RGQ_OK;
    rgq_status st = rgq_plans_read(plans, path, &why);
    if (st == RGQ_OK)
        st = rgq_fft_wisdom_import(plans->wisdom, &why);
    if (st == RGQ_E_NOMEM || st == RGQ_E_IO) {
        if (err != NULL)
            *err = why;
        return st;
    }
    if (st != RGQ_OK) {
        RGQ_WARN(&context->log, "the old plans are replaced: %s", why.message);
        rgq_plans_release(plans);
    }
    return RGQ_OK;
}

static rgq_status make_plans(rgq_context *context, const tune_opts *o, const char *path,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_plans wanted = {.wisdom = NULL};
    rgq_plans plans = {.wisdom = NULL};

    RGQ_TRY(err, collect(&wanted, context, o, err));
    RGQ_TRY(err, begin_plans(&plans, context, path, err));
    RGQ_TRY(err, tune(context, &wanted, err));
    for (int i = 0; i < wanted.count; i++)
        RGQ_TRY(err, note_volume(&plans, wanted.volume[i].n, wanted.volume[i].patient, err));
    rgq_free(plans.wisdom);
    plans.wisdom = NULL;
    RGQ_TRY(err, rgq_fft_wisdom_export(&plans.wisdom, err));
    RGQ_TRY(err, rgq_plans_write(&plans, path, err));
    RGQ_INFO(&context->log, "plans for %d volume%s in %s", plans.count,
             plans.count == 1 ? "" : "s", path);
out:
    rgq_plans_release(&plans);
    return st;
}

/* ---- list and forget ---- */

static rgq_status print_json(const rgq_context *context, const rgq_plans *plans, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "fftw", rgq_fft_version(), err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "volumes", err));
    for (int i = 0; i < plans->count; i++) {
        const rgq_plans_volume *v = &plans->volume[i];
        const double n[3] = {v->n[0], v->n[1], v->n[2]};
        rgq_json *entry = NULL;
        RGQ_TRY(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_TRY(err, rgq_json_set_reals(entry, "voxels", n, 3, err));
        RGQ_TRY(err,
                rgq_json_set_text(entry, "effort", v->patient ? "patient" : "measure", err));
    }
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status list_plans(const rgq_context *context, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_plans plans = {.wisdom = NULL};

    if (rgq_path_exists(path))
        RGQ_TRY(err, rgq_plans_read(&plans, path, err));
    if (context->shared.json) {
        RGQ_TRY(err, print_json(context, &plans, err));
        goto out;
    }
    fputs("volume\teffort\n", context->out);
    for (int i = 0; i < plans.count; i++)
        fprintf(context->out, "%dx%dx%d\t%s\n", plans.volume[i].n[0], plans.volume[i].n[1],
                plans.volume[i].n[2], plans.volume[i].patient ? "patient" : "measure");
out:
    rgq_plans_release(&plans);
    return st;
}

/* Only what tune made: a file the user named by mistake stays. */
static rgq_status forget_plans(const rgq_context *context, const char *path, rgq_error *err)
{
    static const char mark[] = "\"wisdom\"";
    char *text = NULL;
    size_t length = 0;

    if (!rgq_path_exists(path)) {
        RGQ_INFO(&context->log, "there are no plans");
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_file_read(&text, &length, path, RGQ_JSON_MAX_BYTES, err));
    const bool is_ours = strstr(text, mark) != NULL;
    rgq_free(text);
    if (!is_ours && !context->shared.force)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s holds no FFT plans; add --force to remove it all the same", path);
    if (unlink(path) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", path, strerror(errno));
    RGQ_INFO(&context->log, "forgotten: %s", path);
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const tune_opts *o = opts;
    const bool sizes = o->size1 != NULL || o->scan != NULL;
    char path[RGQ_PATH_MAX];

    context->exit_code = 2;
    if (o->measure && o->patient)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--measure and --patient exclude each other");
    if (o->list + o->forget + sizes > 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--list, --forget and sizes exclude each other; type one of them");
    context->exit_code = 0;
    RGQ_PASS(err, rgq_plans_path(path, o->plans, err));
    if (o->list)
        return list_plans(context, path, err);
    if (o->forget)
        return forget_plans(context, path, err);
    return make_plans(context, o, path, err);
}

static const char *const cites[] = {"Frigo2005", NULL};

const rgq_command rgq_cmd_tune = {
    .name = "tune",
    .group = "About",
    .summary = "measure the fastest Fourier transforms of this machine, once",
    .description =
        "Filters that are computed by a Fourier transform, and partial-volume correction with\n"
        "a measured kernel, use plans that FFTW estimates: the same in every run, but not the\n"
        "fastest. This command lets FFTW try plans out for volumes of the given sizes with up\n"
        "to 64 voxels of padding at either end, and keeps what it has learnt in the file\n"
        "rgdquant/fft-plans.json of the folder XDG_CACHE_HOME, else of ~/.cache. It takes "
        "some\n"
        "ten seconds a size; sizes that were tuned before stay.\n"
        "\n"
        "Commands look for that file by themselves. Results are the same bits in every run "
        "and\n"
        "for any number of threads as long as the file stays as it is; from one file to "
        "another,\n"
        "and without one, the last digits of single precision may differ. The record of a run\n"
        "tells which plans were used. Plans are for one processor and one version of FFTW: a\n"
        "file from elsewhere, or a damaged one, is warned of and not used.",
    .examples = "rgdquant tune 192x192x128 400x400x300\n"
                "rgdquant tune --scan pet.nii.gz --patient\n"
                "rgdquant tune --list",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(tune_opts),
    .run = run,
};
