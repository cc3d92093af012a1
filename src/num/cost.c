#include "num/cost.h"

#include <math.h>
#include <stdbool.h>

#include "core/banned.h"
#include "num/fft.h"

/* Nanoseconds of one thread: per voxel and axis, fixed and for each step of the radius; per
 * voxel and weight of a kernel that does not separate; per padded voxel of the whole Fourier
 * path, fixed and for each doubling. Only their ratio matters, and that is alike on machines
 * with the same vectors. */
static const double fir_fixed_ns = 0.12;
static const double fir_radius_ns = 0.04;
static const double direct_tap_ns = 0.03;
static const double fft_fixed_ns = 1.0;
static const double fft_doubling_ns = 0.5;

static double count_of(const int n[3])
{
    return (double)n[0] * (double)n[1] * (double)n[2];
}

rgq_conv_path rgq_conv_cheaper(const int n[3], const int radius[3], rgq_border border,
                               size_t taps, double volumes_max)
{
    int padded[3];
    double voxel_ns = direct_tap_ns * (double)taps;

    rgq_fft_padded(padded, n, radius, border);
    for (int i = 0; i < 3 && taps == 0; i++)
        if (radius[i] > 0)
            voxel_ns += fir_fixed_ns + fir_radius_ns * (double)radius[i];
    const double N = count_of(padded);
    const double fft_ns = N * (fft_fixed_ns + fft_doubling_ns * log2(N));
    const bool fits = N <= volumes_max * count_of(n);
    return fft_ns < voxel_ns * count_of(n) && fits ? RGQ_CONV_FFT : RGQ_CONV_FIR;
}
