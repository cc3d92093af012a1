#include "rgdquant/blood.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

rgq_blood rgq_blood_none(void)
{
    const double unknown = (double)NAN;
    return (rgq_blood){.facts = {.plasma_available = -1,
                                 .metabolites_available = -1,
                                 .whole_blood_available = -1,
                                 .dispersion_corrected = -1,
                                 .metabolite_recovery_corrected = -1,
                                 .withdrawal_rate_ml_s = unknown,
                                 .tubing_length_m = unknown,
                                 .dispersion_constant_s = unknown,
                                 .haematocrit = unknown,
                                 .density_g_ml = unknown,
                                 .plasma_free_percent = unknown}};
}

void rgq_blood_release(rgq_blood *blood)
{
    rgq_free(blood->sample);
    *blood = rgq_blood_none();
}
