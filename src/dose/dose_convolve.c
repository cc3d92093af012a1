#include "core/alloc.h"
#include "core/banned.h"
#include "dose/dose_parts.h"
#include "dose/voxel_kernel.h"
#include "num/fft.h"

static rgq_status make_kernel(rgq_voxel_kernel **out, const rgq_dose_work *w, bool photons,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_radial_kernel *point = photons ? w->opts->photon : w->opts->electron;
    rgq_radial_kernel *made = NULL;
    int most[3];

    for (int a = 0; a < 3; a++)
        most[a] = w->source->n[a] - 1;
    if (point == NULL && photons) {
        const rgq_kernel_opts opts = RGQ_PHOTON_KERNEL_OPTS_INIT;
        RGQ_TRY(err, rgq_photon_kernel(&made, w->spectrum, &opts, w->log, err));
    } else if (point == NULL) {
        const rgq_kernel_opts opts = RGQ_ELECTRON_KERNEL_OPTS_INIT;
        RGQ_TRY(err, rgq_electron_kernel(&made, w->spectrum, &opts, w->log, err));
    }
    RGQ_TRY(err, rgq_voxel_kernel_make(out, made != NULL ? made : point, w->source->voxel_mm,
                                       rgq_dose_density, most, err));
out:
    rgq_radial_kernel_free(made);
    return st;
}

/* Add the electrons to the photons: in a uniform medium one transform does for both. */
static void merge(rgq_voxel_kernel *into, const rgq_voxel_kernel *electron, double local_mev)
{
    if (electron == NULL) {
        into->mev[0] += (float)local_mev;
        return;
    }
    for (int z = 0; z <= into->reach[2]; z++)
        for (int y = 0; y <= into->reach[1]; y++)
            for (int x = 0; x <= into->reach[0]; x++) {
                const size_t at = ((size_t)z * (size_t)(into->reach[1] + 1) + (size_t)y) *
                                      (size_t)(into->reach[0] + 1) +
                                  (size_t)x;
                into->mev[at] += (float)rgq_voxel_kernel_at(electron, x, y, z);
            }
}

static bool reaches(const rgq_voxel_kernel *k, const rgq_voxel_kernel *as_far_as)
{
    return as_far_as == NULL ||
           (k->reach[0] >= as_far_as->reach[0] && k->reach[1] >= as_far_as->reach[1] &&
            k->reach[2] >= as_far_as->reach[2]);
}

static rgq_status convolve(rgq_dose_work *w, const rgq_voxel_kernel *k, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft_layout layout = {.border = RGQ_BORDER_ZERO};
    rgq_fft *fft = NULL;

    for (int a = 0; a < 3; a++) {
        layout.n[a] = w->source->n[a];
        layout.reach[a] = k->reach[a];
    }
    RGQ_TRY(err, rgq_fft_create(&fft, &layout, err));
    RGQ_TRY(err, rgq_fft_set_even(fft, k->reach, k->mev, err));
    rgq_fft_run(fft, w->energy, w->source->activity_mbq_s, false);
    const rgq_fft_report report = rgq_fft_describe(fft);
    for (int a = 0; a < 3; a++)
        if (report.padded[a] > w->report.padded[a])
            w->report.padded[a] = report.padded[a];
    if (report.bytes > w->report.bytes)
        w->report.bytes = report.bytes;
out:
    rgq_fft_free(fft);
    return st;
}

/* Electrons into the doses; by kernel in `electron`, or where they arise. */
static rgq_status add_electrons(rgq_dose_work *w, const rgq_voxel_kernel *electron,
                                rgq_error *err)
{
    if (electron != NULL)
        RGQ_PASS(err, convolve(w, electron, err));
    else
        rgq_dose_deposit(w, w->energy, w->report.electron_mev);
    rgq_dose_add(w, w->energy, true);
    return RGQ_OK;
}

rgq_status rgq_dose_convolve(rgq_dose_work *w, bool electrons_by_kernel, bool photons,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_voxel_kernel *electron = NULL;
    rgq_voxel_kernel *photon = NULL;
    const bool uniform = w->source->density_g_cm3 == NULL && w->source->body == NULL;

    photons = photons && w->report.photon_mev > 0.0;
    if (electrons_by_kernel)
        RGQ_TRY(err, make_kernel(&electron, w, false, err));
    if (photons)
        RGQ_TRY(err, make_kernel(&photon, w, true, err));
    if (photons && uniform && reaches(photon, electron)) {
        merge(photon, electron, w->report.electron_mev);
        RGQ_TRY(err, convolve(w, photon, err));
        rgq_dose_add(w, w->energy, true);
    } else {
        RGQ_TRY(err, add_electrons(w, electron, err));
        if (photons) {
            RGQ_TRY(err, convolve(w, photon, err));
            rgq_dose_add(w, w->energy, false);
        }
    }
out:
    rgq_voxel_kernel_free(electron);
    rgq_voxel_kernel_free(photon);
    return st;
}
