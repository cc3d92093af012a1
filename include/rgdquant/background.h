/**
 * @file background.h
 * @brief What regions are divided by: a region, a sphere, a shell about each, its mirror image.
 *
 * Place in the pipeline: ... -> regions -> [BACKGROUND] -> measures -> ...
 */
#ifndef RGDQUANT_BACKGROUND_H
#define RGDQUANT_BACKGROUND_H

#include "rgdquant/log.h"
#include "rgdquant/regions.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_background_kind {
    RGQ_BACKGROUND_REGION,    /**< a region of the set */
    RGQ_BACKGROUND_SPHERE,    /**< one sphere for all */
    RGQ_BACKGROUND_SHELL,     /**< for each region the shell about it */
    RGQ_BACKGROUND_MIRROR,    /**< for each region its reflection */
    RGQ_BACKGROUND_REFERENCE, /**< the region that is the tracer's reference tissue */
} rgq_background_kind;

/** Largest outer radius of a shell [mm]. */
#define RGQ_BACKGROUND_SHELL_MAX_MM 200.0

/** An organ is at least so many times as large as a lesion in it. */
#define RGQ_BACKGROUND_ORGAN_RATIO 10.0

/** A background as asked for; only what belongs to the kind is set. */
typedef struct rgq_background_spec {
    rgq_background_kind kind;
    char name[RGQ_REGION_NAME_MAX]; /**< region: its name or label */
    double centre_mm[3];            /**< sphere: RAS+ mm */
    double radius_mm;               /**< sphere: 0.001 .. 10000 */
    double inner_mm;                /**< shell: 0 <= inner < outer <= 200 */
    double outer_mm;
    double plane_mm; /**< mirror: x of the mid-sagittal plane, RAS+ mm; NaN = not given */
} rgq_background_spec;

/**
 * @brief Read "NAME", "sphere:X,Y,Z,R", "shell:INNER,OUTER", "mirror[:X]" or "reference".
 *
 * Costs nothing, so that a slip is found before a scan is read. A region that is called
 * "mirror", "shell", ... is reached by its label.
 * @return RGQ_OK; RGQ_E_ARGUMENT with what to type, `out` untouched
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_background_parse(rgq_background_spec *out,
                                                       const char *text, rgq_error *err);

/** True if every region gets a background of its own (shell, mirror). */
RGQ_API bool rgq_background_is_own(const rgq_background_spec *spec);

/** Words for what was asked for, without a region, e.g. "shell 6-16 mm of each region"; `out`
 *  holds RGQ_REGION_NAME_MAX bytes. Returns `out`. */
RGQ_API const char *rgq_background_words(char *out, const rgq_background_spec *spec);

/** What the tracer file says; both may be NULL or "". */
typedef struct rgq_background_tracer {
    const char *id;
    const char *tissue; /**< its reference tissue, e.g. "muscle" */
} rgq_background_tracer;

/**
 * @brief The region whose name means a tissue.
 *
 * Names are compared without case, with '-', '_' and '.' as blanks: the tissue's own name, else
 * usual synonyms of blood pool, muscle and liver (the first that occurs). It is never guessed
 * from the image.
 *
 * @param[out] out  belongs to the set; NULL if there is none
 * @return RGQ_OK; RGQ_E_ARGUMENT if several regions carry one such name (both are named)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_background_tissue(const rgq_region **out,
                                                        const rgq_regions *regions,
                                                        const char *tissue, rgq_error *err);

/**
 * @brief Make the backgrounds of a set of regions, for rgq_measure_opts.backgrounds.
 *
 * - region, reference: a copy of that region, under its name.
 * - sphere: the weights are the exact parts of the voxels inside it.
 * - shell: the voxels whose centres lie inner .. outer mm (ends included) from the nearest
 *   voxel of the region (weight >= 0.5); inner 0 begins beside it.
 * - mirror: the region reflected at the plane x = plane_mm, its weights interpolated linearly.
 *   Without a plane it is that through the centroid of the region named "midline" (or falx,
 *   midsagittal plane), else "body" (or outline, external, torso): it is not guessed.
 *
 * Voxels of the region itself (any weight) are taken out of its shell or mirror, and those of
 * other regions out of sphere, shell and mirror - but for regions that name the body's outline,
 * and for what it lies in, an organ: a region that holds all of the region or all of the
 * background as drawn, is at least RGQ_BACKGROUND_ORGAN_RATIO times as large as the region (the
 * sphere), and is not named lesion, tumour, metastasis or GTV. What is taken out is told to the
 * log; it is warned of where less than half is left, and where a background leaves the scan or
 * nothing is left.
 *
 * @param[out] out     one region, or one for each of `regions`, in their order; the names are
 *                     words such as "shell 6-16 mm of lesion-1"; caller frees it
 * @param[in]  tracer  for "reference"; may be NULL
 * @return RGQ_OK, also for empty ones; RGQ_E_NOTFOUND (no such region; the names there are are
 *         told); RGQ_E_MISSING (no tracer, or none with a reference tissue; no plane);
 *         RGQ_E_ARGUMENT (two regions for the tissue); RGQ_E_GEOMETRY (sphere beyond the scan,
 *         axes not perpendicular); RGQ_E_NOMEM
 *
 * Cost: voxels of the shells, and pairs of regions whose boxes touch. Threads: same bits for
 * any number.
 * @see test: tests/unit/roi/test_background.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_background_make(rgq_regions **out,
                                                      const rgq_regions *regions,
                                                      const rgq_background_spec *spec,
                                                      const rgq_background_tracer *tracer,
                                                      const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
