#include "dose/photon_start.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

static double weight_of(const rgq_anatomy *body, const rgq_photon_source *source, size_t i)
{
    if (source->activity != NULL)
        return (double)source->activity[i];
    if (source->whole_body)
        return body->organ[i] != 0 ? rgq_anatomy_density(body, i) : 0.0;
    return body->organ[i] == source->organ + 1 ? 1.0 : 0.0;
}

/* Vose's construction: every entry shares its column with at most one other. */
static rgq_status fill_table(rgq_photon_start *s, const rgq_photon_source *source, double total,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    uint32_t *queue = NULL; /* small ones from the front, large ones from the back */
    double *p = NULL;
    size_t n_small = 0;
    size_t large = s->n;

    RGQ_TRY(err, rgq_alloc(&s->keep, s->n, sizeof *s->keep, err));
    RGQ_TRY(err, rgq_alloc(&s->other, s->n, sizeof *s->other, err));
    RGQ_TRY(err, rgq_alloc(&queue, s->n, sizeof *queue, err));
    RGQ_TRY(err, rgq_alloc(&p, s->n, sizeof *p, err));
    for (size_t i = 0; i < s->n; i++) {
        p[i] = weight_of(s->body, source, s->voxel[i]) / total * (double)s->n;
        s->keep[i] = 1.0f;
        s->other[i] = (uint32_t)i;
        if (p[i] < 1.0)
            queue[n_small++] = (uint32_t)i;
        else
            queue[--large] = (uint32_t)i;
    }
    while (n_small > 0 && large < s->n) {
        const uint32_t a = queue[--n_small];
        const uint32_t b = queue[large];
        s->keep[a] = (float)p[a];
        s->other[a] = b;
        p[b] -= 1.0 - p[a];
        if (p[b] < 1.0) {
            large++;
            queue[n_small++] = b;
        }
    }
out:
    rgq_free(queue);
    rgq_free(p);
    return st;
}

static rgq_status check_source(const rgq_anatomy *body, const rgq_photon_source *source,
                               rgq_error *err)
{
    if (source->activity == NULL && !source->whole_body &&
        (source->organ < 0 || source->organ >= body->n_organs))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "source %d of a body with %d organs",
                         source->organ, body->n_organs);
    return RGQ_OK;
}

rgq_status rgq_photon_start_make(rgq_photon_start *out, const rgq_anatomy *body,
                                 const rgq_photon_source *source, const rgq_spectrum *spectrum,
                                 rgq_error *err)
{
    const size_t count = rgq_anatomy_count(body);
    double total = 0.0;
    size_t n = 0;

    *out = (rgq_photon_start){
        .body = body, .line = spectrum->photon, .n_lines = spectrum->n_photons};
    for (int k = 0; k < spectrum->n_photons; k++) {
        out->yield += spectrum->photon[k].yield;
        out->emitted_mev += spectrum->photon[k].yield * spectrum->photon[k].energy_mev;
    }
    RGQ_PASS(err, check_source(body, source, err));
    if (count > UINT32_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a body of %zu voxels; at most %u are handled",
                         count, UINT32_MAX);
    for (size_t i = 0; i < count; i++) {
        const double weight = weight_of(body, source, i);
        if (!(weight >= 0.0) || isinf(weight))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "voxel %zu has an activity of %g; one of at least 0 is needed", i,
                             weight);
        n += weight > 0.0;
        total += weight;
    }
    if (n == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the source '%s' has no voxel to start from; take smaller voxels",
                         source->activity == NULL && !source->whole_body
                             ? body->organs[source->organ].name
                             : "activity");
    RGQ_PASS(err, rgq_alloc(&out->voxel, n, sizeof *out->voxel, err));
    for (size_t i = 0; i < count; i++)
        if (weight_of(body, source, i) > 0.0)
            out->voxel[out->n++] = (uint32_t)i;
    if (source->activity == NULL && !source->whole_body)
        return RGQ_OK;
    return fill_table(out, source, total, err);
}

void rgq_photon_start_release(rgq_photon_start *start)
{
    rgq_free(start->voxel);
    rgq_free(start->keep);
    rgq_free(start->other);
    *start = (rgq_photon_start){.n = 0};
}

static double draw_line(const rgq_photon_start *s, rgq_stream *random)
{
    double left = (double)rgq_stream_uniform(random) * s->yield;

    for (int k = 0; k < s->n_lines - 1; k++) {
        left -= s->line[k].yield;
        if (left < 0.0)
            return s->line[k].energy_mev;
    }
    return s->line[s->n_lines - 1].energy_mev;
}

double rgq_photon_start_at(float at[3], const rgq_photon_start *start, rgq_stream *random)
{
    /* Two deviates: one has 23 bits, and a body more voxels than that. */
    const double u = (double)rgq_stream_uniform(random);
    const double fine = (double)rgq_stream_uniform(random);
    const double place = (u + (fine - 0.5) * 0x1p-23) * (double)start->n;
    size_t entry = place > 0.0 ? (size_t)place : 0;

    if (entry >= start->n)
        entry = start->n - 1;
    if (start->keep != NULL && rgq_stream_uniform(random) >= start->keep[entry])
        entry = start->other[entry];
    const uint32_t voxel = start->voxel[entry];
    const uint32_t nx = (uint32_t)start->body->n[0];
    const uint32_t ny = (uint32_t)start->body->n[1];
    at[0] = (float)(voxel % nx) + rgq_stream_uniform(random);
    at[1] = (float)(voxel / nx % ny) + rgq_stream_uniform(random);
    at[2] = (float)(voxel / (nx * ny)) + rgq_stream_uniform(random);
    return draw_line(start, random);
}
