/* What the methods of segmentation share: the job at hand, and the lesion it is about. */
#ifndef RGQ_ROI_SEGMENT_METHOD_H
#define RGQ_ROI_SEGMENT_METHOD_H

#include "roi/box.h"
#include "roi/search.h"
#include "roi/shell.h"
#include "roi/spec.h"

/** A segmentation under way. A method sets bytes of `mask` to 1 and fills in the report. */
typedef struct rgq_segmentation {
    const rgq_volume *volume;
    const rgq_grid *grid;
    const float *values;
    rgq_spec spec;
    const rgq_segment_opts *opts;
    rgq_flood flood; /**< its open voxels are the search region */
    uint8_t *mask;   /**< the grid, zeroed */
    rgq_segment_report report;
    const rgq_log *log;
} rgq_segmentation;

/** The lesion with the seed, or with the maximum of the search region. */
typedef struct rgq_lesion {
    size_t seed;  /**< voxel of the seed, or of the maximum */
    size_t start; /**< voxel of the lesion's own maximum, uphill from there */
    double seed_mm[3];
    double maximum;
    rgq_shell background; /**< count 0: not known */
    double contour;       /**< threshold of the contour the shell lies about; NaN if given */
} rgq_lesion;

/* ---- segment_lesion.c ---- */

/** Seed or maximum; refused outside the scan or the search, or in air: a mean over 27 voxels of
 *  less than 1/1000 of the scan's maximum. */
RGQ_MUST_CHECK rgq_status rgq_lesion_start(rgq_lesion *lesion, rgq_segmentation *job,
                                           rgq_error *err);

/**
 * @brief Start, maximum, background and contour of the lesion.
 *
 * On success the flood holds the component of the contour.
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOTFOUND (no background, no contrast); RGQ_E_GEOMETRY
 */
RGQ_MUST_CHECK rgq_status rgq_lesion_survey(rgq_lesion *lesion, rgq_segmentation *job,
                                            rgq_error *err);

/** The component of `threshold` that holds lesion->start replaces that of the flood. */
RGQ_MUST_CHECK rgq_status rgq_lesion_grow(const rgq_lesion *lesion, rgq_segmentation *job,
                                          double threshold, rgq_error *err);

/** RGQ_E_ARGUMENT unless the seed's voxel or one that touches it was found. */
RGQ_MUST_CHECK rgq_status rgq_lesion_check_seed(const rgq_lesion *lesion,
                                                const rgq_segmentation *job, rgq_error *err);

/** Background from the options: a region, or a number. @return RGQ_OK, count 0 if there is
 *  none; RGQ_E_NOTFOUND (no such region, empty region); RGQ_E_GEOMETRY */
RGQ_MUST_CHECK rgq_status rgq_background_given(rgq_shell *out, const rgq_segmentation *job,
                                               rgq_error *err);

/** Into the report: maximum, background, contour; a threshold within the noise is warned of. */
void rgq_lesion_report(const rgq_lesion *lesion, rgq_segmentation *job);
void rgq_lesion_warn(const rgq_lesion *lesion, const rgq_segmentation *job, double threshold);

/** The component in the flood becomes the mask. */
void rgq_segment_take(rgq_segmentation *job);

/** Voxels to look at about a lesion: in the box of its contour, enlarged by a FWHM and the
 *  shell, and of the search region. `inside` and `outside` are bytes of that box. */
typedef struct rgq_markers {
    rgq_box box;
    uint8_t *label; /**< one RGQ_MARK_... a voxel of the box */
} rgq_markers;

enum { RGQ_MARK_NONE = 0, RGQ_MARK_INSIDE = 1, RGQ_MARK_OUTSIDE = 2 };

/** Markers of gradient and walker, from thresholds or from the options; release them with
 *  rgq_free(label). */
RGQ_MUST_CHECK rgq_status rgq_markers_make(rgq_markers *out, const rgq_lesion *lesion,
                                           rgq_segmentation *job, rgq_error *err);

/** Values of the box, in its order. */
void rgq_box_values(float *out, const rgq_box *box, const rgq_segmentation *job);

/** The component about the start of the box voxels whose byte is 1 becomes the mask. */
RGQ_MUST_CHECK rgq_status rgq_segment_take_box(rgq_segmentation *job, const rgq_lesion *lesion,
                                               const rgq_box *box, const uint8_t *bytes,
                                               rgq_error *err);

/* ---- the methods, one file each ---- */

RGQ_MUST_CHECK rgq_status rgq_segment_threshold(rgq_segmentation *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_segment_adaptive(rgq_segmentation *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_segment_classes(rgq_segmentation *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_segment_grow(rgq_segmentation *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_segment_gradient(rgq_segmentation *job, rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_segment_walker(rgq_segmentation *job, rgq_error *err);

#endif
