/**
 * @file tracer.h
 * @brief What is known of a tracer and of a nuclide: the typed contents of tracers/NAME.json.
 *
 * Every number carries its unit, source and status; what nobody has verified is absent.
 */
#ifndef RGDQUANT_TRACER_H
#define RGDQUANT_TRACER_H

#include <stdbool.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A number from outside. `known` false: not published, and the program says so. */
typedef struct rgq_quantity {
    bool known;
    double value;
    double uncertainty; /**< standard deviation in the same unit, NaN if none is stated */
    char unit[24];
    char source[40]; /**< key of references.json */
    char status[24]; /**< "verified", "published", "derived", "preclinical" */
} rgq_quantity;

typedef struct rgq_nuclide {
    char id[16]; /**< "F-18" */
    rgq_quantity half_life_s;
    rgq_quantity positron_fraction; /**< absent for a nuclide that emits none */
} rgq_nuclide;

enum { RGQ_TRACER_TARGETS_MAX = 8, RGQ_TRACER_NOTES_MAX = 24, RGQ_NOTE_MAX = 640 };

typedef struct rgq_tracer_target {
    char integrin[32];       /**< UTF-8, e.g. "αvβ3" */
    char role[24];           /**< "primary", "also binds" */
    char evidence_level[32]; /**< of imaging against expression, e.g. "class-level", "none" */
    char evidence[RGQ_NOTE_MAX];
    char source[40];
} rgq_tracer_target;

typedef struct rgq_tracer_note {
    char text[RGQ_NOTE_MAX];
    char source[40]; /**< "" where the note is a rule of the program, not a finding */
} rgq_tracer_note;

typedef struct rgq_tracer {
    char id[48]; /**< "18F-fluciclatide" */
    char name[96];
    char aliases[8][64]; /**< other names a header may use; "" ends the list */
    char nuclide[16];
    char modality[8];      /**< "PET" or "SPECT" */
    char ligand_class[96]; /**< "RGD, bicyclic", "laminin-receptor peptide, not RGD" */
    bool is_rgd;
    bool used_in_humans;
    rgq_tracer_target target[RGQ_TRACER_TARGETS_MAX];
    int n_targets;
    char reference_tissue[64]; /**< region name to divide by; "" if none is established */
    char reference_source[40];
    rgq_quantity uptake_start_min; /**< imaging window after injection */
    rgq_quantity uptake_end_min;
    rgq_quantity injected_activity_mbq;
    rgq_quantity effective_dose_usv_per_mbq;
    rgq_tracer_note caveat[RGQ_TRACER_NOTES_MAX]; /**< printed with every result */
    int n_caveats;
    rgq_tracer_note not_published[RGQ_TRACER_NOTES_MAX]; /**< what was looked for in vain */
    int n_not_published;
} rgq_tracer;

/** Read one tracer file; strict: unknown key, missing unit or source, and unknown reference
 * keys are refused with file and key path. `references_path` may be NULL (keys are not
 * checked). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_load(rgq_tracer *out, const char *path,
                                                  const char *references_path, rgq_error *err);

/** Read `<folder>/<id>.json`; RGQ_E_NOTFOUND lists the known ids and the nearest. The id is
 *  matched without regard to case, and aliases count. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_find(rgq_tracer *out, const char *folder,
                                                  const char *id, rgq_error *err);

/** Read a nuclide from `<folder>/isotopes.json`; "F-18", "18F", "F18", "^18^Fluorine" are one.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_nuclide_find(rgq_nuclide *out, const char *folder,
                                                   const char *name, rgq_error *err);

/** Canonical id ("F-18") of a nuclide as a header writes it ("18F", "^18^Fluorine", SNOMED code
 *  "C-111A1", ...); false if it is none that is known. `out` holds 16 bytes. */
RGQ_API bool rgq_nuclide_canonical(char *out, const char *text);

/** True if a radiopharmaceutical named so in a header can be this tracer (id, name, aliases,
 *  compared without case, blanks and brackets). */
RGQ_API bool rgq_tracer_is_named(const rgq_tracer *tracer, const char *radiopharmaceutical);

/** Ids of all tracer files in a folder (isotopes.json and other knowledge files left out). */
typedef struct rgq_tracer_ids {
    char id[64][48];
    int count;
} rgq_tracer_ids;
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tracer_list(rgq_tracer_ids *out, const char *folder,
                                                  rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
