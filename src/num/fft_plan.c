#include "num/fft_plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "num/fft.h"

#include "core/banned.h"

static const unsigned as_learnt = FFTW_MEASURE | FFTW_WISDOM_ONLY;

const char *rgq_fft_version(void)
{
    return fftwf_version;
}

size_t rgq_fft_row_floats(int length)
{
    const size_t line = RGQ_FFT_ALIGNMENT / sizeof(float);
    const size_t floats = 2 * ((size_t)length / 2 + 1);

    return (floats + line - 1) / line * line;
}

float *rgq_fft_aligned(float *block)
{
    const size_t line = RGQ_FFT_ALIGNMENT / sizeof *block;

    return block + (line - (uintptr_t)block / sizeof *block % line) % line;
}

/* FFTW's planner is not safe in threads, and its number of threads and what it has learnt are
 * global: everything that touches them stands under one lock and begins with this. That threads
 * are set up is part of what wisdom is compared by. */
static void begin(void)
{
    fftwf_init_threads();
    fftwf_plan_with_nthreads(1);
}

static rgq_fft_plan plan_row(int length, float *row, unsigned flags)
{
    fftwf_complex *spectrum = (fftwf_complex *)row;

    return (rgq_fft_plan){fftwf_plan_dft_r2c_1d(length, row, spectrum, flags),
                          fftwf_plan_dft_c2r_1d(length, spectrum, row, flags),
                          flags == as_learnt};
}

static rgq_fft_plan plan_columns(int length, float *a, float *b, unsigned flags)
{
    enum { N = RGQ_FFT_BLOCK };
    fftwf_complex *from = (fftwf_complex *)a;
    fftwf_complex *to = (fftwf_complex *)b;

    return (rgq_fft_plan){fftwf_plan_many_dft(1, &length, N, from, NULL, N, 1, to, NULL, N, 1,
                                              FFTW_FORWARD, flags),
                          fftwf_plan_many_dft(1, &length, N, to, NULL, N, 1, from, NULL, N, 1,
                                              FFTW_BACKWARD, flags),
                          flags == as_learnt};
}

static bool is_whole(const rgq_fft_plan *plan)
{
    return plan->forward != NULL && plan->inverse != NULL;
}

static void destroy(rgq_fft_plan *plan)
{
    if (plan->forward != NULL)
        fftwf_destroy_plan(plan->forward);
    if (plan->inverse != NULL)
        fftwf_destroy_plan(plan->inverse);
    *plan = (rgq_fft_plan){NULL, NULL, false};
}

void rgq_fft_plan_release(rgq_fft_plan *plan)
{
#pragma omp critical(rgq_fftw_planner)
    destroy(plan);
}

static rgq_status check(const rgq_fft_plan *plan, int length, rgq_error *err)
{
    if (!is_whole(plan))
        return RGQ_RAISE(err, RGQ_E_NOMEM, "FFTW has no plan for %d voxels", length);
    return RGQ_OK;
}

rgq_status rgq_fft_plan_row(rgq_fft_plan *out, int length, float *row, rgq_error *err)
{
#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        *out = plan_row(length, row, as_learnt);
        if (!is_whole(out)) {
            destroy(out);
            *out = plan_row(length, row, FFTW_ESTIMATE);
        }
    }
    return check(out, length, err);
}

rgq_status rgq_fft_plan_columns(rgq_fft_plan *out, int length, float *a, float *b,
                                rgq_error *err)
{
#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        *out = plan_columns(length, a, b, as_learnt);
        if (!is_whole(out)) {
            destroy(out);
            *out = plan_columns(length, a, b, FFTW_ESTIMATE);
        }
    }
    return check(out, length, err);
}

/* ---- wisdom ---- */

rgq_status rgq_fft_tune(int length, bool as_row, rgq_fft_effort effort, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *block = NULL;
    rgq_fft_plan plan = {NULL, NULL, false};
    const unsigned flags = effort == RGQ_FFT_PATIENT ? FFTW_PATIENT : FFTW_MEASURE;

    if (length < 1 || length > RGQ_FFT_LENGTH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a transform of %d voxels; 1 to %d can be tuned",
                         length, (int)RGQ_FFT_LENGTH_MAX);
    const size_t slack = RGQ_FFT_ALIGNMENT / sizeof *block;
    const size_t columns = 2 * (size_t)RGQ_FFT_BLOCK * (size_t)length;
    const size_t floats = as_row ? rgq_fft_row_floats(length) : 2 * columns;
    RGQ_TRY(err, rgq_alloc(&block, floats + slack, sizeof *block, err));
    float *at = rgq_fft_aligned(block);
#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        plan = as_row ? plan_row(length, at, flags)
                      : plan_columns(length, at, at + columns, flags);
    }
    RGQ_TRY(err, check(&plan, length, err));
out:
    rgq_fft_plan_release(&plan);
    rgq_free(block);
    return st;
}

rgq_status rgq_fft_wisdom_import(const char *text, rgq_error *err)
{
    int taken = 0;

#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        taken = fftwf_import_wisdom_from_string(text);
    }
    if (taken == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "these plans are damaged, or of another processor or version of FFTW "
                         "than %s",
                         fftwf_version);
    return RGQ_OK;
}

rgq_status rgq_fft_wisdom_export(char **out, rgq_error *err)
{
    char *text = NULL;

    *out = NULL;
#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        text = fftwf_export_wisdom_to_string();
    }
    if (text == NULL)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for the plans of FFTW");
    const rgq_status st = rgq_strdup(out, text, err);
    free(text);
    return st;
}

void rgq_fft_wisdom_forget(void)
{
#pragma omp critical(rgq_fftw_planner)
    {
        begin();
        fftwf_forget_wisdom();
    }
}
