/* Families of values without places: statistics, intensity histogram, intensity-volume
 * histogram. */
#include "core/banned.h"
#include "measure/ibsi.h"
#include "num/stats.h"

/* What statistics and histogram share. */
typedef struct shared {
    double mean, variance, skewness, kurtosis;
    double median, least, p10, p25, p75, p90, largest;
    double mad, rmad, medad, cov, qcod;
    double energy;
} shared;

static double ratio(double above, double below)
{
    return below != 0.0 ? above / below : (double)NAN;
}

/* Mean of |v - centre|. */
static double mean_distance(const float *sorted, size_t count, double centre)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += fabs((double)sorted[i] - centre);
    return sum / (double)count;
}

/* Of those between the 10th and 90th percentile. */
static double robust_mean_distance(const float *sorted, size_t count, const shared *s)
{
    size_t from = 0;
    size_t to = count;
    double sum = 0.0;

    while (from < to && (double)sorted[from] < s->p10)
        from++;
    while (to > from && (double)sorted[to - 1] > s->p90)
        to--;
    if (from == to)
        return (double)NAN;
    for (size_t i = from; i < to; i++)
        sum += (double)sorted[i];
    return mean_distance(sorted + from, to - from, sum / (double)(to - from));
}

static void describe(shared *s, const float *sorted, size_t count)
{
    const double n = (double)count;
    double sum = 0.0;
    double power[3] = {0.0, 0.0, 0.0};

    *s = (shared){.energy = 0.0};
    for (size_t i = 0; i < count; i++) {
        sum += (double)sorted[i];
        s->energy += (double)sorted[i] * (double)sorted[i];
    }
    s->mean = sum / n;
    for (size_t i = 0; i < count; i++) {
        const double d = (double)sorted[i] - s->mean;
        power[0] += d * d;
        power[1] += d * d * d;
        power[2] += d * d * d * d;
    }
    s->variance = power[0] / n;
    if (sorted[0] < sorted[count - 1]) {
        s->skewness = power[1] / n / pow(s->variance, 1.5);
        s->kurtosis = power[2] / n / (s->variance * s->variance) - 3.0;
    }
    s->least = (double)sorted[0];
    s->largest = (double)sorted[count - 1];
    s->p10 = rgq_quantile_float(sorted, count, 0.10);
    s->p25 = rgq_quantile_float(sorted, count, 0.25);
    s->median = rgq_quantile_float(sorted, count, 0.50);
    s->p75 = rgq_quantile_float(sorted, count, 0.75);
    s->p90 = rgq_quantile_float(sorted, count, 0.90);
    s->mad = mean_distance(sorted, count, s->mean);
    s->medad = mean_distance(sorted, count, s->median);
    s->rmad = robust_mean_distance(sorted, count, s);
    s->cov = ratio(sqrt(s->variance), s->mean);
    s->qcod = ratio(s->p75 - s->p25, s->p75 + s->p25);
}

void ibsi_statistics(double out[IBSI_STAT], const ibsi_roi *roi)
{
    shared s;

    describe(&s, roi->sorted, roi->count);
    const double all[IBSI_STAT] = {
        s.mean,
        s.variance,
        s.skewness,
        s.kurtosis,
        s.median,
        s.least,
        s.p10,
        s.p90,
        s.largest,
        s.p75 - s.p25,
        s.largest - s.least,
        s.mad,
        s.rmad,
        s.medad,
        s.cov,
        s.qcod,
        s.energy,
        sqrt(s.energy / (double)roi->count),
    };
    for (int f = 0; f < IBSI_STAT; f++)
        out[f] = all[f];
}

/* Steps of the histogram: where they are largest and least, the first of equals. */
typedef struct gradient {
    double largest, least;
    int largest_at, least_at;
} gradient;

static gradient find_gradient(const double *bins, int n)
{
    gradient g = {.largest = 0.0, .largest_at = 1, .least = 0.0, .least_at = 1};

    for (int i = 0; i < n && n > 1; i++) {
        const double d = i == 0       ? bins[1] - bins[0]
                         : i == n - 1 ? bins[n - 1] - bins[n - 2]
                                      : 0.5 * (bins[i + 1] - bins[i - 1]);
        if (i == 0 || d > g.largest) {
            g.largest = d;
            g.largest_at = i + 1;
        }
        if (i == 0 || d < g.least) {
            g.least = d;
            g.least_at = i + 1;
        }
    }
    return g;
}

/* The fullest bin; of equals the one nearest to the mean, then the lower. */
static int find_mode(const double *bins, int n, double mean)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (bins[i] > bins[best] ||
            (bins[i] == bins[best] && fabs(i + 1 - mean) < fabs(best + 1 - mean)))
            best = i;
    return best + 1;
}

void ibsi_histogram(double out[IBSI_HISTOGRAM], const ibsi_roi *roi, float *scratch,
                    double *bins)
{
    const double n = (double)roi->count;
    shared s;
    double entropy = 0.0;
    double uniformity = 0.0;
    size_t at = 0;

    for (int i = 0; i < roi->n_levels; i++)
        bins[i] = 0.0;
    for (size_t i = 0; i < roi->count; i++)
        bins[roi->level[roi->voxel[i]] - 1] += 1.0;
    for (int i = 0; i < roi->n_levels; i++) {
        const double p = bins[i] / n;
        for (size_t k = (size_t)bins[i]; k > 0; k--)
            scratch[at++] = (float)(i + 1);
        if (p > 0.0)
            entropy -= p * log2(p);
        uniformity += p * p;
    }
    describe(&s, scratch, roi->count);
    const gradient g = find_gradient(bins, roi->n_levels);
    const double all[IBSI_HISTOGRAM] = {
        s.mean,        s.variance,
        s.skewness,    s.kurtosis,
        s.median,      s.least,
        s.p10,         s.p90,
        s.largest,     find_mode(bins, roi->n_levels, s.mean),
        s.p75 - s.p25, s.largest - s.least,
        s.mad,         s.rmad,
        s.medad,       s.cov,
        s.qcod,        entropy,
        uniformity,    g.largest,
        g.largest_at,  g.least,
        g.least_at,
    };
    for (int f = 0; f < IBSI_HISTOGRAM; f++)
        out[f] = all[f];
}

/* Levels 1, 2, ... of the intensity-volume histogram. */
typedef struct volume_bins {
    double first; /* where level 1 begins */
    double size;
    double n;       /* levels of the range */
    double span;    /* of the range, in levels: from the first to the last */
    double centre;  /* intensity of level i: first + (i - 1 + centre) size ... */
    bool is_number; /* ... or i itself */
    double largest; /* the largest value is in the last bin */
} volume_bins;

static volume_bins choose_bins(const ibsi_roi *roi, const rgq_features_opts *opts,
                               rgq_unit unit)
{
    const double least = (double)roi->sorted[0];
    const double largest = (double)roi->sorted[roi->count - 1];
    const bool is_suv = unit >= RGQ_UNIT_SUV_BW && unit <= RGQ_UNIT_SUV_IBW;
    const double from = isfinite(opts->low) ? opts->low : least;
    /* a HIGH that no scan could reach was meant to be open, and would push all into level 1 */
    const bool closed = isfinite(opts->high) && opts->high <= 1000.0 * fabs(largest);
    const double to = closed ? opts->high : largest;
    double size = opts->volume_bin_size;
    int count = opts->volume_bin_count;

    if (!(size > 0.0) && count == 0) {
        if (roi->is_whole)
            return (volume_bins){.first = from,
                                 .size = 1.0,
                                 .n = floor(to - from) + 1.0,
                                 .span = to - from,
                                 .largest = HUGE_VAL};
        size = is_suv ? 0.1 : 0.4 * opts->bin_size;
        count = size > 0.0 ? 0 : 1000;
    }
    if (count > 0)
        return (volume_bins){.first = least,
                             .size = (largest - least) / count,
                             .n = count,
                             .span = count - 1,
                             .is_number = true,
                             .largest = largest};
    return (volume_bins){.first = from,
                         .size = size,
                         .n = floor((to - from) / size + 1e-9),
                         .span = (to - from) / size - 1.0,
                         .centre = 0.5,
                         .largest = HUGE_VAL};
}

static double bin_of(const volume_bins *b, double value)
{
    if (!(value < b->largest))
        return b->n;
    return floor((value - b->first) / b->size) + 1.0;
}

/* Fraction of the voxels in level i or above. */
static double fraction_from(const ibsi_roi *roi, const volume_bins *b, double i)
{
    size_t lo = 0;
    size_t hi = roi->count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (bin_of(b, (double)roi->sorted[mid]) < i)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (double)(roi->count - lo) / (double)roi->count;
}

/* The least intensity that at most a fraction of the voxels reaches. */
static double intensity_at(const ibsi_roi *roi, const volume_bins *b, double fraction)
{
    const size_t allowed = (size_t)floor(fraction * (double)roi->count + 1e-9);
    const double i =
        allowed >= roi->count
            ? 1.0
            : fmax(bin_of(b, (double)roi->sorted[roi->count - 1 - allowed]) + 1.0, 1.0);

    return b->is_number ? i : b->first + (i - 1.0 + b->centre) * b->size;
}

void ibsi_volume_histogram(double out[IBSI_VOLUME_HISTOGRAM], const ibsi_roi *roi,
                           const rgq_features_opts *opts, rgq_unit unit)
{
    const volume_bins b = choose_bins(roi, opts, unit);
    double sum = 0.0;

    if (!(b.size > 0.0)) { /* one value, in bins by count */
        out[6] = 0.0;
        return;
    }
    out[2] = intensity_at(roi, &b, 0.10);
    out[3] = intensity_at(roi, &b, 0.90);
    out[5] = out[2] - out[3];
    if (!(b.span > 0.0)) {
        out[6] = 0.0;
        return;
    }
    out[0] = fraction_from(roi, &b, 1.0 + ceil(0.10 * b.span - 1e-9));
    out[1] = fraction_from(roi, &b, 1.0 + ceil(0.90 * b.span - 1e-9));
    out[4] = out[0] - out[1];
    /* trapezoids: the sum over the levels of the fraction is that over the voxels of how many
     * levels they reach */
    for (size_t i = 0; i < roi->count; i++)
        sum += fmax(fmin(bin_of(&b, (double)roi->sorted[i]), b.n), 0.0);
    sum /= (double)roi->count;
    sum -= 0.5 * (fraction_from(roi, &b, 1.0) + fraction_from(roi, &b, b.n));
    out[6] = fmax(sum, 0.0) / b.span;
}
