/* Special functions. */
#ifndef RGQ_NUM_SPECIAL_H
#define RGQ_NUM_SPECIAL_H

#include "rgdquant/export.h"

/** ln |Gamma(re + i im)|; NaN at a pole. */
RGQ_API double rgq_ln_gamma_modulus(double re, double im);

#endif
