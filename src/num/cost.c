#include "num/cost.h"

#include <stdbool.h>

#include "core/banned.h"
#include "num/fft.h"

/* Nanoseconds of one thread. The sums: per voxel and axis, fixed and for each step of the
 * radius; per voxel of a kernel that does not separate, fixed and for each weight. The
 * transform: for each voxel of its three passes, padded along x, along x and y, along all; and
 * once, to plan. Only their ratio matters, and that is alike on machines with the same vectors.
 */
static const double fir_fixed_ns = 0.12;
static const double fir_radius_ns = 0.035;
static const double direct_fixed_ns = 0.8;
static const double direct_tap_ns = 0.0265;
static const double fft_pass_ns = 2.4;
static const double fft_plan_ns = 1e6;

static double count_of(const int n[3])
{
    return (double)n[0] * (double)n[1] * (double)n[2];
}

static double sums_ns(const int radius[3], size_t taps)
{
    double ns = 0.0;

    if (taps > 0)
        return direct_fixed_ns + direct_tap_ns * (double)taps;
    for (int i = 0; i < 3; i++)
        if (radius[i] > 0)
            ns += fir_fixed_ns + fir_radius_ns * (double)radius[i];
    return ns;
}

rgq_conv_path rgq_conv_cheaper(const int n[3], const int radius[3], rgq_border border,
                               size_t taps, double volumes_max)
{
    int padded[3];

    rgq_fft_padded(padded, n, radius, border);
    const double rows = (double)padded[0] * (double)n[1] * (double)n[2];
    const double slices = (double)padded[0] * (double)padded[1] * (double)n[2];
    const double lines = (double)padded[0] * (double)padded[1] * (double)padded[2];
    const double fft_ns = fft_plan_ns + fft_pass_ns * (rows + slices + lines);
    const bool fits = slices <= volumes_max * count_of(n);
    return fits && fft_ns < sums_ns(radius, taps) * count_of(n) ? RGQ_CONV_FFT : RGQ_CONV_FIR;
}
