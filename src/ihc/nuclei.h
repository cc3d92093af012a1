/* Nuclei: maxima of the Laplacian of Gaussian, band after band. */
#ifndef RGQ_IHC_NUCLEI_H
#define RGQ_IHC_NUCLEI_H

#include "ihc/planes.h"

/**
 * A nucleus is a pixel of the coarse plane whose response -sigma^2 (LoG * h) is at least
 * `least`, and not below that of any pixel of the window around it (of equals the first in
 * reading order counts). A disc of radius sqrt(2) sigma responds most, with 2/e of its OD.
 * Every response is the same sum whatever part of the slide is in memory, so no nucleus is lost
 * or counted twice where bands meet.
 */
typedef struct rgq_ihc_nuclei {
    float least;    /**< response [OD10] */
    float limit[3]; /**< DAB OD of weak, moderate, strong */
    int radius;     /**< of the kernel */
    int window;     /**< a maximum of (2 window + 1)^2 */
    int disc;       /**< DAB is the mean over a disc of this radius around it */
    float *g;       /**< Gaussian, radius + 1 */
    float *g2;      /**< sigma^2 times its second derivative, sum 0, with the sign turned */
    int64_t width, height;
    int64_t done;     /**< rows before it have been searched */
    int64_t capacity; /**< rows of the two planes below */
    float *response;
    int64_t response_base;
    uint8_t *mark; /**< rows found by the last search: 0, or 1 + intensity 0..3 */
    int64_t mark_base, mark_end;
    int n_threads;
    float *room; /**< n_threads * 2 padded rows */
} rgq_ihc_nuclei;

/** @param[in] sigma     of the Gaussian [coarse pixels]
 *  @param[in] capacity  most rows that one search takes */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_nuclei_init(rgq_ihc_nuclei *nuclei,
                                                      const rgq_ihc_planes *planes,
                                                      double sigma, int64_t capacity,
                                                      rgq_error *err);
RGQ_API void rgq_ihc_nuclei_release(rgq_ihc_nuclei *nuclei);

/** Rows that must be in memory before and behind a row that is searched. */
RGQ_API int rgq_ihc_nuclei_halo(double sigma);

/**
 * @brief Search the rows that can be searched with what is in `planes`.
 *
 * Afterwards `mark` holds rows mark_base .. mark_end - 1, and the planes need no row before
 * done - halo any more.
 * Threads: same bits for any thread count.
 */
RGQ_API void rgq_ihc_nuclei_search(rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *planes);

#endif
