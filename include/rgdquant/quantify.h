/**
 * @file quantify.h
 * @brief The main job: a scan and a tracer in, a folder with measures, picture and report out.
 *
 * Place in the pipeline: the whole of it,
 * scan -> calibrate -> (filter) -> (regions) -> (pvc) -> segments -> background -> measure ->
 * surrogate -> report
 */
#ifndef RGDQUANT_QUANTIFY_H
#define RGDQUANT_QUANTIFY_H

#include <math.h>

#include "rgdquant/filter.h"
#include "rgdquant/log.h"
#include "rgdquant/pvc.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/segment.h"
#include "rgdquant/suv.h"
#include "rgdquant/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to do; all texts are borrowed. `scan`, `out`, `tracers` and `tracer` are needed, and
 *  `regions` or `segment` or both (the segments then join the regions). */
typedef struct rgq_quantify_opts {
    const char *scan;    /**< folder or file */
    const char *out;     /**< folder to make */
    const char *tracers; /**< folder of the tracer files */
    const char *tracer;  /**< id or alias */

    rgq_scan_read_opts read;
    rgq_scan_overrides overrides;
    const char *calibration_file; /**< a calibration.json that joins the overrides, or NULL */
    const char *unit; /**< as rgq_unit_parse(); NULL = the best that can be reached */
    int frame;        /**< of a dynamic scan, from 0 */

    const char *filter; /**< as rgq_filter_apply(), or NULL */
    rgq_filter_opts filtering;

    const char *pvc;         /**< method as rgq_pvc_parse(), or NULL: nothing is corrected */
    const char *psf_file;    /**< as rgq_psf_read(), instead of correcting.psf; or NULL. The
                                  PSF is that of the scan: `filter` widens it, and for
                                  match:FWHM is made from it */
    rgq_pvc_opts correcting; /**< the rest of it; its methods are those of `pvc` */

    const char *regions;         /**< file of regions, or NULL; those `pvc` works with */
    const char *segment;         /**< as rgq_segment(), or NULL */
    const char *within;          /**< file of regions to search in, or NULL */
    const char *exclude;         /**< file of regions not to search in, or NULL */
    rgq_segment_opts segmenting; /**< the rest of it; regions and tracer are put in, and the
                                      width of the PSF, if one was given */

    const char *background;     /**< as rgq_background_parse(); NULL = the tracer's reference
                                     tissue, if a region is named so */
    double confidence;          /**< of the intervals */
    double calibration_percent; /**< its standard uncertainty; NaN = as calibration_file says */
    const char *tissue;       /**< what the lesions lie in: its context is looked up; or NULL */
    const char *drug;         /**< as rgq_surrogate_drugs_parse(), or NULL */
    const char *uptake_model; /**< model.json, predicts a staining score; or NULL */
    double overview_maximum;  /**< end of the grey scale; NaN = chosen from the data */
    const char *keep; /**< volumes to write as well: "calibrate", "filter", "pvc"; or NULL */
    bool force;       /**< replace results in `out` */

    /* for the run record */
    int argc;
    char *const *argv;
    const char *options_json; /**< {"name": {"value": text, "origin": text}, ...}, or NULL */
} rgq_quantify_opts;

#define RGQ_QUANTIFY_OPTS_INIT                                                                 \
    {                                                                                          \
        .read = RGQ_SCAN_READ_OPTS_INIT, .overrides = RGQ_SCAN_OVERRIDES_INIT,                 \
        .filtering = RGQ_FILTER_OPTS_INIT, .correcting = RGQ_PVC_OPTS_INIT,                    \
        .segmenting = RGQ_SEGMENT_OPTS_INIT, .confidence = 0.95,                               \
        .calibration_percent = (double)NAN, .overview_maximum = (double)NAN                    \
    }

/** What came out. Zero it before; release it with rgq_quantify_result_release(). */
typedef struct rgq_quantify_result {
    rgq_table *measures;
    rgq_unit unit;
    char tracer[48];
    char background[128];   /**< its words; "" if nothing was divided by */
    double uptake_time_min; /**< injection to the begin of the frame; NaN if unknown */
    char *warnings_json;    /**< array of texts, paths replaced */
} rgq_quantify_result;

/** Frees what the result holds and clears it; a zeroed one is allowed. */
RGQ_API void rgq_quantify_result_release(rgq_quantify_result *result);

/**
 * @brief Run the chain and write the folder; it is there complete, or not at all.
 *
 * Written: measures.tsv and .json, regions.nii.gz (and its names), surrogate.json,
 * overview.png, report.html, run.json. None of them holds a path, a date, or an identifier of
 * the header; region names are those of the given file.
 *
 * With `pvc` the volume of the frame is corrected behind the filter, and segments, measures and
 * report are of the corrected volume. gtm and labbe leave one value in all of a region: there
 * are no intervals then.
 *
 * The chain is checked before a voxel is read. A header that names another tracer or nuclide,
 * and an uptake time outside the tracer's published window, are warned of.
 *
 * @param[in] log  gets the warnings as they come; they are also in the record and the report
 * @return RGQ_OK; RGQ_E_ARGUMENT (chain, option), RGQ_E_NOTFOUND (tracer, background),
 *         RGQ_E_GEOMETRY (regions on another grid), RGQ_E_MISSING (unit asked for not reached),
 *         and what the steps give
 *
 * Threads: same bytes for any thread count but for the part "run" of run.json.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_quantify(rgq_quantify_result *out,
                                               const rgq_quantify_opts *opts,
                                               const rgq_log *log, rgq_error *err);

/** What can be found wrong before the scan is read: options that contradict each other, a bad
 *  specification, an unknown tracer, a chain that does not fit together. rgq_quantify() does
 * the same first. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_quantify_check(const rgq_quantify_opts *opts,
                                                     rgq_error *err);

/**
 * @brief The chain as it would run, as text: step, takes, gives, parameters with their origin,
 *        citation. Reads the tracer file, not the scan.
 *
 * @param[out] out      caller releases it with rgq_free(); NULL on failure
 * @param[in]  as_json  an array of objects instead of a table
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_quantify_explain(char **out,
                                                       const rgq_quantify_opts *opts,
                                                       bool as_json, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
