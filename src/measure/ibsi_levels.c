/* From the voxels of a region to the intensity mask and its grey levels. */
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi.h"
#include "num/stats.h"

static void round_image(ibsi_image *image)
{
    const size_t count = (size_t)image->n[0] * (size_t)image->n[1] * (size_t)image->n[2];

    for (size_t i = 0; i < count; i++)
        image->value[i] = rintf(image->value[i]);
}

static double mean_of(const float *value, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)value[i];
    return sum / (double)count;
}

/* Voxels of the region with their values, those outside the range left out. */
static void collect(ibsi_roi *roi, const rgq_features_opts *opts)
{
    size_t i = 0;

    for (int z = 0; z < roi->n[2]; z++)
        for (int y = 0; y < roi->n[1]; y++) {
            const ptrdiff_t row =
                ibsi_step(roi->image.n, (const int[3]){roi->at_image[0], roi->at_image[1] + y,
                                                       roi->at_image[2] + z});
            for (int x = 0; x < roi->n[0]; x++, i++) {
                if (roi->morph[i] == 0)
                    continue;
                const float v = roi->image.value[row + x];
                if ((double)v < opts->low || (double)v > opts->high)
                    continue;
                roi->voxel[roi->count] = i;
                roi->value[roi->count++] = v;
            }
        }
}

static void leave_out_outliers(ibsi_roi *roi, double n_sd)
{
    const double mean = mean_of(roi->value, roi->count);
    double square = 0.0;
    size_t kept = 0;

    for (size_t i = 0; i < roi->count; i++) {
        const double d = (double)roi->value[i] - mean;
        square += d * d;
    }
    const double reach = n_sd * sqrt(square / (double)roi->count);
    for (size_t i = 0; i < roi->count; i++) {
        if (!(fabs((double)roi->value[i] - mean) <= reach))
            continue;
        roi->voxel[kept] = roi->voxel[i];
        roi->value[kept++] = roi->value[i];
    }
    roi->count = kept;
}

/* Levels by value. */
typedef struct rule {
    double least;
    double largest;
    double size; /* of a bin; 0: a count */
    int count;
} rule;

static double level_of(const rule *r, double value)
{
    if (r->count == 0)
        return floor((value - r->least) / r->size) + 1.0;
    if (!(value < r->largest))
        return r->count;
    return fmin(floor(r->count * (value - r->least) / (r->largest - r->least)), r->count - 1) +
           1.0;
}

/* Is there a rule that gives 1 .. RGQ_FEATURE_LEVELS_MAX? Says why not. */
static bool choose_rule(rule *out, const ibsi_roi *roi, const rgq_features_opts *opts,
                        const char *name, const rgq_log *log)
{
    const double least = (double)roi->sorted[0];
    const double largest = (double)roi->sorted[roi->count - 1];

    *out = (rule){.least = least, .largest = largest, .count = opts->bin_count};
    if (opts->bin_count > 0)
        return true;
    if (opts->bin_size > 0.0) {
        out->size = opts->bin_size;
        if (isfinite(opts->low))
            out->least = opts->low;
    } else if (roi->is_whole && least >= 1.0) {
        out->size = 1.0;
        out->least = 1.0;
    } else {
        RGQ_WARN(
            log,
            "region '%s': values from %g to %g are not grey levels 1, 2, ...; no histogram "
            "or texture without --bin-size or --bin-count",
            name, least, largest);
        return false;
    }
    if (level_of(out, largest) <= RGQ_FEATURE_LEVELS_MAX)
        return true;
    RGQ_WARN(log,
             "region '%s': %.0f grey levels of %g up to %g; no histogram or texture, %d levels "
             "are handled: a larger --bin-size, or --bin-count",
             name, level_of(out, largest), out->size, largest, (int)RGQ_FEATURE_LEVELS_MAX);
    return false;
}

static rgq_status set_levels(ibsi_roi *roi, const rgq_features_opts *opts, const char *name,
                             const rgq_log *log, rgq_error *err)
{
    rule r;
    const size_t box = (size_t)roi->n[0] * (size_t)roi->n[1] * (size_t)roi->n[2];

    if (!choose_rule(&r, roi, opts, name, log))
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&roi->level, box, sizeof *roi->level, err));
    for (size_t i = 0; i < roi->count; i++)
        roi->level[roi->voxel[i]] = (int32_t)level_of(&r, (double)roi->value[i]);
    roi->n_levels = opts->bin_count > 0 ? opts->bin_count : (int)level_of(&r, r.largest);
    return RGQ_OK;
}

rgq_status ibsi_roi_intensities(ibsi_roi *roi, const rgq_features_opts *opts, const char *name,
                                const rgq_log *log, rgq_error *err)
{
    if (opts->round_values)
        round_image(&roi->image);
    RGQ_PASS(err, rgq_alloc(&roi->voxel, roi->n_morph, sizeof *roi->voxel, err));
    RGQ_PASS(err, rgq_alloc(&roi->value, roi->n_morph, sizeof *roi->value, err));
    RGQ_PASS(err, rgq_alloc(&roi->sorted, roi->n_morph, sizeof *roi->sorted, err));
    collect(roi, opts);
    if (opts->outlier_sd > 0.0 && roi->count > 0)
        leave_out_outliers(roi, opts->outlier_sd);
    if (roi->count == 0) {
        RGQ_WARN(log, "region '%s': re-segmentation leaves no voxel; morphology alone", name);
        return RGQ_OK;
    }
    memcpy(roi->sorted, roi->value, roi->count * sizeof *roi->sorted);
    rgq_sort_float(roi->sorted, roi->count);
    roi->mean = mean_of(roi->value, roi->count);
    roi->is_whole = true;
    for (size_t i = 0; i < roi->count && roi->is_whole; i++)
        roi->is_whole = roi->value[i] == floorf(roi->value[i]);
    return set_levels(roi, opts, name, log, err);
}
