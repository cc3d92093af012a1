/* What a plan is made from, shared by the files that make it. Every reason of a refusal is
 * gathered, so that the user can mend all of them at once. */
#ifndef RGQ_CALIB_PLANNER_H
#define RGQ_CALIB_PLANNER_H

#include "calib/kinds.h"
#include "calib/reference.h"
#include "rgdquant/suv.h"

typedef enum rgq_stored_form {
    RGQ_STORED_REFUSED,       /* the reason is in the plan */
    RGQ_STORED_CONCENTRATION, /* x scale = Bq/mL */
    RGQ_STORED_UPTAKE         /* x scale = uptake of `kind` */
} rgq_stored_form;

typedef struct rgq_stored {
    rgq_stored_form form;
    const rgq_suv_kind *kind; /* of UPTAKE */
    double scale;
    bool per_duration; /* counts: also divided by the duration of the slice [s] */
    bool as_stored;    /* no factor of the scanner or of an option is in `scale` */
} rgq_stored;

typedef struct rgq_planner {
    rgq_suv_plan *plan;
    const rgq_scan *scan;
    const rgq_nuclide *nuclide;
    const rgq_log *log;
    const rgq_log *view_log; /* for the activity in the field of view */
    rgq_status refusal;      /* of the first reason */
    double weight_kg;
    double activity_bq; /* at the injection */
    double half_life_s;
    double activity_then_bq; /* at the moment the values are corrected to */
} rgq_planner;

RGQ_PRINTF(3, 4)
void rgq_plan_refuse(rgq_planner *p, rgq_status status, const char *format, ...);

/** Add a row to plan->input; a full list drops it. `text` and `origin` may be "". */
void rgq_plan_note(rgq_planner *p, const char *name, double value, const char *unit,
                   const char *text, const char *origin);
void rgq_plan_note_text(rgq_planner *p, const char *name, const rgq_fact_text *fact);

bool rgq_plan_is_dicom(const rgq_planner *p);

/** What is absent as the user's file would call it, and the option that supplies it. */
void rgq_plan_refuse_absent(rgq_planner *p, const char *in_dicom, const char *in_others,
                            const char *option);

/** The same planner without a voice, for a look at what another way would give. `plan` is a
 *  scratch plan. */
rgq_planner rgq_plan_quietly(const rgq_planner *p, rgq_suv_plan *plan);

/** True if an option gave the fact. */
bool rgq_is_from_option(const char *origin);

/* ---- facts.c: each refuses, or records and returns true ---- */

bool rgq_need_weight(rgq_planner *p);
bool rgq_need_activity(rgq_planner *p);
bool rgq_need_half_life(rgq_planner *p);
bool rgq_need_injection_time(rgq_planner *p);

/** norm of a kind: concentration x norm / activity = uptake. */
bool rgq_need_norm(double *norm, rgq_planner *p, const rgq_suv_kind *kind);

/** Compare half-life and positron fraction with the library's; over 0.5 % warns. */
void rgq_check_nuclide(rgq_planner *p);

/* ---- stored.c ---- */

/** What the stored values are. `wanted` decides between two factors of the scanner. */
rgq_stored rgq_plan_stored(rgq_planner *p, rgq_unit wanted);

/* ---- dose.c ---- */

/** The activity at the moment the values are corrected to; sets the rule, the decay of each
 *  slice (NONE), and the alternatives. `per_slice_allowed` false: NONE is refused. */
bool rgq_plan_dose(rgq_planner *p, bool per_slice_allowed);

/* ---- view.c ---- */

/** Compare the activity in the field of view with the injected one: warns. `norm` of the unit
 *  reached. */
void rgq_plan_check_view(rgq_planner *p, double norm);

#endif
