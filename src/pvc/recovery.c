/* Recovery coefficients of a phantom.
 *
 * The fit is Gauss-Newton on ln beta and ln gamma with halved steps, started from the straight
 * line through logit(rc) over ln d: two parameters need no library, and GSL's least squares
 * would end the program where memory is short.
 */
#include "rgdquant/recovery.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/banned.h"
#include "num/stats.h"

enum { POINTS_MIN = 3, STEPS_MAX = 200, HALVINGS_MAX = 40 };

static const double pi = 3.14159265358979323846;
static const double mm3_per_ml = 1000.0;
static const double rc_max = 1.5;
static const double rc_least = 0.05;
/* A region of the phantom's own sphere may be found smaller by so much: a mask of 2 mm voxels
 * gives a sphere of 10 mm 9.93 mm. */
static const double diameter_slack = 0.01;

/* The points, their weights, and the parameters so far. */
typedef struct fit {
    const rgq_recovery_curve *curve;
    double weight[RGQ_RECOVERY_POINTS_MAX];
    bool weighted; /* by standard deviations */
    double ln_beta;
    double ln_gamma;
} fit;

static double curve_at(double diameter_mm, double beta_mm, double gamma)
{
    return 1.0 / (1.0 + pow(beta_mm / diameter_mm, gamma));
}

/* ------------------------------------------------------------------------------ the points */

static rgq_status find_column(int *out, const rgq_table *table, const char *name,
                              rgq_error *err)
{
    *out = rgq_table_find(table, name);
    if (*out < 0 || rgq_table_column(table, *out)->kind == RGQ_COLUMN_TEXT)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the table of recovery coefficients has no column '%s' of numbers; "
                         "diameter_mm and rc_mean were needed, as phantom analyse writes them",
                         name);
    return RGQ_OK;
}

static rgq_status check_point(int row, double diameter_mm, double rc, rgq_error *err)
{
    if (!(diameter_mm > 0.0 && isfinite(diameter_mm)))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "row %d of the recovery coefficients: a diameter of %g mm; a positive "
                         "one was needed",
                         row + 1, diameter_mm);
    if (!(rc > 0.0 && rc <= rc_max))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "row %d of the recovery coefficients: rc_mean is %g; more than 0 and "
                         "at most %g was needed",
                         row + 1, rc, rc_max);
    return RGQ_OK;
}

/* Keeps diameters rising. */
static void insert_point(rgq_recovery_curve *c, double *sd, double diameter_mm, double rc,
                         double rc_sd)
{
    int k = c->n_points++;

    for (; k > 0 && c->diameter_mm[k - 1] > diameter_mm; k--) {
        c->diameter_mm[k] = c->diameter_mm[k - 1];
        c->rc[k] = c->rc[k - 1];
        sd[k] = sd[k - 1];
    }
    c->diameter_mm[k] = diameter_mm;
    c->rc[k] = rc;
    sd[k] = rc_sd;
}

static rgq_status read_points(rgq_recovery_curve *c, double *sd, const rgq_table *table,
                              rgq_error *err)
{
    int at_diameter = -1;
    int at_rc = -1;
    const int at_sd = rgq_table_find(table, "rc_mean_sd");
    const bool has_sd = at_sd >= 0 && rgq_table_column(table, at_sd)->kind != RGQ_COLUMN_TEXT;

    RGQ_PASS(err, find_column(&at_diameter, table, "diameter_mm", err));
    RGQ_PASS(err, find_column(&at_rc, table, "rc_mean", err));
    for (int row = 0; row < rgq_table_n_rows(table); row++) {
        if (!rgq_table_has(table, row, at_diameter) || !rgq_table_has(table, row, at_rc))
            continue;
        const double diameter_mm = rgq_table_real(table, row, at_diameter);
        const double rc = rgq_table_real(table, row, at_rc);
        RGQ_PASS(err, check_point(row, diameter_mm, rc, err));
        if (c->n_points == RGQ_RECOVERY_POINTS_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "more than %d recovery coefficients in one table",
                             (int)RGQ_RECOVERY_POINTS_MAX);
        insert_point(c, sd, diameter_mm, rc,
                     has_sd ? rgq_table_real(table, row, at_sd) : (double)NAN);
    }
    if (c->n_points < POINTS_MIN || c->diameter_mm[0] >= c->diameter_mm[c->n_points - 1])
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%d recovery coefficients with a diameter and rc_mean; %d of spheres "
                         "of different sizes were needed",
                         c->n_points, (int)POINTS_MIN);
    return RGQ_OK;
}

/* ------------------------------------------------------------------------------ the fit */

static double chi_square(const fit *f, double ln_beta, double ln_gamma)
{
    const rgq_recovery_curve *c = f->curve;
    double s = 0.0;

    for (int i = 0; i < c->n_points; i++) {
        const double e = c->rc[i] - curve_at(c->diameter_mm[i], exp(ln_beta), exp(ln_gamma));
        s += f->weight[i] * e * e;
    }
    return s;
}

/* Normal equations at the parameters: `a` = J' W J, `b` = J' W e. */
static void normal_equations(const fit *f, double a[3], double b[2])
{
    const rgq_recovery_curve *c = f->curve;
    const double gamma = exp(f->ln_gamma);

    a[0] = a[1] = a[2] = b[0] = b[1] = 0.0;
    for (int i = 0; i < c->n_points; i++) {
        const double reach = f->ln_beta - log(c->diameter_mm[i]);
        const double rc = 1.0 / (1.0 + exp(gamma * reach));
        const double slope = -gamma * rc * (1.0 - rc);
        const double by_beta = slope;
        const double by_gamma = slope * reach;
        const double e = c->rc[i] - rc;
        a[0] += f->weight[i] * by_beta * by_beta;
        a[1] += f->weight[i] * by_beta * by_gamma;
        a[2] += f->weight[i] * by_gamma * by_gamma;
        b[0] += f->weight[i] * by_beta * e;
        b[1] += f->weight[i] * by_gamma * e;
    }
}

/* Inverse of [a0 a1; a1 a2]; false where it has none to speak of. */
static bool invert(const double a[3], double inverse[3])
{
    const double det = a[0] * a[2] - a[1] * a[1];

    if (!(det > 1e-14 * a[0] * a[2]))
        return false;
    inverse[0] = a[2] / det;
    inverse[1] = -a[1] / det;
    inverse[2] = a[0] / det;
    return true;
}

/* logit(rc) = gamma (ln d - ln beta), by linear regression with the weights that equal errors
 * of rc give its logit. */
static bool start_fit(fit *f)
{
    const rgq_recovery_curve *c = f->curve;
    double sum = 0.0;
    double mean_x = 0.0;
    double mean_y = 0.0;
    double xx = 0.0;
    double xy = 0.0;

    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < c->n_points; i++) {
            const double rc = fmin(fmax(c->rc[i], 1e-4), 1.0 - 1e-4);
            const double x = log(c->diameter_mm[i]);
            const double y = log(rc / (1.0 - rc));
            const double weight = rc * rc * (1.0 - rc) * (1.0 - rc);
            if (pass == 0) {
                sum += weight;
                mean_x += weight * x;
                mean_y += weight * y;
            } else {
                xx += weight * (x - mean_x / sum) * (x - mean_x / sum);
                xy += weight * (x - mean_x / sum) * (y - mean_y / sum);
            }
        }
    }
    if (!(xy > 0.0))
        return false;
    f->ln_gamma = log(xy / xx);
    f->ln_beta = (mean_x - mean_y * xx / xy) / sum;
    return true;
}

static bool run_fit(fit *f)
{
    double chi2 = chi_square(f, f->ln_beta, f->ln_gamma);

    for (int k = 0; k < STEPS_MAX; k++) {
        double a[3];
        double b[2];
        double inverse[3];
        normal_equations(f, a, b);
        if (!invert(a, inverse))
            return false;
        double step = 1.0;
        const double by_beta = inverse[0] * b[0] + inverse[1] * b[1];
        const double by_gamma = inverse[1] * b[0] + inverse[2] * b[1];
        double next = chi_square(f, f->ln_beta + by_beta, f->ln_gamma + by_gamma);
        for (int h = 0; h < HALVINGS_MAX && !(next <= chi2); h++) {
            step /= 2.0;
            next = chi_square(f, f->ln_beta + step * by_beta, f->ln_gamma + step * by_gamma);
        }
        if (!(next <= chi2))
            return true; /* no way down: the minimum, as well as doubles know it */
        f->ln_beta += step * by_beta;
        f->ln_gamma += step * by_gamma;
        chi2 = next;
        if (fabs(step * by_beta) + fabs(step * by_gamma) < 1e-12)
            return true;
    }
    return false;
}

static rgq_status finish_fit(rgq_recovery_curve *c, const fit *f, rgq_error *err)
{
    const double dof = (double)c->n_points - 2.0;
    double a[3];
    double b[2];
    double inverse[3];
    double square = 0.0;

    c->beta_mm = exp(f->ln_beta);
    c->gamma = exp(f->ln_gamma);
    normal_equations(f, a, b);
    if (!invert(a, inverse) || !(c->beta_mm > 0.0) || !isfinite(c->beta_mm) ||
        !isfinite(c->gamma))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "no curve 1 / (1 + (beta / d)^gamma) fits the %d recovery "
                         "coefficients: they do not tell beta from gamma",
                         c->n_points);
    /* scatter beyond the stated standard deviations widens the result, less does not narrow it
     */
    double scale = chi_square(f, f->ln_beta, f->ln_gamma) / dof;
    if (f->weighted)
        scale = fmax(scale, 1.0);
    for (int i = 0; i < c->n_points; i++) {
        const double e = c->rc[i] - curve_at(c->diameter_mm[i], c->beta_mm, c->gamma);
        square += e * e;
    }
    c->residual_sd = sqrt(square / dof);
    c->covariance[0][0] = scale * inverse[0] * c->beta_mm * c->beta_mm;
    c->covariance[0][1] = scale * inverse[1] * c->beta_mm * c->gamma;
    c->covariance[1][0] = c->covariance[0][1];
    c->covariance[1][1] = scale * inverse[2] * c->gamma * c->gamma;
    return RGQ_OK;
}

rgq_status rgq_recovery_fit(rgq_recovery_curve *out, const rgq_table *table, rgq_error *err)
{
    rgq_recovery_curve c = {0};
    double sd[RGQ_RECOVERY_POINTS_MAX] = {0.0};
    fit f = {.curve = &c, .weighted = true};

    RGQ_PASS(err, read_points(&c, sd, table, err));
    for (int i = 0; i < c.n_points; i++)
        f.weighted = f.weighted && sd[i] > 0.0 && isfinite(sd[i]);
    for (int i = 0; i < c.n_points; i++)
        f.weight[i] = f.weighted ? 1.0 / (sd[i] * sd[i]) : 1.0;
    if (!start_fit(&f) || !run_fit(&f))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "no curve 1 / (1 + (beta / d)^gamma) fits the %d recovery "
                         "coefficients: %g at %g mm to %g at %g mm; they should rise with the "
                         "diameter",
                         c.n_points, c.rc[0], c.diameter_mm[0], c.rc[c.n_points - 1],
                         c.diameter_mm[c.n_points - 1]);
    RGQ_PASS(err, finish_fit(&c, &f, err));
    *out = c;
    return RGQ_OK;
}

/* ------------------------------------------------------------------------------ one lesion */

static bool not_negative(double value)
{
    return value >= 0.0 && isfinite(value);
}

static rgq_status check_lesion(const rgq_recovery_lesion *l, double confidence, rgq_error *err)
{
    if (!isfinite(l->mean) || !isfinite(l->background) || !not_negative(l->mean_sd) ||
        !not_negative(l->background_sd))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a lesion of mean %g +- %g in a background of %g +- %g; finite values "
                         "and standard deviations of 0 or more were needed",
                         l->mean, l->mean_sd, l->background, l->background_sd);
    if (!(l->volume_ml > 0.0 && isfinite(l->volume_ml)) || !not_negative(l->volume_sd_ml))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a lesion of %g +- %g mL; a positive volume was needed", l->volume_ml,
                         l->volume_sd_ml);
    if (!(confidence > 0.0 && confidence < 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a confidence of %g; more than 0 and less than 1 was needed, e.g. "
                         "0.95",
                         confidence);
    return RGQ_OK;
}

static rgq_status check_range(const rgq_recovery_curve *c, double diameter_mm, double rc,
                              rgq_error *err)
{
    const double least = c->diameter_mm[0];
    const double most = 2.0 * c->diameter_mm[c->n_points - 1];

    if (diameter_mm < least * (1.0 - diameter_slack) || diameter_mm > most)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the lesion has the volume of a sphere of %.4g mm, and the phantom's "
                         "recovery holds from %.4g to %.4g mm (smallest sphere to twice the "
                         "largest); nothing is extrapolated",
                         diameter_mm, least, most);
    if (rc < rc_least)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "a sphere of %.4g mm has a recovery coefficient of %.3g here; at least "
            "%g was needed, below it the correction is mostly noise",
            diameter_mm, rc, rc_least);
    return RGQ_OK;
}

rgq_status rgq_recovery_correct(rgq_recovery_result *out, const rgq_recovery_curve *curve,
                                const rgq_recovery_lesion *lesion, double confidence,
                                rgq_error *err)
{
    rgq_recovery_result r = {0};

    RGQ_PASS(err, check_lesion(lesion, confidence, err));
    r.diameter_mm = cbrt(6.0 * lesion->volume_ml * mm3_per_ml / pi);
    r.rc = curve_at(r.diameter_mm, curve->beta_mm, curve->gamma);
    RGQ_PASS(err, check_range(curve, r.diameter_mm, r.rc, err));

    const double contrast = lesion->mean - lesion->background;
    const double by_rc = fabs(contrast) / (r.rc * r.rc);
    const double slope = r.rc * (1.0 - r.rc);
    const double by_beta = -slope * curve->gamma / curve->beta_mm;
    const double by_gamma = -slope * log(curve->beta_mm / r.diameter_mm);
    const double curve_variance = by_beta * by_beta * curve->covariance[0][0] +
                                  2.0 * by_beta * by_gamma * curve->covariance[0][1] +
                                  by_gamma * by_gamma * curve->covariance[1][1];
    r.corrected = lesion->background + contrast / r.rc;
    r.sd_noise = hypot(lesion->mean_sd / r.rc, (1.0 - 1.0 / r.rc) * lesion->background_sd);
    r.sd_volume =
        by_rc * slope * curve->gamma / 3.0 * (lesion->volume_sd_ml / lesion->volume_ml);
    r.sd_curve = by_rc * sqrt(fmax(curve_variance, 0.0));
    r.sd_scatter = by_rc * curve->residual_sd;
    /* Welch and Satterthwaite: curve and scatter come from one residual with n - 2 degrees of
     * freedom, noise and volume are taken to be known */
    const double known = hypot(r.sd_noise, r.sd_volume);
    const double fitted = hypot(r.sd_curve, r.sd_scatter);
    r.sd = hypot(known, fitted);
    const double ratio = fitted > 0.0 ? r.sd / fitted : (double)INFINITY;
    const double dof = ((double)curve->n_points - 2.0) * ratio * ratio * ratio * ratio;
    const double quantile =
        rgq_t_quantile(0.5 + 0.5 * confidence, dof < 1e6 ? dof : (double)INFINITY);
    const double half_width = quantile * r.sd;
    r.ci_low = r.corrected - half_width;
    r.ci_high = r.corrected + half_width;
    *out = r;
    return RGQ_OK;
}
