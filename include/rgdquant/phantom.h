/**
 * @file phantom.h
 * @brief Phantoms: shapes and activities from phantoms/NAME.json to voxels with known truth.
 *
 * Place in the pipeline: [PHANTOM] -> scan -> volume -> ...
 *
 * A phantom is a list of named objects, each made of solids. Objects are painted in the order
 * of the file: a point belongs to the last object that holds it. phantoms/README.md explains
 * the keys of a file.
 */
#ifndef RGDQUANT_PHANTOM_H
#define RGDQUANT_PHANTOM_H

#include <math.h>
#include <stdint.h>

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/table.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_phantom rgq_phantom; /**< contents of a phantom file */

enum {
    RGQ_PHANTOM_OBJECTS_MAX = 256,
    RGQ_PHANTOM_LEVELS_MAX = 5,            /**< 2^5 = 32 samples an axis of an edge voxel */
    RGQ_PHANTOM_VOXELS_MAX = 400 * 1000000 /**< of a made scan: 1.6 GB of floats */
};

/** One object; valid as long as the phantom. Lengths in mm RAS+ from the phantom's centre. */
typedef struct rgq_phantom_object {
    char name[64];
    int label;           /**< label of its truth region, from 1; 0 if it has none */
    char host[64];       /**< object it lies in wholly; "" where the file names none */
    double diameter_mm;  /**< of a single uncut sphere, else NaN */
    double centre_mm[3]; /**< of a single uncut solid, else NaN */
    /** Volume in closed form [mL]; NaN if the object has several solids, cuts, or lies under a
     *  later object. */
    double analytic_volume_ml;
} rgq_phantom_object;

/** One set of activities: a tracer, or "default". Valid as long as the phantom. */
typedef struct rgq_phantom_activity {
    char id[48];        /**< what is typed after --tracer */
    char tracer[48];    /**< the id, or "" for "default" */
    char nuclide[16];   /**< "F-18" */
    char modality[8];   /**< "PET" or "SPECT" */
    char status[16];    /**< "design", "standard", "published" */
    bool is_suv;        /**< objects are given as SUVbw, else as Bq/mL */
    double activity_bq; /**< injected; NaN if the phantom is no body */
    double uptake_s;    /**< injection to scan start; NaN likewise */
    double duration_s;  /**< of the scan */
} rgq_phantom_activity;

/** Read `<folder>/<id>.json`, strictly; RGQ_E_NOTFOUND lists the known ids and the nearest. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_find(rgq_phantom **out, const char *folder,
                                                   const char *id, rgq_error *err);

/**
 * @brief Read one phantom file, strictly.
 *
 * Refused with file and key path: an unknown key, a missing or mistyped value, a unit other
 * than the one the key needs, a size that is not positive, a value that is neither "design" nor
 * has a source among the references of the program, an object without an activity, an object
 * with a host that is not wholly inside it and apart from the others (checked at 1000 points of
 * its surface).
 *
 * @param[out] out  caller frees it with rgq_phantom_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_load(rgq_phantom **out, const char *path,
                                                   rgq_error *err);

/** The same from memory; `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_parse(rgq_phantom **out, const char *text,
                                                    size_t length, const char *name,
                                                    rgq_error *err);

/** Frees the phantom; NULL is allowed. */
RGQ_API void rgq_phantom_free(rgq_phantom *phantom);

/** Ids of the phantom files of a folder. */
typedef struct rgq_phantom_ids {
    char id[64][48];
    int count;
} rgq_phantom_ids;

/** Ids of all phantom files in a folder, sorted.
 *  @return RGQ_OK; RGQ_E_IO (the folder cannot be read); RGQ_E_FORMAT (too many, or too long)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_list(rgq_phantom_ids *out, const char *folder,
                                                   rgq_error *err);

/* What the file says; texts and pointers live as long as the phantom. */
/** Its id, the name of its file without ".json". */
RGQ_API const char *rgq_phantom_id(const rgq_phantom *phantom);
/** One line for a list. */
RGQ_API const char *rgq_phantom_title(const rgq_phantom *phantom);
/** Several sentences. */
RGQ_API const char *rgq_phantom_description(const rgq_phantom *phantom);
RGQ_API const char *rgq_phantom_background(const rgq_phantom *phantom); /**< an object's name */
RGQ_API double rgq_phantom_weight_kg(const rgq_phantom *phantom);       /**< NaN: no body */
RGQ_API double rgq_phantom_height_m(const rgq_phantom *phantom);        /**< NaN: no body */
/** Size of a voxel of the phantom's own grid [mm]. */
RGQ_API void rgq_phantom_voxel_mm(const rgq_phantom *phantom, double voxel_mm[3]);
/** Size of the image [mm]. */
RGQ_API void rgq_phantom_size_mm(const rgq_phantom *phantom, double size_mm[3]);
/** Objects in the order in which they are painted. */
RGQ_API int rgq_phantom_n_objects(const rgq_phantom *phantom);
/** Object `i`, 0 .. n_objects - 1 (not checked). */
RGQ_API const rgq_phantom_object *rgq_phantom_object_at(const rgq_phantom *phantom, int i);
/** Sets of activities, one per tracer. */
RGQ_API int rgq_phantom_n_activities(const rgq_phantom *phantom);
/** Set `i`, 0 .. n_activities - 1 (not checked). */
RGQ_API const rgq_phantom_activity *rgq_phantom_activity_at(const rgq_phantom *phantom, int i);

/** Value of object `i` in activity set `a`: SUVbw if that set is_suv, else Bq/mL. */
RGQ_API double rgq_phantom_value(const rgq_phantom *phantom, int a, int i);

/** Index of the activity set of a tracer (without regard to case); NULL takes the first.
 *  @return RGQ_OK; RGQ_E_NOTFOUND with the list of those the file has */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_activity_find(int *out,
                                                            const rgq_phantom *phantom,
                                                            const char *tracer, rgq_error *err);

/** Object a point [mm] belongs to, -1 for outside; the definition of the phantom. */
RGQ_API int rgq_phantom_object_of_point(const rgq_phantom *phantom, const double point_mm[3]);

typedef struct rgq_phantom_opts {
    double voxel_mm[3]; /**< 0: the file's default; else 0.1 .. 100 */
    double psf_mm[3];   /**< FWHM of the blur; 0 = none */
    double
        noise_percent; /**< coefficient of variation of a voxel of the background, 0 .. 100 */
    uint64_t seed;
    bool fractional; /**< edges: a voxel belongs by its supersampled fraction */
    int levels; /**< fractional: 2^levels samples along each axis, 1 .. RGQ_PHANTOM_LEVELS_MAX
                 */
    const char *tracer;  /**< whose uptake values to take; NULL = the first of the file */
    double activity_mbq; /**< injected; NaN: the file's default; refused if there is no body */
    double half_life_s;  /**< of the nuclide; needed where activities are given as SUV */
} rgq_phantom_opts;

#define RGQ_PHANTOM_OPTS_INIT                                                                  \
    {                                                                                          \
        {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, 0.0, 1, false, 3, NULL, (double)NAN, (double)NAN     \
    }

/** A made phantom: scan and truth. */
typedef struct rgq_phantom_scan {
    rgq_volume *volume;   /**< Bq/mL at the start of the scan, one frame */
    rgq_regions *regions; /**< truth, named; 0/1 for binary edges, fractions else */
    rgq_table *truth;     /**< a row per truth region; the columns describe themselves */
    double weight_kg;     /**< NaN if the phantom is no body */
    double height_m;
    double activity_bq; /**< at the injection */
    double uptake_s;    /**< injection to scan start */
    double duration_s;
    double bqml_per_suv; /**< C [Bq/mL] = SUVbw * this; NaN if the phantom is no body */
    char tracer[48];     /**< "" if none */
    char nuclide[16];
    char modality[8];
} rgq_phantom_scan;

/**
 * @brief Voxels and truth of a phantom.
 *
 * Order of the steps: shapes to voxels, blur, noise. SUVbw becomes C = SUV * A / (1000 W) with
 * A [Bq] the injected activity decayed to the start of the scan and W [kg] the weight; decay
 * during the scan is neglected (values are corrected to its start).
 *
 * The grid covers the file's `size_mm` with axes as scanners write them: x to the left, y to
 * the back, z to the head. Binary edges: a voxel belongs wholly to the object of its centre.
 * Fractional edges: a voxel that a surface crosses is halved along each axis, part by part,
 * `levels` times; its value is the mean over the parts. A voxel is known not to be crossed from
 * the distance to each surface, so that nothing is missed.
 *
 * The blur is a Gaussian with nothing outside the grid. Noise: a voxel of mean m becomes
 * s * Poisson(m / s), s = (noise_percent / 100)^2 * (value of the background object): its
 * variance is proportional to its mean, it has no bias and is never negative. Voxels are
 * drawn in order by one generator.
 *
 * @param[out] out  caller releases it with rgq_phantom_scan_release(); holds nothing on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOTFOUND (tracer); RGQ_E_MISSING (half-life);
 *         RGQ_E_GEOMETRY; RGQ_E_NOMEM
 *
 * Cost: torso at 3 mm (2.5 million voxels) about 0.2 s binary, 0.7 s fractional on two cores.
 * Threads: same bits for any number.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_phantom_make(rgq_phantom_scan *out,
                                                   const rgq_phantom *phantom,
                                                   const rgq_phantom_opts *opts,
                                                   const rgq_log *log, rgq_error *err);

/** Frees what the scan holds and clears it; a zeroed one is allowed. */
RGQ_API void rgq_phantom_scan_release(rgq_phantom_scan *scan);

#ifdef __cplusplus
}
#endif

#endif
