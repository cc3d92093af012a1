/* Dose of every voxel, from the decays in every voxel. */
#ifndef RGQ_DOSE_DOSE_MAP_H
#define RGQ_DOSE_DOSE_MAP_H

#include "dose/anatomy.h"
#include "dose/photon_mc.h"
#include "dose/radial_kernel.h"

typedef enum rgq_dose_engine {
    RGQ_DOSE_LOCAL,  /**< electrons where they arise; no photon */
    RGQ_DOSE_KERNEL, /**< point kernels of endless tissue, by Fourier transform */
    RGQ_DOSE_MC      /**< photons followed through the body; electrons as `electrons` says */
} rgq_dose_engine;

/** What becomes of electrons. */
typedef enum rgq_electron_way {
    RGQ_ELECTRONS_AUTO,  /**< rgq_electron_way_of() */
    RGQ_ELECTRONS_LOCAL, /**< absorbed in the voxel they arise in */
    RGQ_ELECTRONS_KERNEL /**< by their kernel */
} rgq_electron_way;

/** What is known about where. All arrays: n[0] * n[1] * n[2] voxels, x fastest. */
typedef struct rgq_dose_field {
    int n[3]; /**< each 1 .. 4096 */
    double voxel_mm[3];
    const float *activity_mbq_s; /**< decays of a voxel [MBq s]: the integral of its activity,
                                      >= 0, finite */
    const float *density_g_cm3;  /**< or NULL: soft tissue, 1.04, in every voxel */
    const rgq_anatomy *body; /**< RGQ_DOSE_MC: what photons are followed through, on the same
                                  voxels; NULL: made of density_g_cm3 (below 0.05 air, below 0.6
                                  lung, above 1.2 bone, else soft tissue) */
} rgq_dose_field;

typedef struct rgq_dose_map_opts {
    rgq_dose_engine engine;
    rgq_electron_way electrons;
    const rgq_radial_kernel *electron; /**< NULL: made as needed; else of soft tissue */
    const rgq_radial_kernel *photon;
    rgq_photon_opts photons; /**< RGQ_DOSE_MC: histories, uncertainty, seed */
} rgq_dose_map_opts;

#define RGQ_DOSE_MAP_OPTS_INIT                                                                 \
    {                                                                                          \
        .engine = RGQ_DOSE_KERNEL, .photons = RGQ_PHOTON_OPTS_INIT                             \
    }

/** What was done. */
typedef struct rgq_dose_map_report {
    rgq_dose_engine engine;
    rgq_electron_way electrons; /**< never AUTO */
    double decays_mbq_s;        /**< of all voxels */
    double electron_mev;        /**< per decay, betas included */
    double photon_mev;
    double absorbed_mev; /**< per decay, in all voxels of the map */
    double sd_mev;       /**< RGQ_DOSE_MC: of absorbed_mev, by the photons; else 0 */
    long long histories; /**< RGQ_DOSE_MC: photons followed; else 0 */
    size_t thin_voxels;  /**< of less than 0.05 g/cm3: their dose is set to 0 */
    int padded[3];       /**< RGQ_DOSE_KERNEL: lengths that were transformed; else 0 */
    size_t bytes;        /**< ... and what they took */
} rgq_dose_map_report;

/** "local", "kernel", "mc". */
RGQ_API const char *rgq_dose_engine_name(rgq_dose_engine engine);

/**
 * @brief Do electrons of this nuclide need their kernel on voxels of this size?
 *
 * They do where a beta branch of at least 1 % ends above 1.2 MeV (Ga-68, Y-90, I-124, Y-86), or
 * where voxels are finer than 2.5 mm (third root of their volume). Elsewhere the blur of the
 * camera exceeds the way of the electrons, and the kernel would blur twice.
 */
RGQ_API rgq_electron_way rgq_electron_way_of(const rgq_spectrum *spectrum,
                                             const double voxel_mm[3]);

/**
 * @brief Dose map [mGy].
 *
 * local: dose = decays x energy of electrons / mass. kernel: the decays convolved with the
 * voxel kernels of electrons and photons (1.04 g/cm3, endless), zero outside the map; the
 * electron part times 1.04 / density where densities are given, the photon part as it is:
 * photons of distant voxels do not deposit more energy per gram in a thin one. mc: photons
 * through the body.
 *
 * kernel has no body surface: self dose 0.5 to 3 % too high, neighbours 5 to 15 %, distant
 * organs 20 to 45 %. Bremsstrahlung is left out.
 *
 * @param[out] dose_mgy  one value a voxel; may not overlap the inputs; undefined on failure
 * @param[out] report    may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (sizes; decays below 0 or not finite; a density outside
 *         0 .. 30; a body on other voxels; a kernel of another nuclide); RGQ_E_CANCELLED;
 *         RGQ_E_NOMEM
 * Cost: kernel: two transforms of the doubled size and a half (one without densities). Memory,
 * too: 1.5 times the doubled volume in floats. Threads: same bits for any thread count.
 * @see cite:Bolch1999; test: tests/unit/dose/test_dose_map.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_map(float *dose_mgy, rgq_dose_map_report *report,
                                               const rgq_dose_field *source,
                                               const rgq_spectrum *spectrum,
                                               const rgq_dose_map_opts *opts,
                                               const rgq_log *log, rgq_error *err);

#endif
