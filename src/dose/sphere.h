/* Spheres with activity spread evenly in them, and walls around them. */
#ifndef RGQ_DOSE_SPHERE_H
#define RGQ_DOSE_SPHERE_H

#include "dose/radial_kernel.h"

/** A sphere in an endless medium like itself. */
typedef struct rgq_sphere {
    double mass_g;
    double radius_mm;
    double electron_mev, photon_mev;           /**< emitted per decay, betas included */
    double electron_fraction, photon_fraction; /**< of them that the sphere absorbs; 1 and 0
                                                    where nothing is emitted */
    double electron_s, photon_s;               /**< mean dose per decay [mGy / (MBq s)] */
} rgq_sphere;

/**
 * @brief Mean dose of a sphere to itself.
 *
 * The absorbed fraction is the point kernel weighted with the chance 1 - 3 r / (4 R) + r^3 /
 * (16 R^3) that what is r away from a place in the sphere still lies in it.
 *
 * @param[in] mass_g         0.001 .. 1e6
 * @param[in] density_g_cm3  0.1 .. 20; published factors are for 1
 * @param[in] electron       kernels of the nuclide
 * @return RGQ_OK; RGQ_E_ARGUMENT
 * @see cite:Stabin2000; test: tests/unit/dose/test_sphere.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_sphere_dose(rgq_sphere *out, double mass_g,
                                                  double density_g_cm3,
                                                  const rgq_radial_kernel *electron,
                                                  const rgq_radial_kernel *photon,
                                                  rgq_error *err);

/** Share of a kernel's energy that a sphere [mm at 1 g/cm3] absorbs of decays in itself. */
RGQ_API double rgq_sphere_fraction(const rgq_radial_kernel *kernel, double radius_mm);

/**
 * @brief Mean dose that electrons of a sphere's contents give its wall, over half the mean dose
 * 0.5 E / m of endless contents, which is the convention for their surface.
 *
 * What rgq_svalues_compute() takes as wall_fraction. A bladder: 202 ml and 2.52 mm.
 * @param[in] contents_ml  > 0
 * @param[in] wall_mm      > 0; contents and wall of density_g_cm3
 * @return 0 .. 1; NaN where nothing is emitted
 */
RGQ_API double rgq_wall_fraction(const rgq_radial_kernel *electron, double contents_ml,
                                 double wall_mm, double density_g_cm3);

#endif
