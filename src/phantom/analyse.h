/* Shared by the parts of rgq_phantom_analyse(). */
#ifndef RGQ_PHANTOM_ANALYSE_H
#define RGQ_PHANTOM_ANALYSE_H

#include "phantom/model.h"
#include "phantom/placement.h"
#include "phantom/view.h"
#include "rgdquant/phantom_analysis.h"

/** What every part is given. */
typedef struct rgq_analyse_job {
    rgq_phantom_analysis *out;
    const rgq_phantom *phantom;
    const rgq_view *view;
    const rgq_analyse_opts *opts;
    const rgq_log *log;
    rgq_placement place;
    double true_sphere;     /* NaN: not known */
    double true_background; /* NaN: not known */
    double ratio;           /* NaN: not known */
} rgq_analyse_job;

/** Add a finding; more than fit are a bug of the program. */
void rgq_analyse_finding(rgq_analyse_job *job, const char *name, double value, double sd,
                         const char *unit, const char *what);

/** Add a circle for the picture, at a point of the view; more than fit are left out. */
void rgq_analyse_mark(rgq_analyse_job *job, const double at_mm[3], double radius_mm, int kind,
                      const char *name);

/** Where the user says it lies. */
rgq_placement rgq_analyse_by_hand(const rgq_view *view, const rgq_analyse_opts *opts);

/** Slice nearest to a position along the last axis of the view; it may lie outside. */
int rgq_analyse_slice(const rgq_view *view, double mm);

/** The outline of a filled body: its middle across the axis, its extent along it, and how far
 *  it reaches across. */
typedef struct rgq_extent {
    double centre_mm[3];
    double length_mm;
    double radius_mm; /* of the circle with the area of the middle slice */
} rgq_extent;

/** Find what is above half of the level. RGQ_E_NOTFOUND if there is nothing. */
RGQ_MUST_CHECK rgq_status rgq_analyse_extent(rgq_extent *out, const rgq_view *view,
                                             const char *id, rgq_error *err);

RGQ_MUST_CHECK rgq_status rgq_analyse_spheres(rgq_analyse_job *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_analyse_cylinder(rgq_analyse_job *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_analyse_rods(rgq_analyse_job *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_analyse_cold(rgq_analyse_job *job, rgq_error *err);

#endif
