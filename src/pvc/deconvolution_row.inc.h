/* The innermost loops of Richardson-Lucy and Van Cittert, once for each vector width:
 * deconvolution_loops.c includes this file with
 *   ROW_RATIO, ROW_DIFFERENCE, ROW_MULTIPLY, ROW_ADD  names of the functions
 *   ROW_TARGET                                        their target attribute
 *   ROW_LANES                                         floats in a vector
 * Sums are kept in 16 lanes whatever the width and added in their order, and what is left at
 * the end of a piece goes to the first lanes, so that the bits are the same on all processors.
 * The vector types stand in each function as text, as in num/fir_row.inc.h. */

/* piece = f / piece - 1 where piece > least, else 0; sum[0] += ((f - piece) scale)^2, sum[1] +=
 * 1 where nothing was divided. */
ROW_TARGET static void ROW_RATIO(float *restrict piece, const float *restrict f, size_t count,
                                 float least, float scale, double sum[2])
{
    typedef float vec __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    typedef int32_t bits __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    enum { VECTORS = RGQ_PVC_LANES / ROW_LANES };
    vec square[VECTORS] = {{0.0F}};
    bits left[VECTORS] = {{0}};
    const vec one = (vec){0.0F} + 1.0F;
    size_t i = 0;

    for (; i + RGQ_PVC_LANES <= count; i += RGQ_PVC_LANES)
        for (int v = 0; v < VECTORS; v++) {
            vec *p = (vec *)(piece + i) + v;
            const vec h = *p;
            const vec e = *((const vec *)(f + i) + v) - h;
            const bits enough = h > least;
            const vec divisor = (vec)(((bits)h & enough) | ((bits)one & ~enough));
            *p = (vec)((bits)e & enough) / divisor;
            square[v] += (e * scale) * (e * scale);
            left[v] += 1 + enough;
        }
    for (int k = 0; k < RGQ_PVC_LANES; k++) {
        const int v = k / ROW_LANES;
        float s = square[v][k % ROW_LANES];
        double n = (double)left[v][k % ROW_LANES];
        if (i + (size_t)k < count) {
            const float h = piece[i + (size_t)k];
            const float e = f[i + (size_t)k] - h;
            piece[i + (size_t)k] = h > least ? e / h : 0.0F;
            s += (e * scale) * (e * scale);
            n += h > least ? 0.0 : 1.0;
        }
        sum[0] += (double)s;
        sum[1] += n;
    }
}

/* piece = f - piece; sum[0] += (piece scale)^2 */
ROW_TARGET static void ROW_DIFFERENCE(float *restrict piece, const float *restrict f,
                                      size_t count, float scale, double sum[2])
{
    typedef float vec __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    enum { VECTORS = RGQ_PVC_LANES / ROW_LANES };
    vec square[VECTORS] = {{0.0F}};
    size_t i = 0;

    for (; i + RGQ_PVC_LANES <= count; i += RGQ_PVC_LANES)
        for (int v = 0; v < VECTORS; v++) {
            vec *p = (vec *)(piece + i) + v;
            const vec e = *((const vec *)(f + i) + v) - *p;
            *p = e;
            square[v] += (e * scale) * (e * scale);
        }
    for (int k = 0; k < RGQ_PVC_LANES; k++) {
        const int v = k / ROW_LANES;
        float s = square[v][k % ROW_LANES];
        if (i + (size_t)k < count) {
            const float e = f[i + (size_t)k] - piece[i + (size_t)k];
            piece[i + (size_t)k] = e;
            s += (e * scale) * (e * scale);
        }
        sum[0] += (double)s;
    }
}

/* piece = g (1 + piece) where that is positive, else 0; most: bits of the largest |piece - g|
 * and |piece| */
ROW_TARGET static void ROW_MULTIPLY(float *restrict piece, const float *restrict g,
                                    size_t count, uint32_t most[2])
{
    typedef float vec __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    typedef int32_t bits __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    bits change = {0};
    bits value = {0};
    size_t i = 0;

    for (; i + ROW_LANES <= count; i += ROW_LANES) {
        const vec before = *(const vec *)(g + i);
        const vec factor = *(const vec *)(piece + i) + 1.0F;
        const bits negative = factor < 0.0F;
        const vec after = before * (vec)((bits)factor & ~negative);
        const bits by = (bits)(after - before) & 0x7FFFFFFF;
        const bits is = (bits)after & 0x7FFFFFFF;
        const bits more = by > change;
        const bits larger = is > value;
        change = (by & more) | (change & ~more);
        value = (is & larger) | (value & ~larger);
        *(vec *)(piece + i) = after;
    }
    for (int k = 0; k < ROW_LANES; k++) {
        most[0] = (uint32_t)change[k] > most[0] ? (uint32_t)change[k] : most[0];
        most[1] = (uint32_t)value[k] > most[1] ? (uint32_t)value[k] : most[1];
    }
    for (; i < count; i++) {
        const float factor = 1.0F + piece[i];
        const float after = g[i] * (factor < 0.0F ? 0.0F : factor);
        const uint32_t by = rgq_change_bits(after - g[i]);
        const uint32_t is = rgq_change_bits(after);
        most[0] = by > most[0] ? by : most[0];
        most[1] = is > most[1] ? is : most[1];
        piece[i] = after;
    }
}

/* piece = g + a piece, not below `least`; most as above */
ROW_TARGET static void ROW_ADD(float *restrict piece, const float *restrict g, size_t count,
                               float a, float least, uint32_t most[2])
{
    typedef float vec __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    typedef int32_t bits __attribute__((vector_size(4 * ROW_LANES), aligned(4), may_alias));
    const vec floor_at = (vec){0.0F} + least;
    bits change = {0};
    bits value = {0};
    size_t i = 0;

    for (; i + ROW_LANES <= count; i += ROW_LANES) {
        const vec before = *(const vec *)(g + i);
        const vec wanted = before + *(const vec *)(piece + i) * a;
        const bits below = wanted < floor_at;
        const vec after = (vec)(((bits)floor_at & below) | ((bits)wanted & ~below));
        const bits by = (bits)(after - before) & 0x7FFFFFFF;
        const bits is = (bits)after & 0x7FFFFFFF;
        const bits more = by > change;
        const bits larger = is > value;
        change = (by & more) | (change & ~more);
        value = (is & larger) | (value & ~larger);
        *(vec *)(piece + i) = after;
    }
    for (int k = 0; k < ROW_LANES; k++) {
        most[0] = (uint32_t)change[k] > most[0] ? (uint32_t)change[k] : most[0];
        most[1] = (uint32_t)value[k] > most[1] ? (uint32_t)value[k] : most[1];
    }
    for (; i < count; i++) {
        const float wanted = g[i] + a * piece[i];
        const float after = wanted < least ? least : wanted;
        const uint32_t by = rgq_change_bits(after - g[i]);
        const uint32_t is = rgq_change_bits(after);
        most[0] = by > most[0] ? by : most[0];
        most[1] = is > most[1] ? is : most[1];
        piece[i] = after;
    }
}

#undef ROW_RATIO
#undef ROW_DIFFERENCE
#undef ROW_MULTIPLY
#undef ROW_ADD
#undef ROW_TARGET
#undef ROW_LANES
