/* Where discs of background fit into a phantom. */
#ifndef RGQ_PHANTOM_BACKGROUND_DISCS_H
#define RGQ_PHANTOM_BACKGROUND_DISCS_H

#include "phantom/view.h"

enum { RGQ_DISCS_MAX = 12, RGQ_DISC_SLICES_MAX = 5 };

/** What is sought, and what it must stay away from. */
typedef struct rgq_disc_search {
    const rgq_view *view;
    int slices[RGQ_DISC_SLICES_MAX]; /* in the image */
    int n_slices;
    double radius_mm;
    const double (*avoid_mm)[3]; /* centres of what is hot */
    const double *avoid_radius_mm;
    int n_avoid;
} rgq_disc_search;

/** Discs that fit. */
typedef struct rgq_discs {
    int n;
    double at_mm[RGQ_DISCS_MAX][2];
    double margin_mm;  /* from the edge and from what is avoided, at least */
    double spacing_mm; /* between neighbours, at least */
} rgq_discs;

/**
 * @brief Spread twelve discs over the background.
 *
 * A place is good where the disc and a margin about it lie above half of the level in every
 * slice (a cold insert is an edge too), and the margin keeps off what is avoided. Of the good
 * places on a raster of 2 mm the farthest from those taken is taken next. The margin is 15 mm,
 * as the standard asks; where twelve discs then lie nearer to each other than 0.85 of their
 * diameter, it is made smaller down to 5 mm.
 *
 * @return RGQ_OK, also with fewer than twelve; RGQ_E_NOTFOUND if there is no place at all;
 *         RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_discs_place(rgq_discs *out, const rgq_disc_search *search,
                                          rgq_error *err);

#endif
