/* Point kernels: how far from a decay its energy is absorbed in an endless medium. */
#ifndef RGQ_DOSE_RADIAL_KERNEL_H
#define RGQ_DOSE_RADIAL_KERNEL_H

#include "dose/electron.h"
#include "dose/spectrum.h"
#include "rgdquant/log.h"

/** Energy absorbed within a distance, per decay. Distances are those of density 1 g/cm3; at
 *  another they are divided by it. */
typedef struct rgq_radial_kernel {
    char key[65];        /**< SHA-256 of all it was computed from */
    long long histories; /**< 0: nothing was to be followed */
    double emitted_mev;  /**< per decay */
    int n;
    double *radius_mm;  /**< n + 1 distances, from 0, growing */
    double *within_mev; /**< n + 1, from 0; what is missing to emitted_mev lies beyond the last
                             (photons: at most a few 1e-4) */
} rgq_radial_kernel;

typedef struct rgq_kernel_opts {
    long long histories; /**< 1000 .. 1e9 */
    uint64_t seed;
    int material;               /**< rgq_material_id; electrons: water or soft tissue */
    rgq_electron_opts electron; /**< electrons */
} rgq_kernel_opts;

/** 4e5 histories know the energy a 4 mm voxel keeps to 0.1 %. */
#define RGQ_ELECTRON_KERNEL_OPTS_INIT                                                          \
    {                                                                                          \
        .histories = 400000, .seed = 1, .material = RGQ_MATERIAL_SOFT,                         \
        .electron = RGQ_ELECTRON_OPTS_INIT                                                     \
    }
#define RGQ_PHOTON_KERNEL_OPTS_INIT                                                            \
    {                                                                                          \
        .histories = 1000000, .seed = 1, .material = RGQ_MATERIAL_SOFT,                        \
        .electron = RGQ_ELECTRON_OPTS_INIT                                                     \
    }

/** SHA-256 of what a kernel depends on: emissions, options, version of the transport.
 *  @param[in] photons  of rgq_photon_kernel(), else of rgq_electron_kernel()
 *  @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_radial_kernel_key(char out[65],
                                                        const rgq_spectrum *spectrum,
                                                        const rgq_kernel_opts *opts,
                                                        bool photons, rgq_error *err);

/**
 * @brief Betas and discrete electrons of a nuclide, followed through an endless medium.
 *
 * @param[out] out  free with rgq_radial_kernel_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (histories, energies above 4 MeV); RGQ_E_NOMEM
 * Cost: per history and core some 5 us (Lu-177) to 60 us (Y-90). Threads: same bits for any
 * thread count: 64 batches with random numbers of their own, added in order.
 * @see test: tests/unit/dose/test_radial_kernel.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_electron_kernel(rgq_radial_kernel **out,
                                                      const rgq_spectrum *spectrum,
                                                      const rgq_kernel_opts *opts,
                                                      const rgq_log *log, rgq_error *err);

/**
 * @brief Photons of a nuclide: collision kerma, the unscattered part by its formula, the rest
 *        followed.
 *
 * The scattered part is scaled so that nothing is lost (by the noise of the estimator).
 * @return RGQ_OK; RGQ_E_ARGUMENT; as rgq_photon_data_make(); RGQ_E_NOMEM
 * Cost: some 1 us a history and core. Threads: as above.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_photon_kernel(rgq_radial_kernel **out,
                                                    const rgq_spectrum *spectrum,
                                                    const rgq_kernel_opts *opts,
                                                    const rgq_log *log, rgq_error *err);

RGQ_API void rgq_radial_kernel_free(rgq_radial_kernel *kernel); /**< NULL is allowed */

/** Energy [MeV] per decay absorbed within a distance [mm at 1 g/cm3] >= 0; linear between the
 *  distances of the table. */
RGQ_API double rgq_radial_kernel_within(const rgq_radial_kernel *kernel, double radius_mm);

/** Distance [mm at 1 g/cm3] that holds a share, 0 .. 1, of the emitted energy; the last of the
 *  table if it holds less. */
RGQ_API double rgq_radial_kernel_radius(const rgq_radial_kernel *kernel, double share);

/** As text, for the cache; ends with the SHA-256 of all before it. Release with rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_radial_kernel_print(char **out,
                                                          const rgq_radial_kernel *kernel,
                                                          rgq_error *err);

/** The other way. @return RGQ_OK; RGQ_E_FORMAT if a byte was lost or changed, or if `key` is
 *  another; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_radial_kernel_parse(rgq_radial_kernel **out,
                                                          const char *text, size_t length,
                                                          const char *key, rgq_error *err);

#endif
