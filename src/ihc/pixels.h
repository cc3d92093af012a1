/* From bytes to stains, a strip of tissue blocks at a time. */
#ifndef RGQ_IHC_PIXELS_H
#define RGQ_IHC_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

enum {
    RGQ_IHC_WIDTH = 1024,   /**< columns that are worked on at once */
    RGQ_IHC_BLOCK_MIN = 8,  /**< side of a tissue block: a power of two, so that */
    RGQ_IHC_BLOCK_MAX = 64, /**< lanes of a multiple of 64 rows have whole blocks */
    RGQ_IHC_QUANTUM_LOG2 = 22,
    RGQ_IHC_SATURATED = 2 /**< up to this byte a step is 0.18 OD or more */
};

/** What a byte means and how colours become stains. */
typedef struct rgq_ihc_unmix {
    float od[3][256];    /**< -log10 of byte / I0, kept within 0..6 */
    float inverse[2][3]; /**< rows of hematoxylin and DAB; 0 where there is no such stain */
} rgq_ihc_unmix;

/** `h` and `dab`: rows of the inverse, or NULL. */
RGQ_API void rgq_ihc_unmix_init(rgq_ihc_unmix *u, const double white[3], const double *h,
                                const double *dab);

/** A strip: as many rows as a tissue block has, or less at the foot of the slide, of at most
 *  RGQ_IHC_WIDTH pixels. Row y of `h` and `dab` begins at y * RGQ_IHC_WIDTH. */
typedef struct rgq_ihc_strip {
    int width, height, block;
    float *h;
    float *dab;
    float block_od[RGQ_IHC_WIDTH / RGQ_IHC_BLOCK_MIN]; /**< mean OD of each tissue block */
    int64_t saturated; /**< pixels with a channel up to RGQ_IHC_SATURATED */
} rgq_ihc_strip;

/** Memory for strips of blocks of `block`; release it. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_strip_init(rgq_ihc_strip *strip, int block,
                                                     rgq_error *err);
RGQ_API void rgq_ihc_strip_release(rgq_ihc_strip *strip);

/** Separate `width` x `height` pixels; rows of `rgb` are `stride` bytes apart. */
RGQ_API void rgq_ihc_strip_fill(rgq_ihc_strip *strip, const rgq_ihc_unmix *u,
                                const uint8_t *rgb, size_t stride, int width, int height);

static inline int rgq_ihc_strip_blocks(const rgq_ihc_strip *strip)
{
    return (strip->width + strip->block - 1) / strip->block;
}

/** Where intensities begin; a pixel belongs if its OD is at least that. Infinite: nothing. */
typedef struct rgq_ihc_limits {
    float intensity[3];
    float positive;
    float otsu;
} rgq_ihc_limits;

/** Sums over pixels. They are whole numbers, so that no order of adding matters. */
typedef struct rgq_ihc_sums {
    int64_t pixels;       /**< of the region */
    int64_t tissue;       /**< of these; all below counts only them */
    int64_t h, dab;       /**< OD in units of 2^-RGQ_IHC_QUANTUM_LOG2 */
    int64_t intensity[3]; /**< at least weak, at least moderate, strong */
    int64_t positive;
    int64_t otsu;
} rgq_ihc_sums;

/** Add `n` pixels of tissue, at most RGQ_IHC_WIDTH. */
RGQ_API void rgq_ihc_sums_add_row(rgq_ihc_sums *sums, const rgq_ihc_limits *limits,
                                  const float *h, const float *dab, int n);

/** sums += more */
RGQ_API void rgq_ihc_sums_add(rgq_ihc_sums *sums, const rgq_ihc_sums *more);

/** Where a run of pixels of one row lies, end exclusive. */
typedef struct rgq_ihc_span {
    int begin, end;
} rgq_ihc_span;

/** Runs of blocks whose mean OD is at least `tissue_od`, in columns of the strip.
 *  @return their number, at most half the blocks, rounded up */
RGQ_API int rgq_ihc_strip_tissue(rgq_ihc_span *runs, const rgq_ihc_strip *strip,
                                 float tissue_od);

#endif
