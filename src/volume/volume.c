#include "rgdquant/volume.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

struct rgq_volume {
    rgq_grid grid;
    rgq_unit unit;
    int n_frames;
    size_t count; /* voxels of one frame */
    rgq_frame *frame;
    float *data;
};

rgq_status rgq_volume_create(rgq_volume **out, const rgq_grid *grid, int n_frames,
                             rgq_unit unit, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;

    *out = NULL;
    if (n_frames < 1 || n_frames > RGQ_FRAMES_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d frames; 1 to %d were needed", n_frames,
                         (int)RGQ_FRAMES_MAX);
    RGQ_TRY(err, rgq_grid_check(grid, err));
    RGQ_TRY(err, rgq_alloc(&volume, 1, sizeof *volume, err));
    volume->grid = *grid;
    volume->unit = unit;
    volume->n_frames = n_frames;
    volume->count = rgq_grid_count(grid);
    if (volume->count > SIZE_MAX / sizeof *volume->data / (size_t)n_frames) {
        st = RGQ_RAISE(err, RGQ_E_NOMEM, "%d frames of %zu voxels do not fit the memory",
                       n_frames, volume->count);
        goto out;
    }
    RGQ_TRY(err, rgq_alloc(&volume->frame, (size_t)n_frames, sizeof *volume->frame, err));
    RGQ_TRY(err, rgq_alloc(&volume->data, volume->count * (size_t)n_frames,
                           sizeof *volume->data, err));
    for (int f = 0; f < n_frames; f++)
        volume->frame[f] = (rgq_frame){(double)NAN, (double)NAN};
    *out = volume;
    volume = NULL;
out:
    rgq_volume_free(volume);
    return st;
}

rgq_status rgq_volume_clone(rgq_volume **out, const rgq_volume *in, bool with_voxels,
                            rgq_error *err)
{
    RGQ_PASS(err, rgq_volume_create(out, &in->grid, in->n_frames, in->unit, err));
    memcpy((*out)->frame, in->frame, (size_t)in->n_frames * sizeof *in->frame);
    if (with_voxels)
        memcpy((*out)->data, in->data, in->count * (size_t)in->n_frames * sizeof *in->data);
    return RGQ_OK;
}

rgq_status rgq_volume_extract(rgq_volume **out, const rgq_volume *in, int frame, rgq_error *err)
{
    *out = NULL;
    if (frame < 0 || frame >= in->n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no frame %d; the volume has 0 to %d",
                         frame, in->n_frames - 1);
    RGQ_PASS(err, rgq_volume_create(out, &in->grid, 1, in->unit, err));
    (*out)->frame[0] = in->frame[frame];
    memcpy((*out)->data, rgq_volume_cdata(in, frame), in->count * sizeof *in->data);
    return RGQ_OK;
}

void rgq_volume_free(rgq_volume *volume)
{
    if (volume == NULL)
        return;
    rgq_free(volume->frame);
    rgq_free(volume->data);
    rgq_free(volume);
}

const rgq_grid *rgq_volume_grid(const rgq_volume *volume)
{
    return &volume->grid;
}

rgq_unit rgq_volume_unit(const rgq_volume *volume)
{
    return volume->unit;
}

void rgq_volume_set_unit(rgq_volume *volume, rgq_unit unit)
{
    volume->unit = unit;
}

int rgq_volume_n_frames(const rgq_volume *volume)
{
    return volume->n_frames;
}

rgq_frame rgq_volume_frame(const rgq_volume *volume, int frame)
{
    assert(frame >= 0 && frame < volume->n_frames);
    return volume->frame[frame];
}

void rgq_volume_set_frame(rgq_volume *volume, int frame, rgq_frame time)
{
    assert(frame >= 0 && frame < volume->n_frames);
    volume->frame[frame] = time;
}

size_t rgq_volume_count(const rgq_volume *volume)
{
    return volume->count;
}

float *rgq_volume_data(rgq_volume *volume, int frame)
{
    assert(frame >= 0 && frame < volume->n_frames);
    return volume->data + volume->count * (size_t)frame;
}

const float *rgq_volume_cdata(const rgq_volume *volume, int frame)
{
    assert(frame >= 0 && frame < volume->n_frames);
    return volume->data + volume->count * (size_t)frame;
}

/* An all-ones exponent is inf or NaN; testing bits lets the compiler vectorise the scan. */
static size_t count_non_finite(const float *data, size_t count)
{
    size_t bad = 0;
#pragma omp parallel for schedule(static) reduction(+ : bad)
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = 0;
        memcpy(&bits, &data[i], sizeof bits);
        bad += (bits & 0x7f800000u) == 0x7f800000u;
    }
    return bad;
}

rgq_status rgq_volume_check_finite(const rgq_volume *volume, const char *what, rgq_error *err)
{
    const size_t total = volume->count * (size_t)volume->n_frames;
    const size_t bad = count_non_finite(volume->data, total);

    if (bad == 0)
        return RGQ_OK;
    size_t first = 0;
    while (isfinite(volume->data[first]))
        first++;
    const size_t in_frame = first % volume->count;
    const size_t nx = (size_t)volume->grid.n[0];
    const size_t ny = (size_t)volume->grid.n[1];
    return RGQ_RAISE(err, RGQ_E_NUMERIC,
                     "%zu of %zu voxels are not finite %s, the first at voxel (%zu, %zu, %zu) "
                     "of frame %zu",
                     bad, total, what, in_frame % nx, in_frame / nx % ny, in_frame / (nx * ny),
                     first / volume->count);
}
