/* walker: the probability that a walker who starts at a voxel comes to the inside first. */
#include "roi/walker.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/lattice.h"
#include "roi/segment_method.h"

static const double weight_min = 1e-6; /* of that between equals: nothing is cut off wholly */
enum { ROUNDS_MAX = 1000 };

/* Couple voxel i with the next along one axis: two unknowns with each other, an unknown with a
 * marker by its anchor. */
static void couple(rgq_lattice *lattice, const uint8_t *label, int axis, size_t i, size_t j,
                   float w)
{
    if (label[i] == RGQ_MARK_NONE && label[j] == RGQ_MARK_NONE) {
        lattice->weight[axis][i] = w;
        return;
    }
    const size_t unknown = label[i] == RGQ_MARK_NONE ? i : j;
    const size_t marker = unknown == i ? j : i;
    if (label[unknown] != RGQ_MARK_NONE)
        return;
    lattice->anchor[unknown] += w;
    if (label[marker] == RGQ_MARK_INSIDE)
        lattice->b[unknown] += w;
}

static void fill(rgq_lattice *lattice, const rgq_walk *walk, const float *values,
                 const uint8_t *label)
{
    const int *n = lattice->n;
    const size_t stride[3] = {1, (size_t)n[0], (size_t)n[0] * (size_t)n[1]};
    const double largest = 1.0 / fmin(walk->spacing_mm[0] * walk->spacing_mm[0],
                                      fmin(walk->spacing_mm[1] * walk->spacing_mm[1],
                                           walk->spacing_mm[2] * walk->spacing_mm[2]));

    for (int a = 0; a < 3; a++) {
        const double near = 1.0 / (walk->spacing_mm[a] * walk->spacing_mm[a]) / largest;
        const size_t count = stride[2] * (size_t)n[2];
        for (size_t i = 0; i < count; i++) {
            if (i / stride[a] % (size_t)n[a] == (size_t)n[a] - 1)
                continue;
            const size_t j = i + stride[a];
            const double d = ((double)values[i] - (double)values[j]) / walk->scale;
            const double w = near * fmax(exp(-walk->beta * d * d), weight_min);
            couple(lattice, label, a, i, j, (float)w);
        }
    }
}

/* What its own value says of a voxel: a further way to either marker. Where a blurred surface
 * leaves the walker no way through, this decides, half-way between the two. */
static void add_prior(rgq_lattice *lattice, const rgq_walk *walk, const float *values,
                      const uint8_t *label)
{
    const size_t count = (size_t)walk->n[0] * (size_t)walk->n[1] * (size_t)walk->n[2];

    for (size_t i = 0; i < count; i++)
        if (label[i] == RGQ_MARK_NONE) {
            const double part = ((double)values[i] - walk->cold) / (walk->hot - walk->cold);
            lattice->anchor[i] += (float)walk->prior;
            lattice->b[i] += (float)(walk->prior * fmin(fmax(part, 0.0), 1.0));
        }
}

static double mean_inside(const float *values, const uint8_t *label, size_t count)
{
    double sum = 0.0;
    double n = 0.0;

    for (size_t i = 0; i < count; i++)
        if (label[i] == RGQ_MARK_INSIDE) {
            sum += (double)values[i];
            n += 1.0;
        }
    return sum / n;
}

rgq_status rgq_walk_solve(float *probability, const float *values, const uint8_t *label,
                          const rgq_walk *walk, rgq_lattice_report *report, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_lattice *lattice = NULL;
    const size_t count = (size_t)walk->n[0] * (size_t)walk->n[1] * (size_t)walk->n[2];

    RGQ_TRY(err, rgq_lattice_create(&lattice, walk->n, err));
    fill(lattice, walk, values, label);
    add_prior(lattice, walk, values, label);
    RGQ_TRY(err,
            rgq_lattice_solve(probability, lattice, walk->relative, ROUNDS_MAX, report, err));
    for (size_t i = 0; i < count; i++)
        if (label[i] != RGQ_MARK_NONE)
            probability[i] = label[i] == RGQ_MARK_INSIDE ? 1.0f : 0.0f;
out:
    rgq_lattice_free(lattice);
    return st;
}

rgq_status rgq_segment_walker(rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_markers m = {.label = NULL};
    rgq_walk walk = {.beta = job->spec.value[0], .prior = 0.05, .relative = 1e-4};
    rgq_lattice_report report = {0, 0.0};
    rgq_lesion lesion;
    float *values = NULL;
    float *probability = NULL;

    RGQ_TRY(err, rgq_lesion_survey(&lesion, job, err));
    RGQ_TRY(err, rgq_markers_make(&m, &lesion, job, err));
    const size_t count = rgq_box_count(&m.box);
    for (int a = 0; a < 3; a++)
        walk.n[a] = m.box.n[a];
    rgq_grid_spacing_mm(job->grid, walk.spacing_mm);
    walk.scale = lesion.maximum - lesion.background.mean;
    walk.cold = lesion.background.mean;
    RGQ_TRY(err, rgq_alloc(&values, count, sizeof *values, err));
    RGQ_TRY(err, rgq_alloc(&probability, count, sizeof *probability, err));
    rgq_box_values(values, &m.box, job);
    walk.hot = mean_inside(values, m.label, count);
    if (!(walk.hot > walk.cold)) {
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND,
                       "the mean inside, %.6g, is not above the background of %.6g", walk.hot,
                       walk.cold);
        goto out;
    }
    RGQ_TRY(err, rgq_walk_solve(probability, values, m.label, &walk, &report, err));
    job->report.rounds = report.rounds;
    job->report.residual = report.residual;
    for (size_t i = 0; i < count; i++)
        m.label[i] = probability[i] >= 0.5f ? RGQ_MARK_INSIDE : RGQ_MARK_OUTSIDE;
    RGQ_TRY(err, rgq_segment_take_box(job, &lesion, &m.box, m.label, err));
    RGQ_TRY(err, rgq_lesion_check_seed(&lesion, job, err));
out:
    rgq_free(probability);
    rgq_free(values);
    rgq_free(m.label);
    return st;
}
