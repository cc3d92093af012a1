/* One thread's part of a band: read, separate, add up. */
#ifndef RGQ_IHC_LANE_H
#define RGQ_IHC_LANE_H

#include "ihc/overlay.h"
#include "ihc/planes.h"
#include "ihc/shape.h"

/** What all lanes share; they write to different parts of `tissue`, `planes`, `painter`. */
typedef struct rgq_ihc_scene {
    int64_t width, height;
    const rgq_ihc_unmix *unmix;
    rgq_ihc_limits limits;
    float tissue_od; /**< -infinity: everything is tissue */
    const rgq_ihc_shape *shape;
    int n_shapes;
    rgq_ihc_tissue_map tissue;
    rgq_ihc_planes *planes;   /**< or NULL */
    rgq_ihc_painter *painter; /**< or NULL */
} rgq_ihc_scene;

typedef struct rgq_ihc_lane {
    int index;
    int64_t y;
    int rows, rows_max;
    uint8_t *rgb;
    rgq_ihc_strip strip;
    rgq_ihc_sums *sums; /**< of each shape */
    rgq_ihc_span *span;
    int *room;
    int64_t saturated;
    float darkest; /**< highest mean OD of a block, for the message where there is no tissue */
    rgq_status status;
    rgq_error err;
} rgq_ihc_lane;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_lane_init(rgq_ihc_lane *lane,
                                                    const rgq_ihc_scene *scene, int index,
                                                    int rows_max, rgq_error *err);
RGQ_API void rgq_ihc_lane_release(rgq_ihc_lane *lane);

/** Rows y .. y + rows - 1. Status and error stay in the lane, as it runs inside a parallel
 *  region. */
RGQ_API void rgq_ihc_lane_run(rgq_ihc_lane *lane, const rgq_ihc_scene *scene,
                              const rgq_ihc_source *source);

#endif
