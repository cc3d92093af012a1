/* What the two kinds of point kernels share. Only radial*.c include this. */
#ifndef RGQ_DOSE_RADIAL_PARTS_H
#define RGQ_DOSE_RADIAL_PARTS_H

#include "dose/radial_kernel.h"

enum { RGQ_RADIAL_BINS = 600, RGQ_RADIAL_BATCHES = 64 };

/* Distances last (i / n)^2. */
RGQ_MUST_CHECK rgq_status rgq_radial_create(rgq_radial_kernel **out, int n, double last_mm,
                                            rgq_error *err);

/* Bin of a distance as a share of the last one; >= RGQ_RADIAL_BINS beyond it. */
int rgq_radial_bin(double share);

/* A number on (0, 1) for history i of n: one draw from each of n even parts. */
double rgq_radial_stratum(long long i, long long n, rgq_stream *random);

#endif
