#include <math.h>

#include "core/banned.h"
#include "rgdquant/ihc.h"

static long long positive_of(const rgq_ihc_cells *cells)
{
    return cells->n[1] + cells->n[2] + cells->n[3];
}

/* Mean intensity of the positive cells, 1..3, half rounded up; 0 without any. */
static int intensity_of(const rgq_ihc_cells *cells)
{
    const long long positive = positive_of(cells);
    const long long sum = cells->n[1] + 2 * cells->n[2] + 3 * cells->n[3];
    return positive > 0 ? (int)((2 * sum + positive) / (2 * positive)) : 0;
}

double rgq_ihc_h_score(const rgq_ihc_cells *cells)
{
    const double all = (double)(cells->n[0] + positive_of(cells));
    const double sum = (double)cells->n[1] + 2 * (double)cells->n[2] + 3 * (double)cells->n[3];
    return all > 0 ? 100 * sum / all : (double)NAN;
}

int rgq_ihc_allred(const rgq_ihc_cells *cells)
{
    const long long p = positive_of(cells);
    const long long all = cells->n[0] + p;

    if (all <= 0)
        return -1;
    if (p == 0)
        return 0;
    /* < 1/100, to 1/10, to 1/3, to 2/3, beyond */
    const int proportion =
        100 * p < all ? 1
                      : (10 * p <= all ? 2 : (3 * p <= all ? 3 : (3 * p <= 2 * all ? 4 : 5)));
    return proportion + intensity_of(cells);
}

int rgq_ihc_irs(const rgq_ihc_cells *cells)
{
    const long long p = positive_of(cells);
    const long long all = cells->n[0] + p;

    if (all <= 0)
        return -1;
    if (p == 0)
        return 0;
    /* < 10 %, 10 to 50 %, to 80 %, beyond */
    const int proportion = 10 * p < all ? 1 : (2 * p <= all ? 2 : (10 * p <= 8 * all ? 3 : 4));
    return proportion * intensity_of(cells);
}
