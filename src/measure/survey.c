#include "measure/survey.h"

#include <math.h>
#include <omp.h>

#include "core/alloc.h"
#include "core/banned.h"

/* Rows of a region that one thread does at a time: enough pieces for all threads even where
 * one region is the whole body. */
enum { PIECE_ROWS = 16 };

typedef struct piece {
    int region;
    int rows[2];
    rgq_peaks found;
} piece;

static size_t box_count(const rgq_region *region)
{
    return (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
}

static size_t largest_count(const rgq_regions *regions)
{
    size_t most = 1;

    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const size_t count = box_count(rgq_regions_at(regions, i));
        most = count > most ? count : most;
    }
    return most;
}

/* The largest box is all a thread needs to order values in. */
static rgq_status survey_moments(rgq_survey *out, const float *values, const rgq_grid *grid,
                                 const rgq_regions *regions, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int n_regions = rgq_regions_count(regions);
    const size_t most = largest_count(regions);
    const int n_threads = omp_get_max_threads() < n_regions ? omp_get_max_threads() : n_regions;
    float *scratch = NULL;

    if (n_regions == 0)
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&scratch, most * (size_t)n_threads, sizeof *scratch, err));
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
    for (int i = 0; i < n_regions; i++)
        out[i].moments = rgq_moments_in(values, grid, rgq_regions_at(regions, i),
                                        scratch + most * (size_t)omp_get_thread_num());
out:
    rgq_free(scratch);
    return st;
}

static int n_pieces_of(const rgq_region *region)
{
    return (region->n[1] * region->n[2] + PIECE_ROWS - 1) / PIECE_ROWS;
}

static void cut_pieces(piece *out, const rgq_regions *regions)
{
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        const int n_rows = region->n[1] * region->n[2];
        for (int row = 0; row < n_rows; row += PIECE_ROWS) {
            const int end = row + PIECE_ROWS < n_rows ? row + PIECE_ROWS : n_rows;
            *out++ = (piece){i, {row, end}, {(double)NAN, (double)NAN}};
        }
    }
}

static rgq_status survey_peaks(rgq_survey *out, const float *values, const rgq_grid *grid,
                               const rgq_regions *regions, const rgq_peak_kernel *kernel,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    piece *pieces = NULL;
    size_t n_pieces = 0;

    for (int i = 0; i < rgq_regions_count(regions); i++)
        n_pieces += (size_t)n_pieces_of(rgq_regions_at(regions, i));
    if (n_pieces == 0)
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&pieces, n_pieces, sizeof *pieces, err));
    cut_pieces(pieces, regions);
#pragma omp parallel for schedule(static, 1)
    for (size_t k = 0; k < n_pieces; k++) {
        piece *p = &pieces[k];
        p->found = rgq_peaks_of_rows(kernel, values, grid, rgq_regions_at(regions, p->region),
                                     p->rows, out[p->region].moments.max);
    }
    for (size_t k = 0; k < n_pieces; k++)
        out[pieces[k].region].peaks =
            rgq_peaks_join(out[pieces[k].region].peaks, pieces[k].found);
out:
    rgq_free(pieces);
    return st;
}

rgq_status rgq_survey_regions(rgq_survey *out, const float *values, const rgq_grid *grid,
                              const rgq_regions *regions, const rgq_peak_kernel *kernel,
                              rgq_error *err)
{
    RGQ_PASS(err, survey_moments(out, values, grid, regions, err));
    for (int i = 0; i < rgq_regions_count(regions); i++)
        out[i].peaks = (rgq_peaks){(double)NAN, (double)NAN};
    if (kernel != NULL)
        RGQ_PASS(err, survey_peaks(out, values, grid, regions, kernel, err));
    return RGQ_OK;
}
