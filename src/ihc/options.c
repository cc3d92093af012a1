#include "ihc/options.h"

#include <math.h>

#include "core/banned.h"
#include "ihc/stains.h"

/* Least width of the Gaussian in coarse pixels, so that its samples still make a Laplacian. */
static const double SIGMA_MIN = 2.5;

static bool in_range(double v, double low, double high)
{
    return v >= low && v <= high; /* false for NaN */
}

static rgq_status check_source(const rgq_ihc_source *s, rgq_error *err)
{
    if (s->width < 1 || s->height < 1 || s->width > RGQ_SLIDE_SIDE_MAX ||
        s->height > RGQ_SLIDE_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a slide of %lld x %lld pixels; 1 to %d a side was needed",
                         (long long)s->width, (long long)s->height, RGQ_SLIDE_SIDE_MAX);
    if (s->tile_width < 1 || s->tile_height < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "tiles of %d x %d pixels", s->tile_width,
                         s->tile_height);
    return RGQ_OK;
}

static rgq_status check_levels(const rgq_ihc_opts *o, rgq_error *err)
{
    const double *t = o->threshold_od;

    if (!(t[0] > 0 && t[0] < t[1] && t[1] < t[2] && t[2] <= 10))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "thresholds of %g, %g and %g OD; three that rise, above 0 and up to "
                         "10, were needed, e.g. 0.2,0.4,0.6",
                         t[0], t[1], t[2]);
    if (!in_range(o->positive_od, 0, 10))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a threshold of %g OD for positive; 0 to 10 was needed",
                         o->positive_od);
    for (int c = 0; c < 3; c++) {
        if (!in_range(o->white_rgb[c], 1, 255))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a white of %g,%g,%g; 1 to 255 was needed",
                             o->white_rgb[0], o->white_rgb[1], o->white_rgb[2]);
    }
    if (!in_range(o->tissue_od, 1e-6, 6))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "tissue from an OD of %g on; above 0 and up to 6 was needed",
                         o->tissue_od);
    return RGQ_OK;
}

static rgq_status check_objects(const rgq_ihc_opts *o, rgq_error *err)
{
    if (o->mpp_um != 0 && !in_range(o->mpp_um, 0.01, 1000))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "pixels of %g um; 0.01 to 1000 um was needed",
                         o->mpp_um);
    if (o->nucleus_um != 0 && !in_range(o->nucleus_um, 1, 100))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "nuclei of %g um; 1 to 100 um was needed",
                         o->nucleus_um);
    if (o->nucleus_um != 0 && !in_range(o->nucleus_od, 1e-4, 6))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a least response of nuclei of %g OD; 0.0001 to 6 was needed",
                         o->nucleus_od);
    if (o->vessels && !(o->vessel_min_um2 >= 0 && o->vessel_max_um2 > o->vessel_min_um2))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "vessels of %g to %g um2; a range from 0 or more was needed",
                         o->vessel_min_um2, o->vessel_max_um2);
    if (o->vessels && !in_range(o->field_mm2, 1e-4, 1e4))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a field of %g mm2; 0.0001 to 10000 mm2 was needed", o->field_mm2);
    if (o->vessels && (o->n_fields < 1 || o->n_fields > 100))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d hot spots; 1 to 100 was needed", o->n_fields);
    if (o->lane_rows < 0 || o->lane_rows > 1024 || o->lane_rows % RGQ_IHC_BLOCK_MAX != 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "lanes of %d rows; a multiple of %d up to 1024 was needed",
                         o->lane_rows, RGQ_IHC_BLOCK_MAX);
    return RGQ_OK;
}

/* Whole tiles where that can be, so that none is decoded twice. */
static int lane_rows_for(const rgq_ihc_source *source)
{
    const int step = RGQ_IHC_BLOCK_MAX;
    for (int rows = step; rows <= 1024; rows += step) {
        if (rows >= 256 && rows % source->tile_height == 0)
            return rows;
    }
    return source->tile_height > 512 ? 1024 : 512;
}

static int block_for(double mpp_um)
{
    int block = 16;
    if (!isnan(mpp_um)) {
        block = RGQ_IHC_BLOCK_MIN;
        while (block < RGQ_IHC_BLOCK_MAX && block * sqrt(2) * mpp_um <= 8)
            block *= 2;
    }
    return block;
}

static void plan_objects(rgq_ihc_plan *plan, const rgq_ihc_opts *opts, const rgq_log *log)
{
    const double um = opts->nucleus_um > 0 ? opts->nucleus_um : 8;

    plan->sigma_um = um / (2 * sqrt(2));
    plan->nuclei = opts->nucleus_um > 0 && rgq_stains_index(&opts->stains, "hematoxylin") >= 0;
    plan->vessels = opts->vessels && rgq_stains_index(&opts->stains, "dab") >= 0;
    if (isnan(plan->mpp_um)) {
        if (plan->nuclei || plan->vessels)
            RGQ_WARN(log, "the size of a pixel is not known: no areas in mm2, no nuclei, no "
                          "vessels; state it with --pixel-um");
        plan->nuclei = false;
        plan->vessels = false;
    }
    if (plan->nuclei && plan->sigma_um < plan->mpp_um) {
        RGQ_WARN(log,
                 "pixels of %g um are too coarse to count nuclei of %g um; %.3g um or "
                 "less was needed",
                 plan->mpp_um, um, plan->sigma_um);
        plan->nuclei = false;
    }
    if (!plan->nuclei && !plan->vessels)
        return;
    plan->factor = 1;
    while (2 * plan->factor <= plan->block &&
           plan->sigma_um >= SIGMA_MIN * plan->mpp_um * 2 * plan->factor)
        plan->factor *= 2;
    plan->sigma = plan->sigma_um / (plan->mpp_um * plan->factor);
}

rgq_status rgq_ihc_plan_make(rgq_ihc_plan *plan, const rgq_ihc_source *source,
                             const rgq_ihc_opts *opts, const rgq_log *log, rgq_error *err)
{
    RGQ_PASS(err, check_source(source, err));
    RGQ_PASS(err, check_levels(opts, err));
    RGQ_PASS(err, check_objects(opts, err));
    *plan = (rgq_ihc_plan){.slide = source->width > RGQ_IHC_FIELD_PIXELS / source->height};
    plan->mpp_um = opts->mpp_um > 0 ? opts->mpp_um : source->mpp_um;
    if (!in_range(plan->mpp_um, 0.01, 1000))
        plan->mpp_um = (double)NAN;
    plan->white = opts->white == RGQ_IHC_YES || (opts->white == RGQ_IHC_AUTO && plan->slide);
    plan->tissue = opts->tissue == RGQ_IHC_YES || (opts->tissue == RGQ_IHC_AUTO && plan->slide);
    plan->block = block_for(plan->mpp_um);
    plan->lane_rows = opts->lane_rows > 0 ? opts->lane_rows : lane_rows_for(source);
    plan_objects(plan, opts, log);
    return RGQ_OK;
}
