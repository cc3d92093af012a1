/* Correction for several hypotheses. */
#include <math.h>

#include "core/alloc.h"
#include "validation/sample.h"

#include "core/banned.h"

rgq_status rgq_holm(double *adjusted, const double *p, size_t m, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ranked *sorted = NULL;
    double *known = NULL;
    size_t tests = 0;

    if (m == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "no p-value: Holm's correction needs 1 or more");
    for (size_t i = 0; i < m; i++)
        if (p[i] < 0.0 || p[i] > 1.0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "p-value %zu is %g: 0 to 1 is possible",
                             i + 1, p[i]);
    RGQ_TRY(err, rgq_alloc(&sorted, m, sizeof *sorted, err));
    RGQ_TRY(err, rgq_alloc(&known, 2 * m, sizeof *known, err));
    for (size_t i = 0; i < m; i++)
        if (!isnan(p[i]))
            known[tests++] = p[i];
    (void)rgq_midranks(known + m, known, tests, sorted);
    double floor = 0.0;
    for (size_t k = 0; k < tests; k++) {
        floor = fmax(floor, fmin(1.0, (double)(tests - k) * sorted[k].value));
        known[sorted[k].row] = floor;
    }
    for (size_t i = 0, k = 0; i < m; i++)
        adjusted[i] = isnan(p[i]) ? p[i] : known[k++];
out:
    rgq_free(known);
    rgq_free(sorted);
    return st;
}
