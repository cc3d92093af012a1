/* The solids a phantom is made of. */
#ifndef RGQ_PHANTOM_SOLID_H
#define RGQ_PHANTOM_SOLID_H

#include "rgdquant/error.h"

typedef enum rgq_solid_kind {
    RGQ_SOLID_ELLIPSOID, /* a sphere too */
    RGQ_SOLID_CYLINDER,  /* elliptical, along `axis` */
    RGQ_SOLID_BOX
} rgq_solid_kind;

enum { RGQ_SOLID_CUTS_MAX = 8 };

/** Points with normal . p <= at_most_mm, |normal| = 1. */
typedef struct rgq_half_space {
    double normal[3];
    double at_most_mm;
} rgq_half_space;

typedef struct rgq_solid {
    rgq_solid_kind kind;
    int axis; /* of a cylinder: 0, 1, 2 */
    double centre_mm[3];
    double half_mm[3]; /* half axes, half sides; half length along `axis` */
    int n_keep;
    rgq_half_space keep[RGQ_SOLID_CUTS_MAX];
} rgq_solid;

/**
 * @brief Signed bound of the distance to the surface [mm]: negative inside, 0 on it.
 *
 * For an ellipse with g = |((p - c) / half)| it is (g - 1) * (smallest half axis): g grows by
 * at most 1 / (smallest half axis) per mm, so the surface is never nearer than the value says.
 * Cuts and faces enter by the maximum, which keeps that property.
 */
double rgq_solid_depth(const rgq_solid *solid, const double point_mm[3]);

/** Volume without the cuts [mL]. */
double rgq_solid_volume_ml(const rgq_solid *solid);

#endif
