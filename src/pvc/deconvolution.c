#include "pvc/deconvolution.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/regional.h"
#include "pvc/report.h"

/* Separable sums of positive numbers are right to the last digits however small they are; a
 * transform leaves noise of about 1e-7 of the largest voxel everywhere. */
static const double least_fir = 1e-12;
static const double least_fft = 1e-6;

/* All that is held while a frame is deconvolved. */
typedef struct run_of {
    rgq_pvc_frame *frame;
    const rgq_deconvolution_rule *rule;
    rgq_regional *regional; /* NULL: blurs take no notice of regions */
    rgq_deconvolution d;
    float *one; /* g after the first iteration, in pairs after each */
    float *other;
    double guarded;
    double first_fit;
} run_of;

void rgq_deconvolution_keep(rgq_deconvolution *d, const float *piece, size_t at, size_t count,
                            const uint32_t most[2])
{
    if (d->copy != NULL)
        memcpy(d->copy + at, piece, count * sizeof *piece);
    rgq_change_note(&d->change, most[0], most[1]);
}

static void copy(float *to, const float *from, size_t count)
{
    const size_t step = count / 256 + 1;

#pragma omp parallel for schedule(static)
    for (size_t b = 0; b < 256; b++) {
        const size_t lo = b * step < count ? b * step : count;
        const size_t hi = lo + step < count ? lo + step : count;
        memcpy(to + lo, from + lo, (hi - lo) * sizeof *to);
    }
}

/* The second blur makes the new g of what it blurs, in the same buffer, and the buffer of the
 * old one takes the next. The blur within regions cannot work in place: there the new g goes
 * into the old one piece by piece, which no later piece looks at. */
static rgq_status blur_twice(run_of *r, bool last, double *fit, rgq_error *err)
{
    rgq_deconvolution *d = &r->d;
    rgq_blur *blur = r->frame->blur;
    rgq_blur_after compare = {.run = r->rule->compare, .context = d, .beside = {d->observed}};
    rgq_blur_after update = {.run = r->rule->update, .context = d, .beside = {d->estimate}};

    rgq_change_clear(&d->change);
    if (r->regional != NULL) {
        RGQ_PASS(err, rgq_regional_blur(r->regional, r->other, d->estimate, &compare, err));
        RGQ_PASS(err, rgq_regional_blur(r->regional, NULL, r->other, &update, err));
    } else {
        float *next = d->estimate == r->one ? r->other : r->one;
        /* f is not needed any more after the last comparison */
        float *to = last && d->estimate != r->frame->data ? r->frame->data : next;
        RGQ_PASS(err, rgq_blur_run(blur, next, d->estimate, &compare, err));
        RGQ_PASS(err, rgq_blur_run_turned(blur, to, next, &update, err));
        d->estimate = to;
    }
    assert(update.sum[0] == (double)r->frame->count);
    *fit = sqrt(compare.sum[0] / (double)r->frame->count) / (double)d->scale;
    r->guarded = fmax(r->guarded, compare.sum[1]);
    return RGQ_OK;
}

static rgq_status check_fit(run_of *r, int iteration, double fit, rgq_error *err)
{
    if (iteration == 1)
        r->first_fit = fit;
    if (r->rule->free_fit || !(fit > 2.0 * r->first_fit))
        return RGQ_OK;
    return RGQ_RAISE(
        err, RGQ_E_NUMERIC,
        "%s goes away from the image: the root mean square of f - h * g rose from "
        "%.6g to %.6g by iteration %d of frame %d; take a smaller relaxation than "
        "%g, or fewer iterations",
        rgq_pvc_method_name(r->frame->then ? r->frame->opts->then : r->frame->opts->method),
        r->first_fit, fit, iteration, r->frame->index + 1, r->frame->opts->relaxation);
}

static rgq_status iterate(run_of *r, rgq_error *err)
{
    bool stop = false;

    for (int k = 1; k <= r->frame->iterations && !stop; k++) {
        double fit = 0.0;
        RGQ_PASS(err, blur_twice(r, k == r->frame->iterations, &fit, err));
        RGQ_PASS(err,
                 rgq_pvc_step_note(r->frame, k, fit, rgq_change_of(&r->d.change), &stop, err));
        RGQ_PASS(err, check_fit(r, k, fit, err));
    }
    return RGQ_OK;
}

rgq_status rgq_pvc_deconvolve(rgq_pvc_frame *frame, const rgq_deconvolution_rule *rule,
                              float largest, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    run_of r = {.frame = frame, .rule = rule};
    const bool fft = rgq_blur_report(frame->blur)->path == RGQ_CONV_FFT;
    const double most = (double)largest;

    if (frame->then && frame->parts != NULL)
        RGQ_TRY(err, rgq_regional_create(&r.regional, frame->parts, frame->blur, frame->grid->n,
                                         frame->opts->border, err));
    RGQ_TRY(err, rgq_alloc(&r.one, frame->count, sizeof *r.one, err));
    RGQ_TRY(err, rgq_alloc(&r.other, frame->count, sizeof *r.other, err));
    r.d.loops = rgq_deconvolution_loops_best();
    r.d.observed = frame->data;
    r.d.scale = most > (double)FLT_MIN ? (float)(1.0 / most) : 1.0F;
    r.d.relaxation = (float)frame->opts->relaxation;
    r.d.clip = frame->opts->negatives == RGQ_NEGATIVES_ZERO;
    r.d.least = (float)fmax(most * (fft && r.regional == NULL ? least_fft : least_fir),
                            (double)FLT_MIN);
    r.d.estimate = frame->data;
    if (r.regional != NULL) {
        copy(r.one, frame->data, frame->count);
        r.d.estimate = r.one;
        r.d.copy = r.one;
    }
    RGQ_TRY(err, iterate(&r, err));
    if (r.d.estimate != frame->data)
        copy(frame->data, r.d.estimate, frame->count);
    rgq_pvc_count_add(&frame->report->n_guarded, r.guarded);
out:
    rgq_regional_free(r.regional);
    rgq_free(r.one);
    rgq_free(r.other);
    return st;
}
