/* A calibration of uptake: any bytes are read or refused; what is read predicts or refuses. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "rgdquant/uptake_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_uptake_model model;
    rgq_uptake_prediction p;
    rgq_error err = RGQ_ERROR_INIT;
    char *text = NULL;

    if (size > 65536 ||
        rgq_uptake_model_parse(&model, (const char *)data, size, "model.json", &err) != RGQ_OK)
        return 0;
    const rgq_uptake_query query = {.measure = model.measure,
                                    .unit = model.unit,
                                    .tracer = model.tracer,
                                    .partial_volume = model.partial_volume,
                                    .uptake = model.uptake.low,
                                    .volume_ml = model.volume_ml.high,
                                    .uptake_time_min = model.uptake_time_min.low};
    rgq_uptake_model_predict(&p, &model, &query, 0.95);
    if (!p.refused && !(p.low <= p.high))
        __builtin_trap();
    if (rgq_uptake_model_json(&text, &model, &err) != RGQ_OK)
        __builtin_trap(); /* what was read can be written */
    rgq_free(text);
    return 0;
}
