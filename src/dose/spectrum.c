#include "dose/spectrum.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/photon_data.h"
#include "num/special.h"

static const double fine_structure = 1.0 / 137.035999;
static const double agreement = 0.025; /* of a mean by theory and by table */
/* hbar / (m c), the unit of length of the theory [fm] */
static const double compton_fm = 386.159;

static int atomic_number(const char *nuclide)
{
    static const char *const symbols[] = {
        "",   "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al",
        "Si", "P",  "S",  "Cl", "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co",
        "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb",
        "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs",
        "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm",
        "Yb", "Lu", "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi",
        "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U"};
    const size_t length = strcspn(nuclide, "-");

    for (size_t z = 1; z < sizeof symbols / sizeof symbols[0]; z++)
        if (strlen(symbols[z]) == length && strncmp(symbols[z], nuclide, length) == 0)
            return (int)z;
    return 0;
}

/* Density of the theory at kinetic energy T; any constant factor is left out. */
static double density(double t_mev, double end_mev, int z_daughter, double radius,
                      bool positron, bool unique)
{
    const double w = t_mev / rgq_electron_mass_mev + 1.0;
    const double p = sqrt(w * w - 1.0);
    const double q = (end_mev - t_mev) / rgq_electron_mass_mev;
    const double az = fine_structure * z_daughter;
    const double g = sqrt(1.0 - az * az);
    const double eta = (positron ? -az : az) * w / p;
    const double fermi = exp((2.0 * g - 2.0) * log(2.0 * p * radius) + M_PI * eta +
                             2.0 * rgq_ln_gamma_modulus(g, eta));
    const double shape = unique ? p * p + q * q : 1.0;

    return p * w * q * q * fermi * shape;
}

static rgq_status fill_beta(rgq_beta_spectrum *out, const rgq_beta *beta, int z_parent,
                            const char *nuclide, rgq_error *err)
{
    const double end_mev = 1e-3 * beta->end_point_kev;
    const int z = z_parent + (beta->is_positron ? -1 : 1);
    const double mass_number = z > 2 ? 2.5 * z : 4.0; /* enters by the radius alone */
    const double radius = 1.2 * cbrt(mass_number) / compton_fm;
    const bool unique = strcmp(beta->forbiddenness, "unique-1") == 0;
    double sum = 0.0, first = 0.0, second = 0.0;

    *out = (rgq_beta_spectrum){.positron = beta->is_positron,
                               .yield = beta->yield,
                               .mean_mev = 1e-3 * beta->mean_energy_kev,
                               .end_mev = end_mev};
    for (int i = 0; i < RGQ_BETA_BINS; i++) {
        const double t = (i + 0.5) / RGQ_BETA_BINS * end_mev;
        const double weight = density(t, end_mev, z, radius, beta->is_positron, unique);
        sum += weight;
        first += weight * t;
        second += weight * t * t;
        out->cdf[i + 1] = weight;
    }
    const double mean = first / sum;
    out->theory_mean_mev = mean;
    if (!(fabs(mean / out->mean_mev - 1.0) < agreement))
        return RGQ_RAISE(
            err, RGQ_E_NUMERIC,
            "%s: a beta branch of end point %g keV has a mean of %.4g keV by theory; the "
            "table says %g keV",
            nuclide, beta->end_point_kev, 1e3 * mean, beta->mean_energy_kev);
    /* The mean of the table by a tilt: the end point, which far deposits depend on, stays. */
    const double tilt = (out->mean_mev - mean) / (second / sum - mean * mean);
    for (int i = 0; i < RGQ_BETA_BINS; i++) {
        const double t = (i + 0.5) / RGQ_BETA_BINS * end_mev;
        out->cdf[i + 1] = out->cdf[i] + out->cdf[i + 1] / sum * (1.0 + tilt * (t - mean));
    }
    return RGQ_OK;
}

/* What the table's totals hold beyond the lines: soft photons raise the yields of those that
 * are listed, soft electrons stay where they arise and stand as one line. */
static double raise_photons(rgq_spectrum *s, const rgq_nuclide *nuclide)
{
    double listed = 0.0;

    for (int i = 0; i < s->n_photons; i++)
        listed += s->photon[i].yield * s->photon[i].energy_mev;
    if (!nuclide->unlisted_photon_mev.known || !(listed > 0.0))
        return listed;
    const double more = 1.0 + nuclide->unlisted_photon_mev.value / listed;
    for (int i = 0; i < s->n_photons; i++)
        s->photon[i].yield *= more;
    return listed * more;
}

static rgq_status fill_lines(rgq_spectrum *s, const rgq_nuclide *nuclide, rgq_error *err)
{
    /* One more of each: an allocation of nothing is refused. */
    int n_flat = nuclide->unlisted_electron_mev.known ? 2 : 1;

    for (int i = 0; i < nuclide->n_betas; i++) /* without an end point: a line at the mean */
        n_flat += isnan(nuclide->beta[i].end_point_kev) ? 1 : 0;
    RGQ_PASS(err,
             rgq_alloc(&s->photon, (size_t)nuclide->n_photons + 1, sizeof *s->photon, err));
    RGQ_PASS(err, rgq_alloc(&s->electron, (size_t)(nuclide->n_electrons + n_flat),
                            sizeof *s->electron, err));
    RGQ_PASS(err, rgq_alloc(&s->beta, (size_t)nuclide->n_betas + 1, sizeof *s->beta, err));
    for (; s->n_photons < nuclide->n_photons; s->n_photons++)
        s->photon[s->n_photons] = (rgq_line){1e-3 * nuclide->photon[s->n_photons].energy_kev,
                                             nuclide->photon[s->n_photons].yield};
    for (; s->n_electrons < nuclide->n_electrons; s->n_electrons++)
        s->electron[s->n_electrons] =
            (rgq_line){1e-3 * nuclide->electron[s->n_electrons].energy_kev,
                       nuclide->electron[s->n_electrons].yield};
    return RGQ_OK;
}

static rgq_status fill_betas(rgq_spectrum *s, const rgq_nuclide *nuclide, rgq_error *err)
{
    const int z = atomic_number(nuclide->id);

    if (z == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%s' names no element that is known",
                         nuclide->id);
    for (int i = 0; i < nuclide->n_betas; i++) {
        const rgq_beta *beta = &nuclide->beta[i];
        if (isnan(beta->end_point_kev)) {
            s->electron[s->n_electrons++] =
                (rgq_line){1e-3 * beta->mean_energy_kev, beta->yield};
            continue;
        }
        RGQ_PASS(err, fill_beta(&s->beta[s->n_betas], beta, z, nuclide->id, err));
        s->beta_mev += 1e-3 * beta->mean_energy_kev * beta->yield;
        s->n_betas++;
    }
    return RGQ_OK;
}

/* Soft electrons that are in the totals alone: one line of 1 keV, which ends where it starts.
 */
static void add_soft_electrons(rgq_spectrum *s, const rgq_nuclide *nuclide)
{
    static const double soft_mev = 0.001;

    if (nuclide->unlisted_electron_mev.known)
        s->electron[s->n_electrons++] =
            (rgq_line){soft_mev, nuclide->unlisted_electron_mev.value / soft_mev};
}

rgq_status rgq_spectrum_make(rgq_spectrum *out, const rgq_nuclide *nuclide, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_spectrum s = {.n_photons = 0};

    *out = s;
    rgq_text_copy(s.nuclide, sizeof s.nuclide, nuclide->id);
    if (!nuclide->half_life_s.known || nuclide->n_photons + nuclide->n_betas == 0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the emissions of %s are not in the table of nuclides; see `rgdquant "
                         "tracer check`",
                         nuclide->id);
    s.half_life_s = nuclide->half_life_s.value;
    s.table_photon_mev = nuclide->mean_photon_energy_mev.known
                             ? nuclide->mean_photon_energy_mev.value
                             : (double)NAN;
    s.table_electron_mev = nuclide->mean_electron_energy_mev.known
                               ? nuclide->mean_electron_energy_mev.value
                               : (double)NAN;
    RGQ_TRY(err, fill_lines(&s, nuclide, err));
    RGQ_TRY(err, fill_betas(&s, nuclide, err));
    add_soft_electrons(&s, nuclide);
    s.photon_mev = raise_photons(&s, nuclide);
    s.electron_mev = 0.0;
    for (int i = 0; i < s.n_electrons; i++)
        s.electron_mev += s.electron[i].energy_mev * s.electron[i].yield;
    *out = s;
    s = (rgq_spectrum){.n_photons = 0};
out:
    rgq_spectrum_release(&s);
    return st;
}

void rgq_spectrum_release(rgq_spectrum *spectrum)
{
    rgq_free(spectrum->photon);
    rgq_free(spectrum->electron);
    rgq_free(spectrum->beta);
    *spectrum = (rgq_spectrum){.n_photons = 0};
}

double rgq_beta_energy(const rgq_beta_spectrum *beta, double u)
{
    int lo = 0;
    int hi = RGQ_BETA_BINS;

    while (hi - lo > 1) {
        const int middle = (lo + hi) / 2;
        if (beta->cdf[middle] <= u)
            lo = middle;
        else
            hi = middle;
    }
    const double gap = beta->cdf[hi] - beta->cdf[lo];
    const double t = gap > 0.0 ? (u - beta->cdf[lo]) / gap : 0.5;
    return (lo + fmin(fmax(t, 0.0), 1.0)) / RGQ_BETA_BINS * beta->end_mev;
}
