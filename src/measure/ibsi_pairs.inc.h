/* The innermost loop of Moran's I and Geary's C, once for each vector width: ibsi_moran.c
 * includes this file with PAIRS_ROW     name of the function PAIRS_TARGET  its target attribute
 *
 * The same eight partial sums whatever the width, so that the bits are those of any machine.
 *   sum[0] += w m, sum[1] += w x, sum[2] += w x^2 over a row of n voxels (n a multiple of 8).
 */
PAIRS_TARGET static void PAIRS_ROW(double sum[3], const double *w, const double *m,
                                   const double *x, const double *x2, size_t n)
{
    typedef double vec __attribute__((vector_size(64), aligned(8), may_alias));
    vec s0 = {0.0};
    vec s1 = s0;
    vec s2 = s0;

    for (size_t i = 0; i < n; i += 8) {
        const vec weight = *(const vec *)(w + i);
        s0 += weight * *(const vec *)(m + i);
        s1 += weight * *(const vec *)(x + i);
        s2 += weight * *(const vec *)(x2 + i);
    }
    for (int k = 0; k < 3; k++) {
        const vec s = k == 0 ? s0 : k == 1 ? s1 : s2;
        sum[k] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

#undef PAIRS_ROW
#undef PAIRS_TARGET
