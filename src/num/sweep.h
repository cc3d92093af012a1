/* One sweep of a separable convolution over a volume or a box. */
#ifndef RGQ_NUM_SWEEP_H
#define RGQ_NUM_SWEEP_H

#include "num/blur.h"
#include "num/fir_loops.h"
#include "num/window.h"

enum {
    RGQ_LINE = 16,      /**< floats in a cache line, to which rows are padded */
    RGQ_BLOCK_ROWS = 16 /**< rows that are filtered along themselves at a time */
};

/** It filters lines of rows along `across`: row j of line l begins at l * line_step +
 *  j * row_step and holds `width` floats; it is cut into bands, and an item is one band of one
 *  line. With `x` the rows, uncut, are filtered along themselves on the way into the window.
 *  Without `across` an item is a block of rows that are filtered along `x` alone. */
typedef struct rgq_sweep {
    rgq_fir_loops loops;
    const rgq_axis *across; /**< or NULL */
    const rgq_axis *x;      /**< or NULL */
    size_t n_lines;         /**< without `across`: rows */
    size_t line_step;
    size_t row_step;
    size_t width;
    size_t band;
    size_t items;
} rgq_sweep;

/** Buffers of one thread for one sweep. */
typedef struct rgq_sweep_room {
    rgq_window rolling;
    float *line;             /**< a row with its borders, for filtering along x */
    const float **rows;      /**< 2 radius + 2 of `across` */
    const float **line_rows; /**< 2 radius + 1 of `x` */
} rgq_sweep_room;

/** From where to where, and what is done with the result then. */
typedef struct rgq_sweep_job {
    float *out;
    const float *in;
    const rgq_blur_after *after; /**< or NULL */
} rgq_sweep_job;

/** Rows `first` .. `end` - 1 of a band of one line, which may be only a part of it. */
typedef struct rgq_sweep_band {
    const float *in; /**< row 0 */
    float *out;      /**< row `first`; may be that of `in` if the band has all rows */
    size_t in_step;
    size_t out_step;
    size_t width;
    int first;
    int end;
} rgq_sweep_band;

/** Floats and pointers that a room needs. */
size_t rgq_sweep_floats(const rgq_sweep *s);
size_t rgq_sweep_pointers(const rgq_sweep *s);

void rgq_sweep_room_init(rgq_sweep_room *room, const rgq_sweep *s, float *floats,
                         const float **pointers);

/** `job` tells what is done with each finished row; NULL: nothing. */
void rgq_sweep_run_band(const rgq_sweep *s, const rgq_sweep_room *room,
                        const rgq_sweep_band *band, const rgq_sweep_job *job, double sum[2]);

/** sum += what `after` of the job adds. */
void rgq_sweep_run_item(const rgq_sweep *s, const rgq_sweep_room *room,
                        const rgq_sweep_job *job, size_t item, double sum[2]);

/** Hand `width` finished voxels from `row` in the result on. */
static inline void rgq_sweep_finish(const rgq_sweep_job *job, float *row, size_t width,
                                    double sum[2])
{
    if (job != NULL && job->after != NULL)
        job->after->run(job->after->context, row, (size_t)(row - job->out), width, sum);
}

#endif
