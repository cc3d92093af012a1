#include "ihc/stains.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "num/matrix.h"

/* Ruifrok and Johnston 2001, as they are printed: not quite of unit length. */
#define HEMATOXYLIN                                                                            \
    {                                                                                          \
        0.65, 0.70, 0.29                                                                       \
    }
#define EOSIN                                                                                  \
    {                                                                                          \
        0.07, 0.99, 0.11                                                                       \
    }
#define DAB                                                                                    \
    {                                                                                          \
        0.27, 0.57, 0.78                                                                       \
    }

/* Beyond it an error of 1 % of the light becomes one of 20 % of a stain or more. */
static const double CONDITION_MAX = 50;

static const struct {
    const char *name;
    rgq_stains stains;
} built_in[] = {
    {"h-dab", {2, {"hematoxylin", "dab", ""}, {HEMATOXYLIN, DAB}, true, "Ruifrok2001"}},
    {"h-e", {2, {"hematoxylin", "eosin", ""}, {HEMATOXYLIN, EOSIN}, true, "Ruifrok2001"}},
    {"h-e-dab",
     {3, {"hematoxylin", "eosin", "dab"}, {HEMATOXYLIN, EOSIN, DAB}, true, "Ruifrok2001"}},
};

rgq_status rgq_stains_find(rgq_stains *out, const char *name, rgq_error *err)
{
    for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
        if (rgq_text_equal_nocase(built_in[i].name, name)) {
            *out = built_in[i].stains;
            return RGQ_OK;
        }
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "no stains are called '%s'; h-dab, h-e and h-e-dab are built in", name);
}

int rgq_stains_index(const rgq_stains *stains, const char *name)
{
    for (int k = 0; k < stains->count && k < RGQ_STAINS_MAX; k++) {
        if (strcmp(stains->name[k], name) == 0)
            return k;
    }
    return -1;
}

static double length_of(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

static rgq_status check_stains(const rgq_stains *stains, rgq_error *err)
{
    if (stains->count != 2 && stains->count != 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d stains; 2 or 3 were needed", stains->count);
    for (int k = 0; k < stains->count; k++) {
        for (int c = 0; c < 3; c++) {
            const double v = stains->od[k][c];
            if (!(v >= -1 && v <= 10)) /* also NaN */
                return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                 "component %d of the vector of %s is %g; -1 to 10 was needed",
                                 c + 1, stains->name[k], v);
        }
        if (!(length_of(stains->od[k]) > 1e-3))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the vector of %s has a length of %g",
                             stains->name[k], length_of(stains->od[k]));
    }
    if (rgq_stains_index(stains, "hematoxylin") < 0 && rgq_stains_index(stains, "dab") < 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the stains are %s and %s; one must be hematoxylin or dab",
                         stains->name[0], stains->name[1]);
    return RGQ_OK;
}

static void cross(double out[3], const double a[3], const double b[3])
{
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

static void normalise(double v[3])
{
    const double length = length_of(v);
    for (int c = 0; c < 3 && length > 0; c++)
        v[c] /= length;
}

rgq_status rgq_stains_invert(double inverse[3][3], rgq_stains *stains, rgq_error *err)
{
    rgq_stains s = *stains;
    double unit[3][3];
    double m[3][3];
    double condition = (double)INFINITY;

    RGQ_PASS(err, check_stains(&s, err));
    for (int k = 0; k < s.count; k++) {
        if (s.normalise)
            normalise(s.od[k]);
        memcpy(unit[k], s.od[k], sizeof unit[k]);
        normalise(unit[k]);
    }
    if (s.count == 2) {
        cross(s.od[2], s.od[0], s.od[1]);
        normalise(s.od[2]);
        memcpy(unit[2], s.od[2], sizeof unit[2]);
        rgq_text_copy(s.name[2], sizeof s.name[2], "residual");
    }
    /* judged by the directions alone: long vectors are no harm */
    RGQ_PASS(err, rgq_matrix_invert(&m[0][0], &condition, &unit[0][0], 3, err));
    if (!(condition <= CONDITION_MAX))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the vectors of the stains lie nearly in a plane or along a line "
                         "(condition %.3g, at most %g): they cannot be told apart",
                         condition, CONDITION_MAX);
    RGQ_PASS(err, rgq_matrix_invert(&m[0][0], &condition, &s.od[0][0], 3, err));
    for (int k = 0; k < 3; k++) {
        for (int c = 0; c < 3; c++)
            inverse[k][c] = m[c][k];
    }
    *stains = s;
    return RGQ_OK;
}
