/**
 * @file volume.h
 * @brief A 3-D image or a time series of them: grid, unit, frames, float voxels.
 *
 * Place in the pipeline: every stage takes and gives volumes.
 */
#ifndef RGDQUANT_VOLUME_H
#define RGDQUANT_VOLUME_H

#include "rgdquant/grid.h"
#include "rgdquant/unit.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_FRAMES_MAX = 10000 };

/** Time of one frame. `start_s` counts from the scan's time zero (see scan.h), which is the
 *  injection where that is known; both are NaN where the file names no time. */
typedef struct rgq_frame {
    double start_s;
    double duration_s;
} rgq_frame;

typedef struct rgq_volume rgq_volume;

/**
 * @brief New volume of zeros.
 *
 * @param[out] out      caller frees it with rgq_volume_free(); NULL on failure
 * @param[in]  n_frames 1 .. RGQ_FRAMES_MAX; all frames start with NaN times
 * @return RGQ_OK; RGQ_E_GEOMETRY as rgq_grid_check(); RGQ_E_ARGUMENT; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_volume_create(rgq_volume **out, const rgq_grid *grid,
                                                    int n_frames, rgq_unit unit,
                                                    rgq_error *err);

/** New volume with the same grid, frames and unit, and the voxels too if `with_voxels`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_volume_clone(rgq_volume **out, const rgq_volume *in,
                                                   bool with_voxels, rgq_error *err);

/** New volume that holds frame `frame` of `in` alone (a copy). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_volume_extract(rgq_volume **out, const rgq_volume *in,
                                                     int frame, rgq_error *err);

/** Frees the volume; NULL is allowed. */
RGQ_API void rgq_volume_free(rgq_volume *volume);

/** Its grid; belongs to the volume. */
RGQ_API const rgq_grid *rgq_volume_grid(const rgq_volume *volume);
/** Unit of the voxels. */
RGQ_API rgq_unit rgq_volume_unit(const rgq_volume *volume);

/** Only a stage that converts the voxels may change the tag. */
RGQ_API void rgq_volume_set_unit(rgq_volume *volume, rgq_unit unit);

/** Number of frames, at least 1. */
RGQ_API int rgq_volume_n_frames(const rgq_volume *volume);
/** Times of frame `frame`, 0 .. n_frames - 1 (an assertion). */
RGQ_API rgq_frame rgq_volume_frame(const rgq_volume *volume, int frame);
/** Set them. */
RGQ_API void rgq_volume_set_frame(rgq_volume *volume, int frame, rgq_frame time);

/** Voxels of one frame. */
RGQ_API size_t rgq_volume_count(const rgq_volume *volume);

/** Voxels of frame `frame`, x fastest; valid as long as the volume. */
RGQ_API float *rgq_volume_data(rgq_volume *volume, int frame);
/** The same, to read only. */
RGQ_API const float *rgq_volume_cdata(const rgq_volume *volume, int frame);

/** @return RGQ_OK; RGQ_E_NUMERIC with the count and the first place of what is not finite.
 *  `what` names the step in the message, e.g. "after the Gaussian filter". */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_volume_check_finite(const rgq_volume *volume,
                                                          const char *what, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
