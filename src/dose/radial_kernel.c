#include "dose/radial_kernel.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/text.h"
#include "dose/cache_text.h"
#include "dose/radial_parts.h"

enum { BINS_MAX = 100000 };

/* Raised whenever the transport or its tables change: older caches are made anew. */
static const char version[] = "rgdquant point kernel 1";

rgq_status rgq_radial_create(rgq_radial_kernel **out, int n, double last_mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_radial_kernel *k = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&k, 1, sizeof *k, err));
    k->n = n;
    RGQ_TRY(err, rgq_alloc(&k->radius_mm, (size_t)n + 1, sizeof *k->radius_mm, err));
    RGQ_TRY(err, rgq_alloc(&k->within_mev, (size_t)n + 1, sizeof *k->within_mev, err));
    for (int i = 0; i <= n; i++)
        k->radius_mm[i] = last_mm * ((double)i / n) * ((double)i / n);
    *out = k;
    k = NULL;
out:
    rgq_radial_kernel_free(k);
    return st;
}

void rgq_radial_kernel_free(rgq_radial_kernel *kernel)
{
    if (kernel == NULL)
        return;
    rgq_free(kernel->radius_mm);
    rgq_free(kernel->within_mev);
    rgq_free(kernel);
}

int rgq_radial_bin(double share)
{
    return share < 1.0 ? (int)(sqrt(share) * RGQ_RADIAL_BINS) : RGQ_RADIAL_BINS;
}

double rgq_radial_stratum(long long i, long long n, rgq_stream *random)
{
    return ((double)i + (double)rgq_stream_uniform(random)) / (double)n;
}

/* The entry below a distance. */
static int entry_of(const double *table, int n, double value)
{
    int lo = 0;
    int hi = n;

    while (hi - lo > 1) {
        const int middle = (lo + hi) / 2;
        if (table[middle] <= value)
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

double rgq_radial_kernel_within(const rgq_radial_kernel *kernel, double radius_mm)
{
    if (radius_mm >= kernel->radius_mm[kernel->n])
        return kernel->within_mev[kernel->n];
    const int i = entry_of(kernel->radius_mm, kernel->n, radius_mm);
    const double share =
        (radius_mm - kernel->radius_mm[i]) / (kernel->radius_mm[i + 1] - kernel->radius_mm[i]);
    return kernel->within_mev[i] + share * (kernel->within_mev[i + 1] - kernel->within_mev[i]);
}

double rgq_radial_kernel_radius(const rgq_radial_kernel *kernel, double share)
{
    const double wanted = share * kernel->emitted_mev;

    if (wanted >= kernel->within_mev[kernel->n])
        return kernel->radius_mm[kernel->n];
    const int i = entry_of(kernel->within_mev, kernel->n, wanted);
    const double gap = kernel->within_mev[i + 1] - kernel->within_mev[i];
    const double t = gap > 0.0 ? (wanted - kernel->within_mev[i]) / gap : 0.0;
    return kernel->radius_mm[i] + t * (kernel->radius_mm[i + 1] - kernel->radius_mm[i]);
}

static void print_lines(rgq_text *text, const char *name, const rgq_line *line, int n)
{
    for (int i = 0; i < n; i++)
        rgq_text_printf(text, "%s %.17g %.17g\n", name, line[i].energy_mev, line[i].yield);
}

static rgq_status print_betas(rgq_text *text, const rgq_spectrum *spectrum, rgq_error *err)
{
    for (int i = 0; i < spectrum->n_betas; i++) {
        const rgq_beta_spectrum *b = &spectrum->beta[i];
        char hex[RGQ_SHA256_TEXT];
        RGQ_PASS(err, rgq_hash_bytes(hex, b->cdf, sizeof b->cdf, err));
        rgq_text_printf(text, "beta %d %.17g %.17g %s\n", b->positron, b->yield, b->end_mev,
                        hex);
    }
    return RGQ_OK;
}

rgq_status rgq_radial_kernel_key(char out[65], const rgq_spectrum *spectrum,
                                 const rgq_kernel_opts *opts, bool photons, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    char hex[RGQ_SHA256_TEXT];

    rgq_text_printf(&text, "%s\n%lld %llu material %d\n", version, opts->histories,
                    (unsigned long long)opts->seed, opts->material);
    if (photons) {
        print_lines(&text, "photon", spectrum->photon, spectrum->n_photons);
    } else {
        rgq_text_printf(&text, "%.17g %.17g %.17g %.17g\n", opts->electron.hard_mev,
                        opts->electron.stop_mev, opts->electron.step, opts->electron.bend);
        print_lines(&text, "electron", spectrum->electron, spectrum->n_electrons);
        RGQ_TRY(err, print_betas(&text, spectrum, err));
    }
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
    rgq_text_copy(out, RGQ_SHA256_TEXT, hex);
out:
    rgq_text_release(&text);
    return st;
}

rgq_status rgq_radial_kernel_print(char **out, const rgq_radial_kernel *kernel, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    *out = NULL;
    rgq_text_printf(&text, "%s\nkey\t%s\nhistories\t%lld\nemitted\t%.17g\nbins\t%d\n", version,
                    kernel->key, kernel->histories, kernel->emitted_mev, kernel->n);
    for (int i = 0; i <= kernel->n; i++)
        rgq_text_printf(&text, "%.17g\t%.17g\n", kernel->radius_mm[i], kernel->within_mev[i]);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_cache_seal(out, &text, err));
out:
    rgq_text_release(&text);
    return st;
}

static rgq_status read_table(rgq_radial_kernel *k, rgq_cache_reader *r, rgq_error *err)
{
    for (int i = 0; i <= k->n; i++) {
        RGQ_PASS(err, rgq_cache_number(&k->radius_mm[i], r, err));
        RGQ_PASS(err, rgq_cache_number(&k->within_mev[i], r, err));
        const bool grows = i == 0 ? k->radius_mm[0] == 0.0 && k->within_mev[0] == 0.0
                                  : k->radius_mm[i] > k->radius_mm[i - 1] &&
                                        k->within_mev[i] >= k->within_mev[i - 1];
        if (!grows)
            return rgq_cache_damaged(err);
    }
    return RGQ_OK;
}

rgq_status rgq_radial_kernel_parse(rgq_radial_kernel **out, const char *text, size_t length,
                                   const char *key, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_radial_kernel *k = NULL;
    rgq_cache_reader r = {NULL, NULL, NULL};
    double histories, emitted, bins;
    char found_key[65];

    *out = NULL;
    RGQ_TRY(err, rgq_cache_open(&r, text, length, version, err));
    RGQ_TRY(err, rgq_cache_word(found_key, sizeof found_key, &r, "key", err));
    if (strcmp(found_key, key) != 0)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_FORMAT,
                               "the kernel is of another nuclide or number of histories"));
    RGQ_TRY(err, rgq_cache_named(&histories, &r, "histories", 0.0, 1e15, err));
    RGQ_TRY(err, rgq_cache_named(&emitted, &r, "emitted", 0.0, 1e3, err));
    RGQ_TRY(err, rgq_cache_named(&bins, &r, "bins", 1.0, BINS_MAX, err));
    RGQ_TRY(err, rgq_radial_create(&k, (int)bins, 1.0, err));
    rgq_text_copy(k->key, sizeof k->key, found_key);
    k->histories = (long long)histories;
    k->emitted_mev = emitted;
    RGQ_TRY(err, read_table(k, &r, err));
    *out = k;
    k = NULL;
out:
    rgq_cache_close(&r);
    rgq_radial_kernel_free(k);
    return st;
}
