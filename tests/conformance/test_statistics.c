/* R's answers for two published samples: stats/R_reference.csv, with the samples beside it. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/parse.h"
#include "rgdquant/correlation.h"
#include "rgdquant/line_fit.h"
#include "rgq_check.h"
#include "rgq_reference.h"

#include "core/banned.h"

enum { COLUMNS = 13, ROWS_MAX = 32 };

/* Columns of R_reference.csv after the name. */
enum {
    N_ROWS,
    PEARSON,
    PEARSON_P,
    CI_LOW,
    CI_HIGH,
    SPEARMAN,
    SPEARMAN_P,
    KENDALL,
    KENDALL_P,
    SLOPE,
    INTERCEPT,
    R_SQUARED,
    RESIDUAL_SD
};

/* Numbers of a comma-separated file without its first line; `skip` columns of words first. */
static int read_numbers(double out[][COLUMNS], char names[][64], const char *path, int skip)
{
    char line[1024];
    int rows = 0;
    FILE *file = fopen(path, "r");

    ck_assert_msg(file != NULL, "%s", path);
    ck_assert(fgets(line, sizeof line, file) != NULL);
    while (rows < ROWS_MAX && fgets(line, sizeof line, file) != NULL) {
        const char *numbers = line;
        int count = 0;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0')
            continue;
        if (skip > 0) {
            const size_t length = strcspn(line, ",");
            (void)snprintf(names[rows], 64, "%.*s", (int)length, line);
            numbers = line + length + 1;
        }
        MUST(rgq_parse_reals(out[rows], &count, COLUMNS, numbers, ',', err));
        rows++;
    }
    (void)fclose(file);
    return rows;
}

static void compare(const double *x, const double *y, const double *want)
{
    rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;
    const rgq_pairs pairs = {x, y, NULL, (size_t)want[N_ROWS]};
    rgq_correlation c[3];
    rgq_line line;

    opts.p_method = RGQ_P_R;
    for (int kind = 0; kind < 3; kind++)
        MUST(rgq_correlate(&c[kind], &pairs, (rgq_correlation_kind)kind, &opts, err));
    MUST(rgq_line_least_squares(&line, &pairs, &opts, err));
    const double got[COLUMNS] = {want[N_ROWS],     c[0].naive.value,     c[0].naive.p,
                                 c[0].naive.low,   c[0].naive.high,      c[1].naive.value,
                                 c[1].naive.p,     c[2].naive.value,     c[2].naive.p,
                                 line.slope.value, line.intercept.value, line.r_squared,
                                 line.residual_sd};
    for (int k = 0; k < COLUMNS; k++) /* 1e-12: all 15 digits of the file but the last ones */
        ck_assert_msg(fabs(got[k] - want[k]) <= 1e-12 * fmax(1.0, fabs(want[k])),
                      "column %d: %.17g, R %.17g", k, got[k], want[k]);
}

START_TEST(answers_of_r)
{
    double reference[ROWS_MAX][COLUMNS];
    double sample[ROWS_MAX][COLUMNS] = {{0.0}};
    char names[ROWS_MAX][64];
    double x[ROWS_MAX];
    double y[ROWS_MAX];
    const int cases =
        read_numbers(reference, names, reference_path("stats/R_reference.csv"), 1);

    ck_assert_int_ge(cases, 2);
    for (int k = 0; k < cases; k++) {
        const bool tuna = strcmp(names[k], "hollander_wolfe_p187") == 0;
        const int rows = read_numbers(
            sample, NULL,
            reference_path(tuna ? "stats/hollander_wolfe_p187.csv" : "stats/anscombe.csv"), 0);
        ck_assert(tuna || strcmp(names[k], "anscombe1") == 0);
        ck_assert_int_eq(rows, (int)reference[k][N_ROWS]);
        for (int i = 0; i < rows; i++) {
            x[i] = sample[i][0];
            y[i] = sample[i][tuna ? 1 : 4];
        }
        compare(x, y, reference[k]);
    }
}
END_TEST

int main(void)
{
    RGQ_NEED_REFERENCE();
    RGQ_CHECK_RUN("statistics", tcase_add_test(tc, answers_of_r));
}
