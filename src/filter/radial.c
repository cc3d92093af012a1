/* Filters that are a gain over frequencies: Butterworth, Hann, Metz, Wiener. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "filter/work.h"

enum {
    LINE = 2048, /* positions of a line spread function, frequencies as many */
    HALF_LINE = LINE / 2
};

static const double pi = 3.14159265358979323846;
static const double reach_rest = 1e-3;

/* ---- the gains over u, the square of a scaled frequency ---- */

/* u = (f / fc)^2 */
static double butterworth(double u, const void *context)
{
    const rgq_filter_spec *spec = context;
    return 1.0 / sqrt(1.0 + pow(u, spec->order));
}

static double hann(double u, const void *context)
{
    (void)context;
    return u < 1.0 ? 0.5 * (1.0 + cos(pi * sqrt(u))) : 0.0;
}

/* Metz and Wiener: u = sum of (sigma_i f_i)^2, so that G = exp(-2 pi^2 u). */
static double metz(double u, const void *context)
{
    const rgq_filter_spec *spec = context;
    const double g = exp(-2.0 * pi * pi * u);

    if (g * g < 1e-18) /* what follows tends to POWER * G */
        return spec->order * g;
    /* 1 - (1 - G^2)^POWER without the digits that are lost where G is small */
    return u == 0.0 ? 1.0 : -expm1(spec->order * log1p(-g * g)) / g;
}

static double wiener(double u, const void *context)
{
    const rgq_filter_spec *spec = context;
    const double g = exp(-2.0 * pi * pi * u);

    return g / (g * g + spec->noise_to_signal);
}

static rgq_fft_gain gain_of(rgq_filter_kind kind)
{
    if (kind == RGQ_FILTER_BUTTERWORTH)
        return butterworth;
    if (kind == RGQ_FILTER_HANN)
        return hann;
    return kind == RGQ_FILTER_METZ ? metz : wiener;
}

/* Scaled frequency of one cycle per voxel along each axis. */
static rgq_status scales(double scale[3], rgq_filter_work *work, rgq_error *err)
{
    const rgq_filter_spec *spec = work->spec;
    double sigma[3];
    double highest_per_cm = 0.0;

    if (spec->kind == RGQ_FILTER_METZ || spec->kind == RGQ_FILTER_WIENER) {
        RGQ_PASS(err, rgq_filter_sigma(sigma, work, spec->width_mm, RGQ_FWHM_PER_SIGMA, err));
        for (int i = 0; i < 3; i++) {
            scale[i] = sigma[i];
            work->report.fwhm_mm[i] = spec->width_mm[i];
        }
        return RGQ_OK;
    }
    if (!(spec->cutoff_per_cm > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a cut-off of %g cycles/cm; above 0 was needed",
                         spec->cutoff_per_cm);
    for (int i = 0; i < 3; i++) {
        scale[i] = 10.0 / work->spacing_mm[i] / spec->cutoff_per_cm;
        highest_per_cm = fmax(highest_per_cm, 5.0 / work->spacing_mm[i]);
    }
    if (spec->cutoff_per_cm > highest_per_cm)
        RGQ_WARN(
            work->log,
            "the cut-off of %g cycles/cm lies above the %.4g cycles/cm that the voxels can "
            "hold: the filter does little (is it meant per pixel, or of Nyquist's?)",
            spec->cutoff_per_cm, highest_per_cm);
    return RGQ_OK;
}

/* ---- the line spread function, for what is reported and how far the image is continued ----
 */

/* Value at `x` voxels from the middle; gains at the middles of HALF_LINE bands up to half a
 * cycle per voxel. cos((i + 1/2) a) follows from the two before it. */
static double line_spread(const double *gain, double x)
{
    const double step = 2.0 * pi * x / LINE;
    const double twice = 2.0 * cos(step);
    double before = cos(0.5 * step);
    double now = before;
    double sum = 0.0;

    for (int i = 0; i < HALF_LINE; i++) {
        const double next = twice * now - before;
        sum += gain[i] * now;
        before = now;
        now = next;
    }
    return sum * 2.0 / LINE;
}

/* Twice the first place where it is half of its middle [voxels]; NaN if there is none. */
static double full_width(const double *gain)
{
    const double half = 0.5 * line_spread(gain, 0.0);
    double low = 0.0;

    while (low < HALF_LINE && line_spread(gain, low + 0.25) > half)
        low += 0.25;
    if (low >= HALF_LINE)
        return (double)NAN;
    double high = low + 0.25;
    for (int i = 0; i < 40; i++) {
        const double middle = 0.5 * (low + high);
        if (line_spread(gain, middle) > half)
            low = middle;
        else
            high = middle;
    }
    return low + high;
}

/* Smallest radius beyond which no edge of height 1 changes a voxel by more than a thousandth:
 * the sum from there on, wherever it begins. Ripples of the shortest waves, whose signs take
 * turns, go on for longer and cancel. */
static int reach(const double *gain)
{
    const double middle = fabs(gain[0]) > 1.0 ? fabs(gain[0]) : 1.0;
    double outside = 0.0;
    int radius = HALF_LINE - 1;

    for (; radius > 0; radius--) {
        outside += line_spread(gain, (double)radius);
        if (fabs(outside) > reach_rest * middle)
            break;
    }
    return radius;
}

static rgq_status measure_lines(rgq_filter_work *work, const double scale[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *gain = NULL;
    rgq_filter_report *r = &work->report;
    const rgq_fft_gain formula = gain_of(work->spec->kind);

    RGQ_TRY(err, rgq_alloc(&gain, HALF_LINE, sizeof *gain, err));
    for (int i = 0; i < 3; i++) {
        const int most = (work->grid->n[i] + 1) / 2;
        for (int k = 0; k < HALF_LINE; k++) {
            const double f = scale[i] * ((double)k + 0.5) / LINE;
            gain[k] = formula(f * f, work->spec);
        }
        r->effective_fwhm_mm[i] = full_width(gain) * work->spacing_mm[i];
        r->radius[i] = reach(gain);
        r->radius[i] = r->radius[i] < most ? r->radius[i] : most;
    }
out:
    rgq_free(gain);
    return st;
}

rgq_status rgq_filter_prepare_radial(rgq_filter_work *work, rgq_error *err)
{
    double scale[3];

    RGQ_PASS(err, rgq_filter_need_orthogonal(work, err));
    RGQ_PASS(err, scales(scale, work, err));
    RGQ_PASS(err, measure_lines(work, scale, err));
    RGQ_PASS(err, rgq_filter_need_fft(work, true, err));
    return rgq_fft_set_radial(work->fft, scale, gain_of(work->spec->kind), work->spec, err);
}
