/* Texture matrices: hand cases, and every family against a slow definition. */
#include "features_case.h"

enum { LEVELS = 6, SIDE = 11 };

static const int direction[13][3] = {{1, 0, 0},  {0, 1, 0},  {1, 1, 0},  {1, -1, 0}, {0, 0, 1},
                                     {1, 0, 1},  {1, 0, -1}, {0, 1, 1},  {0, 1, -1}, {1, 1, 1},
                                     {1, 1, -1}, {1, -1, 1}, {1, -1, -1}};

/* Levels 1 2 2 3 in a row: pairs 12, 22, 23. p12 = p21 = p23 = p32 = 1/6, p22 = 1/3. */
START_TEST(cooccurrence_of_a_row)
{
    features_case c;
    static const float row[4] = {1, 2, 2, 3};

    make_case(&c, 4, 1, 1);
    memcpy(c.value, row, sizeof row);
    memset(c.mask, 1, 4);
    rgq_table *t = features_of(&c, NULL);
    static const struct {
        const char *tag;
        double want;
    } rows[] = {
        {"cm_joint_max", 1.0 / 3.0},
        {"cm_joint_avg", 2.0},
        {"cm_joint_var", 1.0 / 3.0},
        {"cm_diff_avg", 2.0 / 3.0},
        {"cm_contrast", 2.0 / 3.0},
        {"cm_inv_diff", 2.0 / 3.0},
        {"cm_inv_diff_norm", 1.0 / 3.0 + 2.0 / 3.0 / (1.0 + 1.0 / 3.0)},
        {"cm_inv_var", 2.0 / 3.0},
        {"cm_corr", 0.0},
        {"cm_auto_corr", 4.0},
        {"cm_sum_avg", 4.0},
        {"cm_clust_tend", 2.0 / 3.0},
        {"cm_energy", 1.0 / 9.0 + 4.0 / 36.0},
        /* -4/6 log2(1/6) - 1/3 log2(1/3) */
        {"cm_joint_entr", 2.2516291673878226},
        /* of the margins 1/6 4/6 1/6: 1.2516; (2.2516 - 2 * 1.2516) / 1.2516 */
        {"cm_info_corr1", (2.2516291673878226 - 2 * 1.2516291673878228) / 1.2516291673878228}};
    static const char *const way[] = {"2D_avg",    "2D_comb", "2_5D_avg",
                                      "2_5D_comb", "3D_avg",  "3D_comb"};
    for (int r = 0; r < ROWS(rows); r++)
        for (int w = 0; w < ROWS(way); w++) {
            char tag[64];
            (void)snprintf(tag, sizeof tag, "%s_%s", rows[r].tag, way[w]);
            SAME(feature(t, tag), rows[r].want, 1e-12);
        }
    /* runs along the row: 1, 22, 3; along every other direction 4 of one voxel */
    SAME(feature(t, "rlm_r_perc_3D_comb"), (3.0 + 12 * 4) / (13 * 4), 1e-12);
    SAME(feature(t, "rlm_lre_3D_comb"), (1 + 4 + 1 + 12.0 * 4) / (3 + 12 * 4), 1e-12);
    SAME(feature(t, "szm_lze_3D"), (1 + 4 + 1) / 3.0, 1e-12);
    SAME(feature(t, "dzm_lde_3D"), 1.0, 1e-12);
    rgq_table_free(t);
}
END_TEST

/* Dense GLCM of a direction in slices z0 .. z1, symmetric, added to m. */
static void add_glcm(double m[LEVELS + 1][LEVELS + 1], const features_case *c, const int d[3],
                     int z0, int z1)
{
    for (int z = z0; z <= z1; z++)
        for (int y = 0; y < c->n[1]; y++)
            for (int x = 0; x < c->n[0]; x++) {
                const int i = level_at(c, x, y, z);
                const int j = level_at(c, x + d[0], y + d[1], z + d[2]);
                if (i > 0 && j > 0) {
                    m[i][j] += 1.0;
                    m[j][i] += 1.0;
                }
            }
}

enum { CORR, SHADE, VARIANCE, INFO_1, INFO_2, DIFF_ENTROPY, SUM_ENTROPY, IDMN, N_CM };
static const char *const cm_name[N_CM] = {
    "cm_corr",       "cm_clust_shade", "cm_diff_var", "cm_info_corr1",
    "cm_info_corr2", "cm_diff_entr",   "cm_sum_entr", "cm_inv_diff_mom_norm"};

static double plogp(double p)
{
    return p > 0.0 ? -p * log2(p) : 0.0;
}

/* Definitions as the manual writes them: double sums. */
static bool glcm_features(double out[N_CM], double m[LEVELS + 1][LEVELS + 1])
{
    double total = 0.0;
    double margin[LEVELS + 1] = {0.0};
    double diff[LEVELS + 1] = {0.0};
    double sum[2 * LEVELS + 1] = {0.0};
    double mu = 0.0;
    double var = 0.0;
    double diff_mean = 0.0;
    double hxy = 0.0;
    double hx = 0.0;
    double hxy1 = 0.0;
    double hxy2 = 0.0;

    for (int i = 1; i <= LEVELS; i++)
        for (int j = 1; j <= LEVELS; j++)
            total += m[i][j];
    if (total == 0.0)
        return false;
    for (int i = 1; i <= LEVELS; i++)
        for (int j = 1; j <= LEVELS; j++) {
            const double p = m[i][j] / total;
            margin[i] += p;
            diff[abs(i - j)] += p;
            sum[i + j] += p;
            mu += i * p;
            diff_mean += abs(i - j) * p;
            hxy += plogp(p);
        }
    for (int k = 0; k < N_CM; k++)
        out[k] = 0.0;
    for (int i = 1; i <= LEVELS; i++) {
        var += (i - mu) * (i - mu) * margin[i];
        hx += plogp(margin[i]);
    }
    for (int i = 1; i <= LEVELS; i++)
        for (int j = 1; j <= LEVELS; j++) {
            const double p = m[i][j] / total;
            const double q = margin[i] * margin[j];
            out[CORR] += (i - mu) * (j - mu) * p;
            out[SHADE] += pow(i + j - 2 * mu, 3) * p;
            out[IDMN] += p / (1.0 + (i - j) * (i - j) / (double)(LEVELS * LEVELS));
            hxy1 -= p > 0.0 ? p * log2(q) : 0.0;
            hxy2 += plogp(q);
        }
    out[CORR] /= var;
    for (int k = 0; k < LEVELS; k++) {
        out[VARIANCE] += (k - diff_mean) * (k - diff_mean) * diff[k];
        out[DIFF_ENTROPY] += plogp(diff[k]);
    }
    for (int k = 2; k <= 2 * LEVELS; k++)
        out[SUM_ENTROPY] += plogp(sum[k]);
    out[INFO_1] = (hxy - hxy1) / hx;
    out[INFO_2] = sqrt(1.0 - exp(-2.0 * (hxy2 - hxy)));
    return true;
}

static void check_glcm(const rgq_table *t, const double want[N_CM], double times,
                       const char *way)
{
    for (int k = 0; k < N_CM; k++) {
        char tag[64];
        (void)snprintf(tag, sizeof tag, "%s_%s", cm_name[k], way);
        SAME(feature(t, tag), want[k] / times, 1e-11);
    }
}

START_TEST(cooccurrence_in_all_ways)
{
    features_case c;
    double merged_3d[LEVELS + 1][LEVELS + 1] = {{0.0}};
    double merged_slices[LEVELS + 1][LEVELS + 1] = {{0.0}};
    double sum[3][N_CM] = {{0.0}}; /* 3-D directions; slices and directions; slices */
    double count[3] = {0.0, 0.0, 0.0};
    double one[N_CM];

    make_lesion(&c, SIDE, LEVELS);
    rgq_table *t = features_of(&c, NULL);
    for (int d = 0; d < 13; d++) {
        double m[LEVELS + 1][LEVELS + 1] = {{0.0}};
        add_glcm(m, &c, direction[d], 0, SIDE - 1);
        add_glcm(merged_3d, &c, direction[d], 0, SIDE - 1);
        if (d < 4)
            add_glcm(merged_slices, &c, direction[d], 0, SIDE - 1);
        if (!glcm_features(one, m))
            continue;
        count[0]++;
        for (int k = 0; k < N_CM; k++)
            sum[0][k] += one[k];
    }
    for (int z = 0; z < SIDE; z++) {
        double slice[LEVELS + 1][LEVELS + 1] = {{0.0}};
        for (int d = 0; d < 4; d++) {
            double m[LEVELS + 1][LEVELS + 1] = {{0.0}};
            add_glcm(m, &c, direction[d], z, z);
            add_glcm(slice, &c, direction[d], z, z);
            if (!glcm_features(one, m))
                continue;
            count[1]++;
            for (int k = 0; k < N_CM; k++)
                sum[1][k] += one[k];
        }
        if (!glcm_features(one, slice))
            continue;
        count[2]++;
        for (int k = 0; k < N_CM; k++)
            sum[2][k] += one[k];
    }
    check_glcm(t, sum[0], count[0], "3D_avg");
    check_glcm(t, sum[1], count[1], "2D_avg");
    check_glcm(t, sum[2], count[2], "2D_comb");
    ck_assert(glcm_features(one, merged_3d));
    check_glcm(t, one, 1.0, "3D_comb");
    ck_assert(glcm_features(one, merged_slices));
    check_glcm(t, one, 1.0, "2_5D_comb");
    rgq_table_free(t);
}
END_TEST

/* Runs by walking every line of voxels; returns their number, sums j^2 and 1 / (i^2 j^2). */
static double walk_runs(const features_case *c, double sum[2])
{
    double n = 0.0;

    sum[0] = sum[1] = 0.0;
    for (int d = 0; d < 13; d++)
        for (int z = 0; z < SIDE; z++)
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) {
                    const int *s = direction[d];
                    const int level = level_at(c, x, y, z);
                    int j = 1;
                    if (level == 0 || level_at(c, x - s[0], y - s[1], z - s[2]) == level)
                        continue;
                    while (level_at(c, x + j * s[0], y + j * s[1], z + j * s[2]) == level)
                        j++;
                    n++;
                    sum[0] += j * j;
                    sum[1] += 1.0 / (level * level * j * j);
                }
    return n;
}

START_TEST(runs_by_walking)
{
    features_case c;
    double sum[2];
    double voxels = 0.0;

    make_lesion(&c, SIDE, 3);
    rgq_table *t = features_of(&c, NULL);
    const double n = walk_runs(&c, sum);
    for (int i = 0; i < SIDE * SIDE * SIDE; i++)
        voxels += c.mask[i];
    SAME(feature(t, "rlm_lre_3D_comb"), sum[0] / n, 1e-12);
    SAME(feature(t, "rlm_srlge_3D_comb"), sum[1] / n, 1e-12);
    SAME(feature(t, "rlm_r_perc_3D_comb"), n / (13 * voxels), 1e-12);
    rgq_table_free(t);
}
END_TEST

/* Labels spread to neighbours until nothing changes; distances by erosion. */
static void slow_zones(const features_case *c, int *label, int *distance)
{
    bool changed = true;

    for (int i = 0; i < SIDE * SIDE * SIDE; i++) {
        label[i] = c->mask[i] != 0 ? i + 1 : 0;
        distance[i] = c->mask[i];
    }
    while (changed) {
        changed = false;
        for (int i = 0; i < SIDE * SIDE * SIDE; i++) {
            const int x = i % SIDE;
            const int y = i / SIDE % SIDE;
            const int z = i / (SIDE * SIDE);
            for (int k = 0; k < 27 && label[i] > 0; k++) {
                const int p[3] = {x + k % 3 - 1, y + k / 3 % 3 - 1, z + k / 9 - 1};
                if (level_at(c, p[0], p[1], p[2]) != level_at(c, x, y, z))
                    continue;
                const int other = label[at(c, p[0], p[1], p[2])];
                changed = changed || other < label[i];
                label[i] = other < label[i] ? other : label[i];
            }
        }
    }
    for (int depth = 1; depth < SIDE; depth++)
        for (int i = 0; i < SIDE * SIDE * SIDE; i++) {
            const int x = i % SIDE;
            const int y = i / SIDE % SIDE;
            const int z = i / (SIDE * SIDE);
            bool kept = c->mask[i] != 0;
            for (int k = 0; k < 6; k++) {
                const int s = k < 3 ? 1 : -1;
                const int p[3] = {x + (k % 3 == 0 ? s : 0), y + (k % 3 == 1 ? s : 0),
                                  z + (k % 3 == 2 ? s : 0)};
                kept = kept && in_region(c, p[0], p[1], p[2]) &&
                       distance[at(c, p[0], p[1], p[2])] >= depth;
            }
            distance[i] += kept && distance[i] == depth;
        }
}

START_TEST(zones_by_spreading_labels)
{
    features_case c;
    static int label[SIDE * SIDE * SIDE];
    static int distance[SIDE * SIDE * SIDE];
    double n = 0.0;
    double voxels = 0.0;
    double sum[3] = {0.0, 0.0, 0.0};

    make_lesion(&c, SIDE, 8);
    for (int i = 0; i < SIDE * SIDE * SIDE; i++) { /* a core without holes has an inside */
        const double m = 0.5 * (SIDE - 1);
        const double d[3] = {i % SIDE - m, i / SIDE % SIDE - m, i / (SIDE * SIDE) - m};
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 12.0)
            c.mask[i] = 1;
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] == 0.0)
            c.value[i] = 9.0F; /* a zone that does not reach the border */
    }
    rgq_table *t = features_of(&c, NULL);
    slow_zones(&c, label, distance);
    for (int zone = 1; zone <= SIDE * SIDE * SIDE; zone++) {
        double size = 0.0;
        int least = SIDE;
        for (int i = 0; i < SIDE * SIDE * SIDE; i++)
            if (label[i] == zone) {
                size++;
                least = distance[i] < least ? distance[i] : least;
            }
        if (size == 0.0)
            continue;
        const double level = (double)c.value[zone - 1];
        n++;
        voxels += size;
        sum[0] += size * size;
        sum[1] += level * level / (size * size);
        sum[2] += level * level * least * least;
    }
    SAME(feature(t, "szm_lze_3D"), sum[0] / n, 1e-12);
    SAME(feature(t, "szm_szhge_3D"), sum[1] / n, 1e-12);
    SAME(feature(t, "szm_z_perc_3D"), n / voxels, 1e-12);
    SAME(feature(t, "dzm_ldhge_3D"), sum[2] / n, 1e-12);
    ck_assert_double_gt(feature(t, "dzm_lde_3D"), 1.0);
    rgq_table_free(t);
}
END_TEST

/* s and n of the grey tone differences, counts of the dependence, in 3-D. */
START_TEST(neighbourhoods)
{
    features_case c;
    double s[LEVELS + 1] = {0.0};
    double n[LEVELS + 1] = {0.0};
    double total = 0.0;
    double all = 0.0;
    double hde = 0.0;
    double voxels = 0.0;

    make_lesion(&c, SIDE, LEVELS);
    for (int i = 0; i < SIDE * SIDE * SIDE; i++) {
        const int x = i % SIDE;
        const int y = i / SIDE % SIDE;
        const int z = i / (SIDE * SIDE);
        const int level = level_at(&c, x, y, z);
        double sum = 0.0;
        double count = 0.0;
        double same = 0.0;
        if (level == 0)
            continue;
        for (int k = 0; k < 27; k++) {
            const int other = level_at(&c, x + k % 3 - 1, y + k / 3 % 3 - 1, z + k / 9 - 1);
            same += other == level;
            if (k == 13 || other == 0)
                continue;
            sum += other;
            count++;
        }
        voxels++;
        hde += same * same;
        if (count > 0.0) {
            s[level] += fabs(level - sum / count);
            n[level]++;
            total++;
        }
    }
    double coarse = 0.0;
    double busy[2] = {0.0, 0.0};
    double contrast = 0.0;
    double complexity = 0.0;
    double strength = 0.0;
    for (int i = 1; i <= LEVELS; i++) {
        coarse += n[i] / total * s[i];
        all += s[i];
        for (int j = 1; j <= LEVELS; j++) {
            const double p = n[i] / total;
            const double q = n[j] / total;
            contrast += p * q * (i - j) * (i - j);
            busy[1] += fabs(i * p - j * q);
            complexity += abs(i - j) * (p * s[i] + q * s[j]) / (p + q);
            strength += (p + q) * (i - j) * (i - j);
        }
    }
    busy[0] = coarse;
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "ngt_coarseness_3D"), 1.0 / coarse, 1e-12);
    SAME(feature(t, "ngt_contrast_3D"), contrast / (LEVELS * (LEVELS - 1)) * all / total,
         1e-12);
    SAME(feature(t, "ngt_busyness_3D"), busy[0] / busy[1], 1e-12);
    SAME(feature(t, "ngt_complexity_3D"), complexity / total, 1e-12);
    SAME(feature(t, "ngt_strength_3D"), strength / all, 1e-12);
    SAME(feature(t, "ngl_hde_3D"), hde / voxels, 1e-12);
    SAME(feature(t, "ngl_dc_perc_3D"), 1.0, 1e-15);
    rgq_table_free(t);
}
END_TEST

/* One grey level: no texture, and no division by 0. */
START_TEST(one_level)
{
    features_case c;

    make_lesion(&c, 7, 1);
    rgq_table *t = features_of(&c, NULL);
    SAME(feature(t, "cm_contrast_3D_comb"), 0.0, 0.0);
    SAME(feature(t, "cm_corr_3D_avg"), 1.0, 0.0);
    SAME(feature(t, "cm_info_corr1_3D_avg"), 1.0, 0.0);
    SAME(feature(t, "cm_info_corr2_3D_avg"), 0.0, 0.0);
    SAME(feature(t, "cm_inv_var_3D_avg"), 0.0, 0.0);
    SAME(feature(t, "ngt_coarseness_3D"), 1e6, 0.0);
    SAME(feature(t, "ngt_contrast_3D"), 0.0, 0.0);
    SAME(feature(t, "ngt_busyness_3D"), 0.0, 0.0);
    SAME(feature(t, "ngt_strength_3D"), 0.0, 0.0);
    SAME(feature(t, "ih_entropy"), 0.0, 0.0);
    rgq_table_free(t);
}
END_TEST

/* Many levels and zones: the sparse matrices grow, and are emptied either way. */
START_TEST(many_levels)
{
    features_case c;
    double sum = 0.0;
    double n = 0.0;

    make_lesion(&c, 23, 3000);
    rgq_table *t = features_of(&c, NULL);
    for (int z = 0; z < 23; z++)
        for (int y = 0; y < 23; y++)
            for (int x = 0; x < 23; x++)
                for (int d = 0; d < 13; d++) {
                    const int i = level_at(&c, x, y, z);
                    const int j = level_at(&c, x + direction[d][0], y + direction[d][1],
                                           z + direction[d][2]);
                    if (i == 0 || j == 0)
                        continue;
                    n++;
                    sum += (double)(i - j) * (i - j);
                }
    SAME(feature(t, "cm_contrast_3D_comb"), sum / n, 1e-10);
    SAME(feature(t, "cm_joint_avg_2D_avg") > 0.0, 1.0, 0.0);
    rgq_table_free(t);
}
END_TEST

RGQ_CHECK_MAIN("measure.ibsi_textures", tcase_add_test(tc, cooccurrence_of_a_row);
               tcase_add_test(tc, cooccurrence_in_all_ways);
               tcase_add_test(tc, runs_by_walking);
               tcase_add_test(tc, zones_by_spreading_labels);
               tcase_add_test(tc, neighbourhoods); tcase_add_test(tc, one_level);
               tcase_add_test(tc, many_levels))
