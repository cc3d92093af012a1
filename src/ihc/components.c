#include "ihc/components.h"

#include "core/alloc.h"
#include "core/banned.h"

static const size_t GONE = SIZE_MAX;

rgq_status rgq_ihc_components_init(rgq_ihc_components *c, int64_t width, float threshold,
                                   rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t runs = (size_t)(width + 1) / 2; /* of one row at most */

    *c = (rgq_ihc_components){.threshold = threshold, .width = width};
    RGQ_TRY(err, rgq_alloc(&c->run[0], runs, sizeof *c->run[0], err));
    RGQ_TRY(err, rgq_alloc(&c->run[1], runs, sizeof *c->run[1], err));
    RGQ_TRY(err, rgq_alloc(&c->object, 2 * runs, sizeof *c->object, err));
    RGQ_TRY(err, rgq_alloc(&c->kept, 2 * runs, sizeof *c->kept, err));
    RGQ_TRY(err, rgq_alloc(&c->parent, 2 * runs, sizeof *c->parent, err));
    RGQ_TRY(err, rgq_alloc(&c->renamed, 2 * runs, sizeof *c->renamed, err));
out:
    if (st != RGQ_OK)
        rgq_ihc_components_release(c);
    return st;
}

void rgq_ihc_components_release(rgq_ihc_components *c)
{
    rgq_free(c->run[0]);
    rgq_free(c->run[1]);
    rgq_free(c->object);
    rgq_free(c->kept);
    rgq_free(c->parent);
    rgq_free(c->renamed);
    *c = (rgq_ihc_components){0};
}

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static void merge(rgq_ihc_object *a, const rgq_ihc_object *b)
{
    a->area += b->area;
    a->sum_x += b->sum_x;
    a->sum_y += b->sum_y;
    a->x0 = b->x0 < a->x0 ? b->x0 : a->x0;
    a->y0 = b->y0 < a->y0 ? b->y0 : a->y0;
    a->x1 = b->x1 > a->x1 ? b->x1 : a->x1;
    a->y1 = b->y1 > a->y1 ? b->y1 : a->y1;
}

/* Of two roots the one with the lower number stays. */
static size_t unite(rgq_ihc_components *c, size_t a, size_t b)
{
    if (a == b)
        return a;
    const size_t low = a < b ? a : b;
    const size_t high = a < b ? b : a;
    merge(&c->object[low], &c->object[high]);
    c->parent[high] = low;
    return low;
}

/* The object of a run: that of the runs it touches in the row before, or a new one. `*first` is
 * the first of them that may still touch. */
static size_t object_of(rgq_ihc_components *c, const rgq_ihc_run_of *run, size_t *first)
{
    size_t mine = GONE;

    while (*first < c->n_runs && c->run[0][*first].end < run->begin)
        ++*first;
    for (size_t k = *first; k < c->n_runs && c->run[0][k].begin <= run->end; k++) {
        const size_t other = root_of(c->parent, c->run[0][k].object);
        mine = mine == GONE ? other : unite(c, mine, other);
    }
    if (mine == GONE) {
        mine = c->n_objects++;
        c->parent[mine] = mine;
        c->object[mine] =
            (rgq_ihc_object){.x0 = run->begin, .y0 = c->y, .x1 = run->end, .y1 = c->y + 1};
    }
    return mine;
}

static size_t take_runs(rgq_ihc_components *c, const float *row)
{
    size_t n = 0;
    size_t first = 0;

    for (int64_t x = 0; x < c->width;) {
        if (!(row[x] >= c->threshold)) {
            x++;
            continue;
        }
        const int64_t begin = x;
        while (x < c->width && row[x] >= c->threshold)
            x++;
        const int64_t length = x - begin;
        rgq_ihc_run_of *run = &c->run[1][n++];
        *run = (rgq_ihc_run_of){begin, x, 0};
        run->object = object_of(c, run, &first);
        merge(&c->object[run->object],
              &(rgq_ihc_object){length, (begin + x - 1) * length / 2, c->y * length, begin,
                                c->y, x, c->y + 1});
    }
    return n;
}

/* Objects without a run in this row are finished; the others are numbered anew. */
static void settle(rgq_ihc_components *c, size_t n_runs)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_objects; i++)
        c->renamed[i] = GONE;
    for (size_t k = 0; k < n_runs; k++) {
        const size_t root = root_of(c->parent, c->run[1][k].object);
        if (c->renamed[root] == GONE) {
            c->renamed[root] = n;
            c->kept[n++] = c->object[root];
        }
        c->run[1][k].object = c->renamed[root];
    }
    for (size_t i = 0; i < c->n_objects; i++) {
        if (c->parent[i] == i && c->renamed[i] == GONE)
            c->finished(c->user, &c->object[i]);
    }
    for (size_t i = 0; i < n; i++)
        c->parent[i] = i;
    c->n_objects = n;
    rgq_ihc_object *object = c->object;
    c->object = c->kept;
    c->kept = object;
    rgq_ihc_run_of *run = c->run[0];
    c->run[0] = c->run[1];
    c->run[1] = run;
    c->n_runs = n_runs;
}

void rgq_ihc_components_row(rgq_ihc_components *c, const float *row)
{
    settle(c, take_runs(c, row));
    c->y++;
}

void rgq_ihc_components_end(rgq_ihc_components *c)
{
    settle(c, 0);
}
