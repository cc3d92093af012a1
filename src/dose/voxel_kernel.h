/* Voxel kernels: energy that a voxel takes from a decay somewhere in another. */
#ifndef RGQ_DOSE_VOXEL_KERNEL_H
#define RGQ_DOSE_VOXEL_KERNEL_H

#include <stddef.h>

#include "dose/radial_kernel.h"

/** One eighth of a kernel that is even along every axis. */
typedef struct rgq_voxel_kernel {
    int reach[3]; /**< largest offset along each axis */
    double voxel_mm[3];
    double density_g_cm3;
    double sum_mev; /**< over all offsets, up to the reach in every direction */
    float *mev; /**< (reach + 1) each, x fastest: MeV per decay that the voxel at that offset
                     absorbs */
} rgq_voxel_kernel;

/**
 * @brief Mean over the places of a decay in its voxel, for voxels of any size.
 *
 * The density of differences between two places in two voxels is a product of triangles; so a
 * voxel at offset d takes the integral of the point kernel times prod(1 - |u_i / h_i - d_i|).
 * The triangles of all offsets add up to 1 everywhere: shells of the point kernel are cut into
 * directions and shared out among the eight offsets around each place, by which no energy is
 * lost or made. Beyond ten voxels the mean of eight places stands in, which have the same
 * variance; beyond forty the point kernel at the offset.
 *
 * @param[out] out       free with rgq_voxel_kernel_free(); NULL on failure
 * @param[in]  most      largest offset wanted along each axis, 0 .. 4096; the kernel ends where
 *                       the point kernel does, if that is nearer
 * @param[in]  voxel_mm  each 0.01 .. 1000
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM
 * Cost: 4 bytes an offset of the eighth; 10 ns an offset, and 0.1 us for each of some 1e6
 * places near by. Threads: same bits for any thread count.
 * @see cite:Lanconelli2012; test: tests/unit/dose/test_voxel_kernel.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_voxel_kernel_make(rgq_voxel_kernel **out,
                                                        const rgq_radial_kernel *point,
                                                        const double voxel_mm[3],
                                                        double density_g_cm3, const int most[3],
                                                        rgq_error *err);
RGQ_API void rgq_voxel_kernel_free(rgq_voxel_kernel *kernel); /**< NULL is allowed */

/** MeV per decay at an offset; 0 beyond the reach. */
RGQ_API double rgq_voxel_kernel_at(const rgq_voxel_kernel *kernel, int dx, int dy, int dz);

/** The same as a dose [mGy / (MBq s)]: a voxel S value. */
RGQ_API double rgq_voxel_s(const rgq_voxel_kernel *kernel, int dx, int dy, int dz);

#endif
