/* The innermost loop of Moran's I and Geary's C, once for each vector width: ibsi_moran.c
 * includes this file with PAIRS_ROWS    name of the function PAIRS_TARGET  its target attribute
 *
 * Pairs of a voxel i of row a (of n_a) and a voxel j of row b (of n_b, a multiple of 8), with
 * the weights w[j - i]: sum[0] += w m m', sum[1] += w x x', sum[2] += w (m x2' + x2 m') / 2.
 * Eight partial sums whatever the width, so that the bits are those of any machine. */
PAIRS_TARGET static void PAIRS_ROWS(ibsi_lanes sum[3], const double *w, const ibsi_line *a,
                                    size_t n_a, const ibsi_line *b, size_t n_b)
{
    typedef ibsi_lanes vec;

    for (size_t j = 0; j < n_b; j += 8) {
        vec t0 = {0.0};
        vec t1 = t0;
        vec t2 = t0;
        const double *weight = w + j;
        for (size_t i = 0; i < n_a; i++, weight--) {
            const vec v = *(const vec *)weight;
            t0 += v * a->m[i];
            t1 += v * a->x[i];
            t2 += v * a->x2[i];
        }
        const vec m = *(const vec *)(b->m + j);
        sum[0] += t0 * m;
        sum[1] += t1 * *(const vec *)(b->x + j);
        sum[2] += 0.5 * (t2 * m + t0 * *(const vec *)(b->x2 + j));
    }
}

#undef PAIRS_ROWS
#undef PAIRS_TARGET
