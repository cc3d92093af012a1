#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "ihc/sample.h"
#include "ihc/stains.h"

/* A part of a turn of 1e-4 is far below what the percentiles can tell. */
enum { ANGLE_BINS = 1 << 16, PIXELS_MIN = 1000 };
static const double OD_MIN = 0.15;
static const double SHARE = 0.01;
static const double PI = 3.14159265358979323846;

/* OD of a pixel; false if it is too pale or saturated. */
static bool od_of(double od[3], const uint8_t *p, double table[3][256])
{
    for (int c = 0; c < 3; c++)
        od[c] = table[c][p[c]];
    return p[0] > RGQ_IHC_SATURATED && p[1] > RGQ_IHC_SATURATED && p[2] > RGQ_IHC_SATURATED &&
           od[0] * od[0] + od[1] * od[1] + od[2] * od[2] >= OD_MIN * OD_MIN;
}

static size_t sum_products(double a[3][3], const rgq_ihc_sample *s, double table[3][256])
{
    const size_t pixels = rgq_ihc_sample_pixels(s);
    double od[3];
    size_t n = 0;

    for (size_t i = 0; i < pixels; i++) {
        if (!od_of(od, s->rgb + 3 * i, table))
            continue;
        n++;
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++)
                a[r][c] += od[r] * od[c];
        }
    }
    return n;
}

/* One rotation of Jacobi's method in the plane of axes p and q. */
static void rotate(double a[3][3], double v[3][3], int p, int q)
{
    if (fabs(a[p][q]) <= 1e-300)
        return;
    const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    const double t = copysign(1, theta) / (fabs(theta) + sqrt(theta * theta + 1));
    const double c = 1 / sqrt(t * t + 1);
    const double s = t * c;

    for (int k = 0; k < 3; k++) {
        const double kp = a[k][p];
        const double kq = a[k][q];
        a[k][p] = c * kp - s * kq;
        a[k][q] = s * kp + c * kq;
    }
    for (int k = 0; k < 3; k++) {
        const double pk = a[p][k];
        const double qk = a[q][k];
        a[p][k] = c * pk - s * qk;
        a[q][k] = s * pk + c * qk;
    }
    for (int k = 0; k < 3; k++) {
        const double kp = v[k][p];
        const double kq = v[k][q];
        v[k][p] = c * kp - s * kq;
        v[k][q] = s * kp + c * kq;
    }
}

/* The two leading eigenvectors of a symmetric matrix, pointing to positive OD. */
static void leading(double e[2][3], double a[3][3])
{
    double v[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

    for (int sweep = 0; sweep < 30; sweep++) {
        rotate(a, v, 0, 1);
        rotate(a, v, 0, 2);
        rotate(a, v, 1, 2);
    }
    int least = 0;
    for (int k = 1; k < 3; k++)
        least = a[k][k] < a[least][least] ? k : least;
    int first = (least + 1) % 3;
    int second = (least + 2) % 3;
    if (a[second][second] > a[first][first]) {
        const int swap = first;
        first = second;
        second = swap;
    }
    const double sign = v[0][first] + v[1][first] + v[2][first] < 0 ? -1 : 1;
    for (int c = 0; c < 3; c++) {
        e[0][c] = sign * v[c][first];
        e[1][c] = v[c][second];
    }
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* The angle below which a share of the counts lies. */
static double quantile(const uint32_t *bin, size_t n, double share)
{
    double sum = 0;
    int b = 0;
    for (; b < ANGLE_BINS - 1; b++) {
        sum += bin[b];
        if (sum >= share * (double)n)
            break;
    }
    return (b + 0.5) * 2 * PI / ANGLE_BINS - PI;
}

/* The two vectors at the edges of the fan; its opening in degrees. */
static rgq_status find_edges(double edge[2][3], double *degrees, const rgq_ihc_sample *s,
                             double table[3][256], rgq_error *err)
{
    const size_t pixels = rgq_ihc_sample_pixels(s);
    double a[3][3] = {{0}};
    double e[2][3];
    double od[3];
    uint32_t *bin = NULL;

    const size_t n = sum_products(a, s, table);
    if (n < PIXELS_MIN)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "vectors cannot be estimated: %zu of %zu pixels looked at have an OD "
                         "of %g or more, %d were needed; type --stain h-dab",
                         n, pixels, OD_MIN, PIXELS_MIN);
    RGQ_PASS(err, rgq_alloc(&bin, ANGLE_BINS, sizeof *bin, err));
    leading(e, a);
    for (size_t i = 0; i < pixels; i++) {
        if (!od_of(od, s->rgb + 3 * i, table))
            continue;
        const double turn = (atan2(dot(od, e[1]), dot(od, e[0])) + PI) / (2 * PI);
        const int b = (int)(turn * ANGLE_BINS);
        bin[b < ANGLE_BINS ? b : ANGLE_BINS - 1]++;
    }
    const double angle[2] = {quantile(bin, n, SHARE), quantile(bin, n, 1 - SHARE)};
    rgq_free(bin);
    *degrees = (angle[1] - angle[0]) * 180 / PI;
    for (int k = 0; k < 2; k++) {
        for (int c = 0; c < 3; c++)
            edge[k][c] = cos(angle[k]) * e[0][c] + sin(angle[k]) * e[1][c];
    }
    return RGQ_OK;
}

rgq_status rgq_ihc_macenko(rgq_stains *stains, const rgq_ihc_sample *s, const double white[3],
                           rgq_error *err)
{
    double table[3][256];
    double edge[2][3];
    double degrees = 0;

    const int h = rgq_stains_index(stains, "hematoxylin");
    if (stains->count != 2 || h < 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "vectors can be estimated for hematoxylin and one other stain; there "
                         "are %d stains; type --stain h-dab or h-e",
                         stains->count);
    for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 256; v++)
            table[c][v] = -log10(fmin(fmax(v / white[c], 1e-6), 1));
    }
    RGQ_PASS(err, find_edges(edge, &degrees, s, table, err));
    if (degrees < 5)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "vectors cannot be estimated: the colours of the sample open by %.2g "
                         "degrees, 5 were needed: there is one stain only; type --stain h-dab",
                         degrees);
    const int red = edge[0][0] >= edge[1][0] ? 0 : 1;
    memcpy(stains->od[h], edge[red], sizeof edge[red]);
    memcpy(stains->od[1 - h], edge[1 - red], sizeof edge[red]);
    rgq_text_copy(stains->source, sizeof stains->source, "macenko");
    return RGQ_OK;
}
