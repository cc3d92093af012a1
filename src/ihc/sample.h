/* A part of the slide in memory, from which white, vectors and Otsu's threshold are taken. */
#ifndef RGQ_IHC_SAMPLE_H
#define RGQ_IHC_SAMPLE_H

#include "ihc/options.h"
#include "ihc/pixels.h"

/** Rectangles of the same size: the whole image up to RGQ_IHC_FIELD_PIXELS, else 16 rows of
 *  them spread evenly, 16 to a row where the file has tiles. */
typedef struct rgq_ihc_sample {
    int n_rects, width, height;
    uint8_t *rgb; /**< rectangle after rectangle */
} rgq_ihc_sample;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_sample_read(rgq_ihc_sample *sample,
                                                      const rgq_ihc_source *source,
                                                      const rgq_ihc_plan *plan, rgq_error *err);
RGQ_API void rgq_ihc_sample_release(rgq_ihc_sample *sample);

static inline size_t rgq_ihc_sample_pixels(const rgq_ihc_sample *s)
{
    return (size_t)s->n_rects * (size_t)s->width * (size_t)s->height;
}

/**
 * @brief Intensity of the background: the median of each channel over pixels whose channels are
 *        all at least 200 and differ by 24 at most.
 *
 * @param[out] fraction  of the sample that is such background
 * @return false, and `white` untouched, if less than 1 % is
 */
RGQ_API bool rgq_ihc_sample_white(double white[3], double *fraction, const rgq_ihc_sample *s);

/** DAB of the tissue pixels.
 *  @param[out] out  caller frees it with rgq_free() */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_sample_dab(float **out, size_t *count,
                                                     const rgq_ihc_sample *s,
                                                     const rgq_ihc_unmix *u,
                                                     const rgq_ihc_plan *plan, float tissue_od,
                                                     rgq_error *err);

/**
 * @brief Otsu's threshold: 256 bins from the least to the greatest value; the centre of the bin
 *        after which the variance between the classes is greatest (the first of equals). Above
 *        it is foreground.
 * @return NaN if all values are equal, or without any
 * @see cite:Otsu1979
 */
RGQ_API double rgq_ihc_otsu(const float *values, size_t count);

/**
 * @brief Estimate the vectors of a set of two stains.
 *
 * Pixels whose OD vector is at least 0.15 long and that are not saturated; the plane of the
 * two leading eigenvectors of sum OD OD'; in it the directions at the 1st and the 99th
 * percentile of the angle. The one with more red is hematoxylin.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT: not two stains; RGQ_E_MISSING: fewer than 1000 such pixels,
 * or directions closer than 5 degrees (one stain). `stains` is untouched on failure.
 * @see cite:Macenko2009
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_macenko(rgq_stains *stains, const rgq_ihc_sample *s,
                                                  const double white[3], rgq_error *err);

#endif
