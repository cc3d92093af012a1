#include "num/sum.h"

#include "core/banned.h"

enum { BLOCKS = 256 };

double rgq_sum(const float *values, size_t count)
{
    double part[BLOCKS] = {0.0};
    const size_t step = count / BLOCKS + 1;

#pragma omp parallel for schedule(static)
    for (size_t b = 0; b < BLOCKS; b++) {
        const size_t lo = b * step < count ? b * step : count;
        const size_t hi = lo + step < count ? lo + step : count;
        double s = 0.0;
        for (size_t i = lo; i < hi; i++)
            s += (double)values[i];
        part[b] = s;
    }
    double total = 0.0;
    for (size_t b = 0; b < BLOCKS; b++)
        total += part[b];
    return total;
}
