/* What a phantom file becomes in memory. */
#ifndef RGQ_PHANTOM_MODEL_H
#define RGQ_PHANTOM_MODEL_H

#include <stdbool.h>

#include "phantom/solid.h"
#include "rgdquant/phantom.h"

enum { RGQ_PHANTOM_SOLIDS_MAX = 512 }; /* of a file */

typedef struct rgq_phantom_body {
    rgq_solid *solid; /* n_union solids that add, then n_except that take away */
    int n_union;
    int n_except;
    double lo[3], hi[3]; /* box around the solids that add [mm] */
} rgq_phantom_body;

enum { RGQ_PHANTOM_LIMITS_MAX = 64 };

typedef enum rgq_analysis_kind {
    RGQ_ANALYSIS_NONE,
    RGQ_ANALYSIS_SPHERES,
    RGQ_ANALYSIS_CYLINDER,
    RGQ_ANALYSIS_RODS,
    RGQ_ANALYSIS_COLD
} rgq_analysis_kind;

/* A range a recovery coefficient must lie in. */
typedef struct rgq_limit {
    char set[48];    /* "EARL 1 (18F)" */
    char source[48]; /* key of the references */
    char metric[16]; /* column of the table */
    double diameter_mm;
    double lo, hi;
    double ratio; /* spheres over background the limits are made for */
} rgq_limit;

/* How a scan of the phantom is measured; lengths in mm. */
typedef struct rgq_phantom_measure {
    rgq_analysis_kind kind;
    double wall_mm;   /* of the spheres */
    double margin_mm; /* kept from the edges of what must be uniform */
    int insert;       /* object, or -1 */
    double insert_disc_mm;
    int n_limits;
    rgq_limit limit[RGQ_PHANTOM_LIMITS_MAX];
} rgq_phantom_measure;

struct rgq_phantom {
    char id[48];
    char title[160];
    char description[1600];
    double voxel_mm[3];
    double size_mm[3];
    double weight_kg, height_m; /* NaN: no body */
    int background;             /* object */
    int n_objects;
    rgq_phantom_object *object;
    rgq_phantom_body *body; /* n_objects shapes */
    int n_activities;
    rgq_phantom_activity *activity;
    double *value; /* n_activities * n_objects */
    rgq_phantom_measure measure;
};

/**
 * @brief Signed bound of the distance to the surface of an object [mm]: negative inside.
 *
 * 1-Lipschitz: the surface is at least |value| away. Zero belongs to the object.
 */
double rgq_phantom_body_depth(const rgq_phantom_body *body, const double point_mm[3]);

/** As rgq_phantom_object_of_point(), as if object `skip` were not there. */
int rgq_phantom_paint(const rgq_phantom *phantom, const double point_mm[3], int skip);

/** Boxes, centres and volumes in closed form, once the shapes are read. */
void rgq_phantom_complete(rgq_phantom *phantom);

/** Every object with a host lies inside it and touches no other object.
 *  @return RGQ_OK; RGQ_E_FORMAT with both names and the point */
RGQ_MUST_CHECK rgq_status rgq_phantom_check_hosts(const rgq_phantom *phantom, const char *name,
                                                  rgq_error *err);

#endif
