/* The innermost loops, once for each vector width: fir_loops.c includes this file with
 *   FIR_ROW, FIR_PAIR, FIR_SUM  names of the functions
 *   FIR_TARGET                  their target attribute
 *   FIR_LANES                   floats in a vector
 * The body has to stand in each function as text: GCC splits vectors that are too wide for the
 * function they are written in before it inlines or clones it.
 *
 * FIR_ROW and FIR_PAIR compute, for from (0) <= i < width and radius >= 1,
 *   out[i] = 0 + half[radius] (rows[0][i] + rows[2 radius][i]) + ... + half[0] rows[radius][i]
 * from the outermost taps inwards; FIR_PAIR also the next row, from rows[1] on. `out` overlaps
 * no row. The order of operations is the same in both, in vectors and in what is left over, so
 * that the bits do not depend on how rows are cut or paired. */
FIR_TARGET static void FIR_ROW(float *restrict out, const float *const *rows, const float *half,
                               int radius, size_t from, size_t width)
{
    typedef float vec __attribute__((vector_size(4 * FIR_LANES), aligned(4), may_alias));
    const size_t lanes = FIR_LANES;
    const size_t block = 4 * lanes;
    const float *const *mid = rows + radius;
    size_t i = from;

    for (; i + block <= width; i += block) {
        vec s0 = {0.0F};
        vec s1 = s0;
        vec s2 = s0;
        vec s3 = s0;
        for (int k = radius; k > 0; k--) {
            const vec *a = (const vec *)(mid[-k] + i);
            const vec *b = (const vec *)(mid[k] + i);
            s0 += half[k] * (a[0] + b[0]);
            s1 += half[k] * (a[1] + b[1]);
            s2 += half[k] * (a[2] + b[2]);
            s3 += half[k] * (a[3] + b[3]);
        }
        const vec *c = (const vec *)(mid[0] + i);
        vec *to = (vec *)(out + i);
        to[0] = s0 + half[0] * c[0];
        to[1] = s1 + half[0] * c[1];
        to[2] = s2 + half[0] * c[2];
        to[3] = s3 + half[0] * c[3];
    }
    while (i < width && width >= lanes) {
        i = i + lanes <= width ? i : width - lanes; /* the last one again in part */
        vec s = {0.0F};
        for (int k = radius; k > 0; k--)
            s += half[k] * (*(const vec *)(mid[-k] + i) + *(const vec *)(mid[k] + i));
        *(vec *)(out + i) = s + half[0] * *(const vec *)(mid[0] + i);
        i += lanes;
    }
    for (; i < width; i++) {
        float s = 0.0F;
        for (int k = radius; k > 0; k--)
            s += half[k] * (mid[-k][i] + mid[k][i]);
        out[i] = s + half[0] * mid[0][i];
    }
}

/* Two rows at once: the rows that step k of the second needs are those that the first needs in
 * steps k - 1 and k + 1, so each is loaded once for both. */
FIR_TARGET static void FIR_PAIR(float *restrict out0, float *restrict out1,
                                const float *const *rows, const float *half, int radius,
                                size_t width)
{
    typedef float vec __attribute__((vector_size(4 * FIR_LANES), aligned(4), may_alias));
    const size_t block = 2 * (size_t)FIR_LANES;
    const float *const *mid = rows + radius;
    size_t i = 0;

    for (; i + block <= width; i += block) {
        const vec *a = (const vec *)(mid[-radius] + i);
        const vec *b = (const vec *)(mid[radius + 1] + i);
        vec low0 = a[0];
        vec low1 = a[1];
        vec high0 = b[0];
        vec high1 = b[1];
        vec s0 = {0.0F};
        vec s1 = s0;
        vec t0 = s0;
        vec t1 = s0;
        for (int k = radius; k > 0; k--) {
            a = (const vec *)(mid[1 - k] + i);
            b = (const vec *)(mid[k] + i);
            const vec next_low0 = a[0];
            const vec next_low1 = a[1];
            const vec next_high0 = b[0];
            const vec next_high1 = b[1];
            s0 += half[k] * (low0 + next_high0);
            s1 += half[k] * (low1 + next_high1);
            t0 += half[k] * (next_low0 + high0);
            t1 += half[k] * (next_low1 + high1);
            low0 = next_low0;
            low1 = next_low1;
            high0 = next_high0;
            high1 = next_high1;
        }
        ((vec *)(out0 + i))[0] = s0 + half[0] * low0;
        ((vec *)(out0 + i))[1] = s1 + half[0] * low1;
        ((vec *)(out1 + i))[0] = t0 + half[0] * high0;
        ((vec *)(out1 + i))[1] = t1 + half[0] * high1;
    }
    FIR_ROW(out0, rows, half, radius, i, width);
    FIR_ROW(out1, rows + 1, half, radius, i, width);
}

/* out[i] += weight[0] rows[0][i] + weight[1] rows[1][i] + ..., in this order, for i < width. */
FIR_TARGET static void FIR_SUM(float *restrict out, const float *const *rows,
                               const float *weight, size_t n_rows, size_t width)
{
    typedef float vec __attribute__((vector_size(4 * FIR_LANES), aligned(4), may_alias));
    const size_t lanes = FIR_LANES;
    const size_t block = 4 * lanes;
    size_t i = 0;

    for (; i + block <= width; i += block) {
        vec s0 = {0.0F};
        vec s1 = s0;
        vec s2 = s0;
        vec s3 = s0;
        for (size_t t = 0; t < n_rows; t++) {
            const vec *a = (const vec *)(rows[t] + i);
            s0 += weight[t] * a[0];
            s1 += weight[t] * a[1];
            s2 += weight[t] * a[2];
            s3 += weight[t] * a[3];
        }
        vec *to = (vec *)(out + i);
        to[0] += s0;
        to[1] += s1;
        to[2] += s2;
        to[3] += s3;
    }
    while (i < width && width >= lanes) {
        const size_t done = i + lanes <= width ? 0 : i + lanes - width;
        vec s = {0.0F};
        i -= done; /* the last one again in part, of which only the rest is added */
        for (size_t t = 0; t < n_rows; t++)
            s += weight[t] * *(const vec *)(rows[t] + i);
        for (size_t k = done; k < lanes; k++)
            out[i + k] += s[k];
        i += lanes;
    }
    for (; i < width; i++) {
        float s = 0.0F;
        for (size_t t = 0; t < n_rows; t++)
            s += weight[t] * rows[t][i];
        out[i] += s;
    }
}
#undef FIR_ROW
#undef FIR_PAIR
#undef FIR_SUM
#undef FIR_TARGET
#undef FIR_LANES
