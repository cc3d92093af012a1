/* Four columns times two vectors of columns: gram.c includes this file with
 *   GRAM_BLOCK   name of the function
 *   GRAM_TARGET  its target attribute
 *   GRAM_LANES   floats in a vector
 * Sums run over the rows in order, so that the bits do not depend on the vector. What lies
 * behind the last column is computed too and left out by the caller. */
GRAM_TARGET static void GRAM_BLOCK(float out[4][2 * 16], const float *a, size_t rows,
                                   size_t columns, size_t j, size_t k)
{
    typedef float vec __attribute__((vector_size(4 * GRAM_LANES), aligned(4), may_alias));
    vec s00 = {0.0F};
    vec s01 = s00;
    vec s10 = s00;
    vec s11 = s00;
    vec s20 = s00;
    vec s21 = s00;
    vec s30 = s00;
    vec s31 = s00;

    for (size_t v = 0; v < rows; v++) {
        const float *row = a + v * columns;
        const vec *w = (const vec *)(row + k);
        const vec w0 = w[0];
        const vec w1 = w[1];
        s00 += row[j] * w0;
        s01 += row[j] * w1;
        s10 += row[j + 1] * w0;
        s11 += row[j + 1] * w1;
        s20 += row[j + 2] * w0;
        s21 += row[j + 2] * w1;
        s30 += row[j + 3] * w0;
        s31 += row[j + 3] * w1;
    }
    const vec all[4][2] = {{s00, s01}, {s10, s11}, {s20, s21}, {s30, s31}};
    for (int r = 0; r < 4; r++)
        for (int p = 0; p < 2; p++)
            for (int l = 0; l < GRAM_LANES; l++)
                out[r][p * GRAM_LANES + l] = all[r][p][l];
}
#undef GRAM_BLOCK
#undef GRAM_TARGET
#undef GRAM_LANES
