/* The driver: options, PSF, parts, and every frame through its method. */
#include "rgdquant/pvc.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "pvc/frame.h"
#include "pvc/psf.h"
#include "pvc/report.h"
#include "pvc/transfer.h"

enum { ITERATIONS_DEFAULT = 10, ITERATIONS_VC = 30, PIECE = 1 << 16 };

/* What each method runs. */
static const struct {
    rgq_pvc_method method;
    rgq_pvc_run *run;
} runs[] = {
    {RGQ_PVC_RL, rgq_pvc_rl},       {RGQ_PVC_VC, rgq_pvc_vc},   {RGQ_PVC_GTM, rgq_pvc_gtm},
    {RGQ_PVC_LABBE, rgq_pvc_labbe}, {RGQ_PVC_RBV, rgq_pvc_rbv}, {RGQ_PVC_MTC, rgq_pvc_mtc},
    {RGQ_PVC_IY, rgq_pvc_iy},       {RGQ_PVC_MG, rgq_pvc_mg},   {RGQ_PVC_STC, rgq_pvc_stc},
};

static rgq_status find_run(rgq_pvc_run **out, rgq_pvc_method method, rgq_error *err)
{
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (runs[i].method == method && runs[i].run != NULL) {
            *out = runs[i].run;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "the method %s is not in this build",
                     rgq_pvc_method_name(method));
}

/* All that is held while a volume is corrected. */
typedef struct session {
    rgq_pvc_kernel kernel;
    rgq_parts *parts;
    rgq_blur *blur;
    double *observed;
    double *value;
    double *value_sd;
    rgq_pvc_run *run;
    rgq_pvc_run *then;
    rgq_pvc_frame frame;
    rgq_pvc_report report;
} session;

static void session_release(session *s)
{
    rgq_transfer_free(s->frame.gtm);
    rgq_transfer_free(s->frame.labbe);
    rgq_blur_free(s->blur);
    rgq_free(s->kernel.weight);
    rgq_parts_free(s->parts);
    rgq_free(s->observed);
    rgq_free(s->value);
    rgq_free(s->value_sd);
    rgq_pvc_report_release(&s->report);
}

static rgq_status check_regions(const rgq_grid *grid, const rgq_labels *labels,
                                const rgq_regions *regions, rgq_pvc_method method,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;

    if (labels != NULL && regions != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a label map and masks were both given; one of them was needed");
    if (labels == NULL && regions == NULL) {
        if (rgq_pvc_needs_regions(method))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s needs regions; give --regions LABELS, or choose rl or vc, "
                             "which need none",
                             rgq_pvc_method_name(method));
        return RGQ_OK;
    }
    st = rgq_grid_compare(labels != NULL ? rgq_labels_grid(labels) : rgq_regions_grid(regions),
                          grid, -1.0, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "the regions and the scan: ");
    return st;
}

static void tell(const session *s, const rgq_pvc_opts *o, const rgq_log *log)
{
    const rgq_pvc_report *r = &s->report;

    RGQ_INFO(
        log,
        "pvc %s%s%s: PSF %.6g x %.6g x %.6g mm FWHM (%s, radius %d, %d, %d voxels), border "
        "%s, path %s, %d frame%s",
        rgq_pvc_method_name(o->method), o->then != RGQ_PVC_NONE ? "+" : "",
        o->then != RGQ_PVC_NONE ? rgq_pvc_method_name(o->then) : "", r->effective_fwhm_mm[0],
        r->effective_fwhm_mm[1], r->effective_fwhm_mm[2],
        o->psf.image != NULL ? "measured" : rgq_kernel_kind_name(o->kernel), r->radius[0],
        r->radius[1], r->radius[2], rgq_border_name(o->border), rgq_conv_path_name(r->path),
        r->n_frames, r->n_frames == 1 ? "" : "s");
    if (s->parts == NULL)
        return;
    RGQ_INFO(log, "pvc: %d region%s; the background is %s, %.6g mL", r->n_regions - 1,
             r->n_regions == 2 ? "" : "s",
             rgq_parts_voxels(s->parts) != NULL ? "label 0" : "1 - the sum of the masks",
             r->volume_ml[0]);
}

static rgq_status check_input(const rgq_volume *volume, rgq_error *err);

static rgq_status session_init(session *s, rgq_volume *volume, const rgq_labels *labels,
                               const rgq_regions *regions, const rgq_pvc_opts *o,
                               const rgq_log *log, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(volume);

    RGQ_PASS(err, find_run(&s->run, o->method, err));
    if (o->then != RGQ_PVC_NONE)
        RGQ_PASS(err, find_run(&s->then, o->then, err));
    RGQ_PASS(err, check_regions(grid, labels, regions, o->method, err));
    RGQ_PASS(err, check_input(volume, err));
    RGQ_PASS(err, rgq_pvc_blur_create(&s->blur, &s->kernel, grid, o, err));
    if (labels != NULL || regions != NULL) {
        RGQ_PASS(err, rgq_parts_create(&s->parts, labels, regions, err));
        const size_t n = (size_t)rgq_parts_count(s->parts);
        RGQ_PASS(err, rgq_alloc(&s->observed, n, sizeof *s->observed, err));
        RGQ_PASS(err, rgq_alloc(&s->value, n, sizeof *s->value, err));
        RGQ_PASS(err, rgq_alloc(&s->value_sd, n, sizeof *s->value_sd, err));
    }
    RGQ_PASS(err, rgq_pvc_report_init(&s->report, s->parts, s->blur, grid,
                                      rgq_volume_n_frames(volume), err));
    tell(s, o, log);
    s->frame = (rgq_pvc_frame){.opts = o,
                               .grid = grid,
                               .count = rgq_grid_count(grid),
                               .parts = s->parts,
                               .blur = s->blur,
                               .n_frames = rgq_volume_n_frames(volume),
                               .observed = s->observed,
                               .value = s->value,
                               .value_sd = s->value_sd,
                               .report = &s->report,
                               .log = log};
    return RGQ_OK;
}

static rgq_status means(const rgq_parts *parts, const float *image, double *out, rgq_error *err)
{
    RGQ_PASS(err, rgq_parts_sums(parts, image, out, err));
    for (int i = 0; i < rgq_parts_count(parts); i++) {
        const double weight = rgq_parts_weight(parts, i);
        out[i] = weight > 0.0 ? out[i] / weight : (double)NAN;
    }
    return RGQ_OK;
}

/* The values of the regions after the correction: those of the method where it gives some. */
static rgq_status note_values(session *s, rgq_error *err)
{
    const rgq_pvc_method method = s->frame.opts->method;
    rgq_pvc_value *value =
        s->report.value + (size_t)s->frame.index * (size_t)s->report.n_regions;
    const bool regional = method == RGQ_PVC_GTM || method == RGQ_PVC_LABBE;

    for (int i = 0; i < s->report.n_regions; i++) {
        value[i].observed = s->observed[i];
        if (s->then == NULL)
            value[i].corrected_sd = s->value_sd[i];
    }
    if (!regional)
        RGQ_PASS(err, means(s->parts, s->frame.data, s->value, err));
    for (int i = 0; i < s->report.n_regions; i++)
        value[i].corrected = s->value[i];
    return RGQ_OK;
}

RGQ_CLONES static unsigned count_not_finite(const float *data, size_t n)
{
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += !(fabsf(data[i]) <= FLT_MAX);
    return bad;
}

static size_t not_finite(const float *data, size_t count)
{
    const size_t pieces = (count + PIECE - 1) / PIECE;
    size_t bad = 0;

#pragma omp parallel for schedule(static) reduction(+ : bad)
    for (size_t p = 0; p < pieces; p++) {
        const size_t left = count - p * PIECE;
        bad += count_not_finite(data + p * PIECE, left < PIECE ? left : PIECE);
    }
    return bad;
}

static rgq_status check_result(const rgq_pvc_frame *frame, rgq_error *err)
{
    const size_t bad = not_finite(frame->data, frame->count);

    if (bad > 0)
        return RGQ_RAISE(
            err, RGQ_E_NUMERIC,
            "%zu voxels of frame %d are not finite after %s; its values are too "
            "large, or the PSF is too wide for the regions",
            bad, frame->index + 1,
            rgq_pvc_method_name(frame->then ? frame->opts->then : frame->opts->method));
    return RGQ_OK;
}

/* By all threads; what is wrong is said by the slower one. */
static rgq_status check_input(const rgq_volume *volume, rgq_error *err)
{
    for (int f = 0; f < rgq_volume_n_frames(volume); f++)
        if (not_finite(rgq_volume_cdata(volume, f), rgq_volume_count(volume)) > 0)
            return rgq_volume_check_finite(volume, "before the partial-volume correction", err);
    return RGQ_OK;
}

static int iterations_of(rgq_pvc_method method, int asked)
{
    if (asked > 0)
        return asked;
    return method == RGQ_PVC_VC ? ITERATIONS_VC : ITERATIONS_DEFAULT;
}

static rgq_status run_frame(session *s, rgq_error *err)
{
    rgq_pvc_frame *f = &s->frame;

    if (s->parts != NULL) {
        RGQ_PASS(err, means(s->parts, f->data, s->observed, err));
        for (int i = 0; i < rgq_parts_count(s->parts); i++)
            s->value[i] = s->value_sd[i] = (double)NAN;
    }
    f->then = false;
    f->iterations = iterations_of(f->opts->method, f->opts->iterations);
    RGQ_PASS(err, s->run(f, err));
    RGQ_PASS(err, check_result(f, err));
    if (s->then != NULL) {
        f->then = true;
        f->iterations = iterations_of(f->opts->then, f->opts->then_iterations);
        RGQ_PASS(err, s->then(f, err));
        RGQ_PASS(err, check_result(f, err));
    }
    if (s->parts != NULL)
        RGQ_PASS(err, note_values(s, err));
    return RGQ_OK;
}

static void tell_end(const rgq_pvc_report *r, const rgq_log *log)
{
    if (r->condition > 0.0)
        RGQ_INFO(log, "pvc: condition number of the matrix %.6g", r->condition);
    if (r->n_negative > 0)
        RGQ_WARN(log, "pvc: %d voxels below 0 were set to 0", r->n_negative);
    if (r->n_guarded > 0)
        RGQ_INFO(log,
                 "pvc: a division was left out in %d voxels, where the divisor was about 0",
                 r->n_guarded);
}

rgq_status rgq_pvc(rgq_volume *volume, const rgq_labels *labels, const rgq_regions *regions,
                   const rgq_pvc_opts *opts, rgq_pvc_report *report, const rgq_log *log,
                   rgq_error *err)
{
    rgq_status st = RGQ_OK;
    session s = {0};
    const int n_frames = rgq_volume_n_frames(volume);

    RGQ_PASS(err, rgq_pvc_check(opts, err));
    RGQ_TRY(err, session_init(&s, volume, labels, regions, opts, log, err));
    for (int f = 0; f < n_frames; f++) {
        rgq_log_progress(log, "partial-volume correction", (double)f / (double)n_frames);
        s.frame.index = f;
        s.frame.data = rgq_volume_data(volume, f);
        RGQ_TRY(err, run_frame(&s, err));
    }
    rgq_log_progress(log, "partial-volume correction", 1.0);
    tell_end(&s.report, log);
    if (report != NULL) {
        rgq_pvc_report_release(report);
        *report = s.report;
        s.report = (rgq_pvc_report){0};
    }
out:
    session_release(&s);
    return st;
}

rgq_status rgq_pvc_step_note(rgq_pvc_frame *frame, int iteration, double fit, double change,
                             bool *stop, rgq_error *err)
{
    const char *name =
        rgq_pvc_method_name(frame->then ? frame->opts->then : frame->opts->method);
    const rgq_pvc_step step = {.frame = frame->index,
                               .iteration = iteration,
                               .then = frame->then,
                               .fit = fit,
                               .change = change};

    *stop = false;
    if (!isfinite(fit) || !isfinite(change))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "%s: values that are not finite after iteration %d of frame %d; run "
                         "fewer iterations, or check the PSF and the regions",
                         name, iteration, frame->index + 1);
    RGQ_PASS(err, rgq_pvc_report_add(frame->report, &step, err));
    RGQ_DEBUG(frame->log, "%s: frame %d, iteration %d: fit %.6g, change %.3g", name,
              frame->index + 1, iteration, fit, change);
    *stop = frame->opts->tolerance > 0.0 && change < frame->opts->tolerance;
    if (*stop)
        RGQ_INFO(
            frame->log,
            "%s: frame %d stopped after iteration %d: its change of %.3g of the maximum is "
            "below the tolerance of %g",
            name, frame->index + 1, iteration, change, frame->opts->tolerance);
    rgq_log_progress(frame->log, "partial-volume correction",
                     ((double)frame->index + (double)iteration / (double)frame->iterations) /
                         (double)frame->n_frames);
    return RGQ_OK;
}
