/* Partial-volume correction as the commands `pvc` and `quantify` run it: what they tell, write
 * and cite of it. */
#ifndef RGQ_PIPELINE_CORRECTION_H
#define RGQ_PIPELINE_CORRECTION_H

#include "core/json.h"
#include "pipeline/record.h"
#include "rgdquant/pvc.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/table.h"

/** One correction that was run. */
typedef struct rgq_correction {
    const rgq_pvc_opts *opts;
    const rgq_psf_file *psf; /**< where the PSF came from a file, else NULL */
    const rgq_pvc_report *report;
    bool masks; /**< the regions were masks: the background is 1 - their sum, not label 0 */
} rgq_correction;

/** rgq_pvc_parse(), and for a name that is none the nearest that is one. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_correction_parse(rgq_pvc_method *method,
                                                       rgq_pvc_method *then, const char *word,
                                                       rgq_error *err);

/** Keys of references.json behind a method, separated by blanks; "" for none. */
RGQ_API const char *rgq_pvc_cite(rgq_pvc_method method);

/** "rbv", "iy+vc". Returns `out`. */
enum { RGQ_PVC_WORDS_MAX = 16 };
RGQ_API const char *rgq_pvc_words(char out[RGQ_PVC_WORDS_MAX], const rgq_pvc_opts *opts);

/** Does the method leave one value in all of a region, so that nothing of its noise is left? */
RGQ_API bool rgq_pvc_is_regional(rgq_pvc_method method);

/** Warn of a PSF that was measured along other axes than the scan's; tell of other voxels. */
RGQ_API void rgq_psf_suits(const rgq_psf_file *psf, const rgq_grid *grid, const rgq_log *log);

/**
 * @brief The PSF of a volume that was filtered, from that of the scan.
 *
 * A Gaussian adds its width in squares, `match` leaves the width it was asked for. What other
 * filters do to a PSF is no Gaussian, and a measured kernel cannot be widened here: both are
 * warned of and the PSF stays.
 */
RGQ_API void rgq_psf_filtered(rgq_psf *psf, const rgq_filter_report *filter,
                              const rgq_log *log);

/** Everything but the regional values: options as they were used, PSF, cost, why each frame
 *  stopped, the curves of fit and change, condition number. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_correction_describe(rgq_json *node,
                                                          const rgq_correction *correction,
                                                          rgq_error *err);

/**
 * @brief The step "pvc" of a record, with the regional values, and its citations.
 *
 * @param[out] step  belongs to the record; may be NULL
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_record_pvc(rgq_json **step, rgq_record *record,
                                                 const rgq_correction *correction,
                                                 rgq_error *err);

/**
 * @brief Regional values as a table: region label volume_ml observed corrected corrected_sd
 * unit frame; one row a frame and region, the background first.
 *
 * @param[out] out  caller frees it with rgq_table_free(); NULL on failure
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_correction_table(rgq_table **out,
                                                       const rgq_pvc_report *report,
                                                       rgq_unit unit, rgq_error *err);

#endif
