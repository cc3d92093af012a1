#include "dose/photon_data.h"

#include <math.h>
#include <xraylib/xraylib.h>

#include "core/alloc.h"
#include "core/banned.h"

static const double lowest_mev = 0.002;
static const double highest_mev = 3.0;
/* xraylib's splines end at 0.8 MeV and give 0 behind it. */
static const double spline_end_mev = 0.79;

/* Pair production of water in the field of nuclei and electrons [cm2/g], after Berger et al. */
static const double pair_mev[] = {1.022, 1.25, 1.5, 2.0, 3.0};
static const double pair_water[] = {0.0, 1.777e-5, 9.820e-5, 3.908e-4, 1.131e-3};

static double energy_of(int i)
{
    return lowest_mev * pow(highest_mev / lowest_mev, (double)i / (RGQ_PHOTON_ENERGIES - 1));
}

static double sum_of_fractions(const rgq_material *m)
{
    double sum = 0.0;

    for (int k = 0; k < m->n_elements; k++)
        sum += m->mass_fraction[k];
    return sum;
}

/* sum of w Z^2 / A, to which pair production is in proportion. */
static double pair_strength(const rgq_material *m)
{
    double sum = 0.0;

    for (int k = 0; k < m->n_elements; k++)
        sum += m->mass_fraction[k] / sum_of_fractions(m) * m->z[k] * m->z[k] /
               AtomicWeight(m->z[k], NULL);
    return sum;
}

static double pair_of(double strength, double energy_mev)
{
    const int n = (int)(sizeof pair_mev / sizeof pair_mev[0]);
    const double water = pair_strength(rgq_material_at(RGQ_MATERIAL_WATER));

    if (energy_mev <= pair_mev[0])
        return 0.0;
    for (int i = 1; i < n; i++)
        if (energy_mev <= pair_mev[i]) {
            const double t = (energy_mev - pair_mev[i - 1]) / (pair_mev[i] - pair_mev[i - 1]);
            return strength / water *
                   (pair_water[i - 1] + t * (pair_water[i] - pair_water[i - 1]));
        }
    return strength / water * pair_water[n - 1];
}

/* Every call of xraylib is checked: without the error it answers 0. */
static rgq_status checked(double *value, double found, xrl_error **why, const char *what, int z,
                          double at, rgq_error *err)
{
    if (*why != NULL || !isfinite(found) || found < 0.0) {
        const rgq_status st =
            RGQ_RAISE(err, RGQ_E_NUMERIC, "xraylib has no %s for element %d at %g: %s", what, z,
                      at, *why != NULL ? (*why)->message : "not a number");
        xrl_clear_error(why);
        return st;
    }
    *value = found;
    return RGQ_OK;
}

static rgq_status element_sections(double out[3], int z, double energy_kev, rgq_error *err)
{
    xrl_error *why = NULL;
    double found = CS_Photo(z, energy_kev, &why);

    RGQ_PASS(err,
             checked(&out[0], found, &why, "photoelectric cross section", z, energy_kev, err));
    found = CS_Compt(z, energy_kev, &why);
    RGQ_PASS(err,
             checked(&out[1], found, &why, "incoherent cross section", z, energy_kev, err));
    found = CS_Rayl(z, energy_kev, &why);
    return checked(&out[2], found, &why, "coherent cross section", z, energy_kev, err);
}

/* Form factor and scattering function of an element at x; both are known at 0. */
static rgq_status element_factors(double out[2], int z, double x, rgq_error *err)
{
    xrl_error *why = NULL;

    out[0] = (double)z;
    out[1] = 0.0;
    if (!(x > 0.0))
        return RGQ_OK;
    /* Its spline swings below 0 where the factor has all but vanished. */
    double found = fmax(FF_Rayl(z, x, &why), 0.0);
    RGQ_PASS(err, checked(&out[0], found, &why, "form factor", z, x, err));
    found = SF_Compt(z, x, &why);
    return checked(&out[1], found, &why, "scattering function", z, x, err);
}

static rgq_status fill_factors(rgq_photon_material *out, const rgq_material *m, rgq_error *err)
{
    const double step = rgq_photon_transfer_max / (RGQ_PHOTON_TRANSFERS - 1);
    const double whole = sum_of_fractions(m);
    double before = 0.0;
    double integral = 0.0;

    for (int i = 0; i < RGQ_PHOTON_TRANSFERS; i++) {
        double f2 = 0.0;
        double s = 0.0;
        double electrons = 0.0;
        for (int k = 0; k < m->n_elements; k++) {
            const double atoms = m->mass_fraction[k] / whole / AtomicWeight(m->z[k], NULL);
            double factor[2];
            RGQ_PASS(err, element_factors(factor, m->z[k], i * step, err));
            f2 += atoms * factor[0] * factor[0];
            s += atoms * factor[1];
            electrons += atoms * m->z[k];
        }
        if (i > 0) /* trapezoid over x^2 */
            integral += 0.5 * (before + f2) * step * step * (2.0 * i - 1.0);
        before = f2;
        out->coherent[i] = (float)integral;
        out->incoherent[i] = (float)fmin(s / electrons, 1.0);
    }
    return RGQ_OK;
}

static double scattering_function(const rgq_photon_material *m, double x)
{
    const double at = x / rgq_photon_transfer_max * (RGQ_PHOTON_TRANSFERS - 1);
    const int i = (int)at;

    if (i >= RGQ_PHOTON_TRANSFERS - 1)
        return 1.0;
    return (double)m->incoherent[i] +
           (at - i) * (double)(m->incoherent[i + 1] - m->incoherent[i]);
}

/* Mean share of its energy a scattered photon leaves behind: midpoint rule over the cosine. */
static double transferred_share(const rgq_photon_material *m, double energy_mev)
{
    enum { STEPS = 400 };
    const double alpha = energy_mev / rgq_electron_mass_mev;
    double lost = 0.0;
    double all = 0.0;

    for (int j = 0; j < STEPS; j++) {
        const double mu = -1.0 + 2.0 * (j + 0.5) / STEPS;
        const double k = 1.0 / (1.0 + alpha * (1.0 - mu));
        const double kn = k * k * (k + 1.0 / k - 1.0 + mu * mu);
        const double x = 1e3 * energy_mev / rgq_kev_angstrom * sqrt(0.5 * (1.0 - mu));
        const double weight = kn * scattering_function(m, x);
        lost += weight * (1.0 - k);
        all += weight;
    }
    return all > 0.0 ? lost / all : 0.0;
}

static rgq_status fill_sections(rgq_photon_material *out, const rgq_material *m, rgq_error *err)
{
    const double whole = sum_of_fractions(m);
    const double strength = pair_strength(m);

    for (int i = 0; i < RGQ_PHOTON_ENERGIES; i++) {
        const double energy = energy_of(i);
        const double from = fmin(energy, spline_end_mev);
        double sum[3] = {0.0, 0.0, 0.0};
        for (int k = 0; k < m->n_elements; k++) {
            double one[3];
            RGQ_PASS(err, element_sections(one, m->z[k], 1e3 * from, err));
            for (int c = 0; c < 3; c++)
                sum[c] += m->mass_fraction[k] / whole * one[c];
        }
        if (energy > from) {
            xrl_error *why = NULL;
            const double fall = from / energy;
            const double kn = CS_KN(1e3 * energy, &why) / CS_KN(1e3 * from, &why);
            double ratio;
            RGQ_PASS(err, checked(&ratio, kn, &why, "Klein-Nishina", 0, 1e3 * energy, err));
            sum[0] *= fall * fall;
            sum[1] *= ratio;
            sum[2] *= fall * fall;
        }
        const double pair = pair_of(strength, energy);
        const double kept = fmax(1.0 - 2.0 * rgq_electron_mass_mev / energy, 0.0);
        out->at[i] = (rgq_photon_coefficients){
            (float)sum[0], (float)sum[1], (float)sum[2], (float)pair,
            (float)(sum[0] + sum[1] * transferred_share(out, energy) + pair * kept)};
    }
    return RGQ_OK;
}

rgq_status rgq_photon_data_make(rgq_photon_data *out, const bool want[RGQ_MATERIALS],
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_photon_data made = {{NULL}};

    *out = made;
    for (int id = RGQ_MATERIAL_VOID + 1; id < RGQ_MATERIALS; id++) {
        if (!want[id])
            continue;
        RGQ_TRY(err, rgq_alloc(&made.of[id], 1, sizeof *made.of[id], err));
        RGQ_TRY(err, fill_factors(made.of[id], rgq_material_at(id), err));
        RGQ_TRY(err, fill_sections(made.of[id], rgq_material_at(id), err));
    }
    *out = made;
    made = (rgq_photon_data){{NULL}};
out:
    rgq_photon_data_release(&made);
    return st;
}

void rgq_photon_data_release(rgq_photon_data *data)
{
    for (int id = 0; id < RGQ_MATERIALS; id++) {
        rgq_free(data->of[id]);
        data->of[id] = NULL;
    }
}

int rgq_photon_entry(double energy_mev, float *share)
{
    static const double per_mev = 1.0 / 0.002;       /* of lowest_mev */
    static const double log_range = 7.3132203870903; /* ln(highest_mev / lowest_mev) */
    static const double last = RGQ_PHOTON_ENERGIES - 1.001;
    const double at = log(energy_mev * per_mev) * ((RGQ_PHOTON_ENERGIES - 1) / log_range);
    const double inside = at < 0.0 ? 0.0 : at > last ? last : at;
    const int i = (int)inside;

    *share = (float)(inside - i);
    return i;
}

rgq_photon_coefficients rgq_photon_coefficients_at(const rgq_photon_material *material,
                                                   double energy_mev)
{
    float t;
    const rgq_photon_coefficients *a = &material->at[rgq_photon_entry(energy_mev, &t)];
    const rgq_photon_coefficients *b = a + 1;

    return (rgq_photon_coefficients){
        a->photo + t * (b->photo - a->photo), a->compton + t * (b->compton - a->compton),
        a->rayleigh + t * (b->rayleigh - a->rayleigh), a->pair + t * (b->pair - a->pair),
        a->transfer + t * (b->transfer - a->transfer)};
}
