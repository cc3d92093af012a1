/* Texture matrices: how often a pair (grey level, length or size or distance or ...) occurs. */
#ifndef RGQ_MEASURE_IBSI_COUNTS_H
#define RGQ_MEASURE_IBSI_COUNTS_H

#include <stdint.h>

#include "measure/ibsi.h"

typedef struct ibsi_count {
    uint32_t i, j;
    double n;
} ibsi_count;

/** Sparse matrix: entries in the order in which they were first met, found by hashing. */
typedef struct ibsi_counts {
    ibsi_count *entry;
    size_t n_entries;
    uint32_t *slot; /**< 1 + index of the entry, 0: free */
    size_t n_slots; /**< a power of two */
    int shift;
    double total; /**< sum of all n */
} ibsi_counts;

RGQ_API RGQ_MUST_CHECK rgq_status ibsi_counts_init(ibsi_counts *out, rgq_error *err);
RGQ_API void ibsi_counts_release(ibsi_counts *counts);

/** Make it empty; cost: its entries. */
RGQ_API void ibsi_counts_clear(ibsi_counts *counts);

/** Add `n` to (i, j). Fails only for memory. */
RGQ_API RGQ_MUST_CHECK rgq_status ibsi_counts_add(ibsi_counts *counts, uint32_t i, uint32_t j,
                                                  double n, rgq_error *err);

/**
 * @brief The 16 features that run length, size zone, distance zone and dependence matrices
 *        share, in the order of the reference tables, and the energy.
 *
 * @param[out] out    17 values; untouched for an empty matrix
 * @param[in]  voxels the number that the count of runs (zones, ...) is divided by
 * @param[in]  margin an empty matrix to work in
 */
enum { IBSI_EMPHASIS = 17 };
RGQ_API RGQ_MUST_CHECK rgq_status ibsi_emphasis(double out[IBSI_EMPHASIS],
                                                const ibsi_counts *counts, double voxels,
                                                ibsi_counts *margin, rgq_error *err);

/**
 * @brief A texture by directions: how its matrix is filled and what is read from it.
 */
typedef struct ibsi_texture {
    int n_features;
    /** Add what lies along a direction and begins in voxels `from` .. `to` - 1 of the region.
     */
    rgq_status (*collect)(ibsi_counts *to_counts, const ibsi_roi *roi, int direction,
                          size_t from, size_t to, rgq_error *err);
    /** Fill n_features values (NaN where there are none); `voxels` as for ibsi_emphasis(). */
    rgq_status (*read)(double *out, const ibsi_counts *counts, double voxels, void *context,
                       rgq_error *err);
    void *context;
} ibsi_texture;

/** All six aggregations, each n_features values: by slice and direction, by slice, by direction
 *  in the slices, the slices as one, by direction, all as one. */
RGQ_MUST_CHECK rgq_status ibsi_aggregate(double *out, const ibsi_texture *texture,
                                         const ibsi_roi *roi, rgq_error *err);

/** First voxel of the region after those in the slice of voxel `from`. */
size_t ibsi_slice_end(const ibsi_roi *roi, size_t from);

/** Mean of a feature over slices or directions; those without a value do not count. */
typedef struct ibsi_mean {
    double sum;
    int n;
} ibsi_mean;

enum { IBSI_FEATURES_MAX = 25 };

static inline void ibsi_mean_add(ibsi_mean *mean, const double *values, int n)
{
    for (int f = 0; f < n; f++)
        if (values[f] == values[f]) {
            mean[f].sum += values[f];
            mean[f].n++;
        }
}

static inline void ibsi_mean_take(double *out, const ibsi_mean *mean, int n)
{
    for (int f = 0; f < n; f++)
        if (mean[f].n > 0)
            out[f] = mean[f].sum / mean[f].n;
}

#endif
