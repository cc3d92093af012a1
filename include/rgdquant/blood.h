/**
 * @file blood.h
 * @brief Samples of blood along a PET scan, as BIDS keeps them in `*_blood.tsv`.
 *
 * Place in the pipeline: [files] -> scan, [BLOOD] -> kinetic models
 *
 * A reader fills it and corrects nothing: neither dispersion nor delay nor decay.
 */
#ifndef RGDQUANT_BLOOD_H
#define RGDQUANT_BLOOD_H

#include "rgdquant/error.h"
#include "rgdquant/export.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_BLOOD_SAMPLES_MAX = 1000000 };

/** One sample; NaN where the table says "n/a" or has no such column. */
typedef struct rgq_blood_sample {
    double time_s; /**< from TimeZero of the scan */
    double whole_blood_bqml;
    double plasma_bqml;
    double parent_fraction; /**< unchanged tracer in the plasma, 0 to 1 */
    double polar_fraction;  /**< polar metabolites, 0 to 1 */
    double hplc_recovery;   /**< recovered fraction, 0 to 1 */
} rgq_blood_sample;

/** What the JSON file beside the table states. -1 = does not say. */
typedef struct rgq_blood_facts {
    int plasma_available;
    int metabolites_available;
    int whole_blood_available;
    int dispersion_corrected;
    int metabolite_recovery_corrected;
    char metabolite_method[96]; /**< "" = does not say */
    double withdrawal_rate_ml_s;
    double tubing_length_m;
    double dispersion_constant_s;
    double haematocrit; /**< 0 to 1 */
    double density_g_ml;
    double plasma_free_percent;
} rgq_blood_facts;

/** Zero it before use; release with rgq_blood_release(). */
typedef struct rgq_blood {
    rgq_blood_sample *sample; /**< time rises strictly */
    int count;
    rgq_blood_facts facts;
    char recording[32]; /**< "autosampler", "manual", "" */
} rgq_blood;

/** Frees the samples and clears it; a zeroed one is allowed. */
RGQ_API void rgq_blood_release(rgq_blood *blood);

/** An empty one: no samples, all facts unknown. */
RGQ_API rgq_blood rgq_blood_none(void);

#ifdef __cplusplus
}
#endif

#endif
