#include "num/special.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "core/banned.h"

double rgq_ln_gamma_modulus(double re, double im)
{
    gsl_sf_result modulus;
    gsl_sf_result argument;

    if (im == 0.0 && re <= 0.0 && re == floor(re))
        return (double)NAN; /* GSL would end the process */
    if (gsl_sf_lngamma_complex_e(re, im, &modulus, &argument) != GSL_SUCCESS)
        return (double)NAN;
    return modulus.val;
}
