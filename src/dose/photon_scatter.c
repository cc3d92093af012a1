#include "dose/photon_scatter.h"

#include <math.h>

#include "core/banned.h"

static double uniform(rgq_stream *random)
{
    return (double)rgq_stream_uniform(random);
}

/* Cosine and sine of an angle that is uniform, from a point in the unit disk. */
static void any_azimuth(double *cosine, double *sine, rgq_stream *random)
{
    double x, y, r2;

    do {
        x = 2.0 * uniform(random) - 1.0;
        y = 2.0 * uniform(random) - 1.0;
        r2 = x * x + y * y;
    } while (r2 > 1.0 || r2 < 1e-12);
    const double inverse = 1.0 / sqrt(r2);
    *cosine = x * inverse;
    *sine = y * inverse;
}

void rgq_photon_isotropic(double direction[3], rgq_stream *random)
{
    const double w = 2.0 * uniform(random) - 1.0;
    const double s = sqrt(1.0 - w * w);
    double cosine, sine;

    any_azimuth(&cosine, &sine, random);
    direction[0] = s * cosine;
    direction[1] = s * sine;
    direction[2] = w;
}

void rgq_photon_turn(double direction[3], double mu, rgq_stream *random)
{
    const double s = sqrt(mu * mu < 1.0 ? 1.0 - mu * mu : 0.0);
    const double a = direction[0];
    const double b = direction[1];
    const double c = direction[2];
    double cosine, sine;

    any_azimuth(&cosine, &sine, random);
    if (fabs(c) > 0.99999) { /* along the axis: any frame will do */
        direction[0] = s * cosine;
        direction[1] = s * sine;
        direction[2] = c > 0.0 ? mu : -mu;
        return;
    }
    const double d = sqrt(1.0 - c * c);
    direction[0] = a * mu + s * (a * c * cosine - b * sine) / d;
    direction[1] = b * mu + s * (b * c * cosine + a * sine) / d;
    direction[2] = c * mu - s * d * cosine;
}

static double look_up(const float *table, double x)
{
    const double at = x / rgq_photon_transfer_max * (RGQ_PHOTON_TRANSFERS - 1);
    const int i = (int)at;

    if (i >= RGQ_PHOTON_TRANSFERS - 1)
        return (double)table[RGQ_PHOTON_TRANSFERS - 1];
    return (double)table[i] + (at - i) * (double)(table[i + 1] - table[i]);
}

double rgq_photon_compton(double direction[3], const rgq_photon_material *material,
                          double energy_mev, rgq_stream *random)
{
    const double alpha = energy_mev / rgq_electron_mass_mev;
    const double least = 1.0 / (1.0 + 2.0 * alpha);
    const double share_1 = -log(least);
    const double share_2 = 0.5 * (1.0 - least * least);
    const double largest_x = 1e3 * energy_mev / rgq_kev_angstrom;

    for (;;) {
        /* k, the energy kept, from 1/k or k; each has its range of 1/(1 + 2 alpha) .. 1 */
        const double k = uniform(random) * (share_1 + share_2) < share_1
                             ? exp(-share_1 * uniform(random))
                             : sqrt(least * least + (1.0 - least * least) * uniform(random));
        const double t = (1.0 - k) / (alpha * k); /* 1 - cosine */
        if (uniform(random) > 1.0 - k * t * (2.0 - t) / (1.0 + k * k))
            continue;
        const double s = look_up(material->incoherent, largest_x * sqrt(0.5 * t));
        if (uniform(random) > s)
            continue;
        rgq_photon_turn(direction, 1.0 - t, random);
        return energy_mev * k;
    }
}

void rgq_photon_rayleigh(double direction[3], const rgq_photon_material *material,
                         double energy_mev, rgq_stream *random)
{
    const float *table = material->coherent;
    const double largest_x = 1e3 * energy_mev / rgq_kev_angstrom;
    const double all = look_up(table, largest_x);
    const double step = rgq_photon_transfer_max / (RGQ_PHOTON_TRANSFERS - 1);

    for (;;) {
        const double wanted = uniform(random) * all;
        int lo = 0;
        int hi = RGQ_PHOTON_TRANSFERS - 1;
        while (hi - lo > 1) {
            const int middle = (lo + hi) / 2;
            if ((double)table[middle] <= wanted)
                lo = middle;
            else
                hi = middle;
        }
        const double gap = (double)(table[hi] - table[lo]);
        const double f = gap > 0.0 ? (wanted - (double)table[lo]) / gap : 0.0;
        const double x2 =
            step * step * (lo * (double)lo + f * (hi * (double)hi - lo * (double)lo));
        const double mu = fmax(1.0 - 2.0 * x2 / (largest_x * largest_x), -1.0);
        if (uniform(random) < 0.5 * (1.0 + mu * mu)) {
            rgq_photon_turn(direction, mu, random);
            return;
        }
    }
}
