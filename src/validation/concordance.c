/* Kendall's score, concordant minus discordant pairs. */
#include "core/alloc.h"
#include "validation/rank_p.h"

#include "core/banned.h"

rgq_status rgq_concordance_make(rgq_concordance *out, size_t n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_concordance made = {.n = n};

    *out = (rgq_concordance){.n = 0};
    RGQ_TRY(err, rgq_alloc(&made.end, n, sizeof *made.end, err));
    RGQ_TRY(err, rgq_alloc(&made.dense, n, sizeof *made.dense, err));
    RGQ_TRY(err, rgq_alloc(&made.tree, n + 1, sizeof *made.tree, err));
    *out = made;
    made = (rgq_concordance){.n = 0};
out:
    rgq_concordance_release(&made);
    return st;
}

void rgq_concordance_release(rgq_concordance *c)
{
    rgq_free(c->end);
    rgq_free(c->dense);
    rgq_free(c->tree);
    *c = (rgq_concordance){.n = 0};
}

void rgq_concordance_set(rgq_concordance *c, const double *x, const double *y, size_t n,
                         rgq_ranked *sorted, double *ranks)
{
    c->n = n;
    (void)rgq_midranks(ranks, y, n, sorted); /* of y; then sorted by x */
    double *const rank_y = ranks;
    double *const rank_x = ranks + n;
    (void)rgq_midranks(rank_x, x, n, sorted);
    for (size_t from = 0, end = 0; from < n; from = end) {
        /* A midrank is the mean of the first and the last place of its group. */
        end = (size_t)(2.0 * rank_x[sorted[from].row]) - (from + 1);
        for (size_t i = from; i < end; i++) {
            c->end[i] = end;
            c->dense[i] = (size_t)rank_y[sorted[i].row];
        }
    }
}

static double count_up_to(const size_t *tree, size_t rank)
{
    size_t count = 0;

    for (size_t i = rank; i > 0; i &= i - 1)
        count += tree[i];
    return (double)count;
}

double rgq_concordance_score(rgq_concordance *c)
{
    double score = 0.0;

    for (size_t i = 0; i <= c->n; i++)
        c->tree[i] = 0;
    for (size_t from = 0, end = 0; from < c->n; from = end) {
        end = c->end[from];
        for (size_t i = from; i < end; i++) {
            const double below = count_up_to(c->tree, c->dense[i] - 1);
            const double above = (double)from - count_up_to(c->tree, c->dense[i]);
            score += below - above;
        }
        for (size_t i = from; i < end; i++)
            for (size_t k = c->dense[i]; k <= c->n; k += k & (~k + 1))
                c->tree[k]++;
    }
    return score;
}
