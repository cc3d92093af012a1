#include "num/conv.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/fft.h"
#include "num/fir.h"

enum { SIDE_MAX = 32767 };

/* Nanoseconds of one thread, measured by tests/bench: per voxel and axis, fixed and for each
 * step of the radius; per padded voxel of the whole Fourier path, fixed and for each doubling.
 * Only their ratio matters, and that is alike on machines with the same vectors. */
static const double fir_fixed_ns = 0.12;
static const double fir_radius_ns = 0.04;
static const double fft_fixed_ns = 1.0;
static const double fft_doubling_ns = 0.5;

/* Largest padded buffer that AUTO takes, in volumes: a filter has to fit where the scan does.
 */
static const double fft_volumes_max = 1.9;

static double count_of(const int n[3])
{
    return (double)n[0] * (double)n[1] * (double)n[2];
}

static rgq_conv_path cheaper_path(const int n[3], const int radius[3], rgq_border border)
{
    int padded[3];
    double fir_ns = 0.0;

    rgq_fft_padded(padded, n, radius, border);
    for (int i = 0; i < 3; i++)
        if (radius[i] > 0)
            fir_ns += fir_fixed_ns + fir_radius_ns * (double)radius[i];
    fir_ns *= count_of(n);
    const double N = count_of(padded);
    const double fft_ns = N * (fft_fixed_ns + fft_doubling_ns * log2(N));
    return fft_ns < fir_ns && N <= fft_volumes_max * count_of(n) ? RGQ_CONV_FFT : RGQ_CONV_FIR;
}

static rgq_status check(const int n[3], const double sigma[3], rgq_border border,
                        rgq_conv_path path, rgq_error *err)
{
    const double sigma_max = (double)RGQ_RADIUS_MAX / 4.0;

    for (int i = 0; i < 3; i++) {
        if (n[i] < 1 || n[i] > SIDE_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%d voxels along axis %d; a convolution takes 1 to %d", n[i], i,
                             (int)SIDE_MAX);
        if (!(sigma[i] >= 0.0 && sigma[i] <= sigma_max))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a Gaussian with a standard deviation of %g voxels along axis %d; "
                             "0 to %g voxels can be computed",
                             sigma[i], i, sigma_max);
    }
    if ((unsigned)border > RGQ_BORDER_PERIODIC)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no border rule %d", (int)border);
    if ((unsigned)path > RGQ_CONV_FFT)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no convolution path %d", (int)path);
    return RGQ_OK;
}

rgq_status rgq_conv_gaussian(float *data, const int n[3], const double sigma[3],
                             rgq_border border, rgq_conv_path path, rgq_conv_report *report,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *half[3] = {NULL, NULL, NULL};
    rgq_taps taps[3];
    rgq_conv_report done = {0};

    RGQ_PASS(err, check(n, sigma, border, path, err));
    for (int i = 0; i < 3; i++) {
        done.radius[i] = rgq_gauss_radius(sigma[i]);
        RGQ_TRY(err, rgq_alloc(&half[i], (size_t)done.radius[i] + 1, sizeof(double), err));
        rgq_gauss_taps(half[i], sigma[i]);
        taps[i] = (rgq_taps){done.radius[i], half[i]};
        done.sigma[i] = rgq_taps_sigma(taps[i]);
    }
    done.path = path == RGQ_CONV_AUTO ? cheaper_path(n, done.radius, border) : path;
    if (done.path == RGQ_CONV_FFT)
        RGQ_TRY(err, rgq_fft_separable(data, n, taps, border, err));
    else
        RGQ_TRY(err, rgq_fir_separable(data, n, taps, border, err));
    if (report != NULL)
        *report = done;
out:
    for (int i = 0; i < 3; i++)
        rgq_free(half[i]);
    return st;
}
