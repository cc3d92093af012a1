/* What is known of the target, and what the measures mean for it. */
#include "pipeline/job.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { MODEL_MAX_BYTES = 1024 * 1024 };

/* A folder of tracers of the user's own need not hold the table of integrins. */
static rgq_status load_targets(rgq_job *job, rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    RGQ_PASS(err, rgq_path_join(path, job->opts->tracers, "integrins.json", err));
    if (!rgq_path_exists(path) && job->opts->drug == NULL)
        return RGQ_OK;
    return rgq_targets_load(&job->targets, job->opts->tracers, err);
}

static rgq_status load_model(rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const char *path = job->opts->uptake_model;
    char *text = NULL;
    size_t length = 0;

    if (path == NULL)
        return RGQ_OK;
    RGQ_TRY(err, rgq_file_read(&text, &length, path, MODEL_MAX_BYTES, err));
    RGQ_TRY(err, rgq_uptake_model_parse(&job->model, text, length, rgq_path_base(path), err));
    job->has_model = true;
out:
    rgq_free(text);
    return st;
}

rgq_status rgq_job_knowledge(rgq_job *job, rgq_error *err)
{
    RGQ_PASS(err, load_targets(job, err));
    RGQ_PASS(err, load_model(job, err));
    if (job->opts->drug == NULL)
        return RGQ_OK;
    return rgq_surrogate_drugs_parse(job->drug, &job->n_drugs, job->targets, job->opts->drug,
                                     err);
}

static rgq_status record_knowledge(rgq_job *job, rgq_error *err)
{
    char path[RGQ_PATH_MAX];

    if (job->has_model)
        RGQ_PASS(err, rgq_record_input(job->record, job->opts->uptake_model,
                                       "uptake calibration", err));
    if (job->targets == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_path_join(path, job->opts->tracers, "integrins.json", err));
    return rgq_record_data_file(job->record, path, "tracers/integrins.json", err);
}

static rgq_status describe(const rgq_job *job, rgq_error *err)
{
    rgq_json *step = NULL;

    RGQ_PASS(err, rgq_record_step(&step, job->record, "surrogate", err));
    RGQ_PASS(err, rgq_json_set_text(step, "tracer", job->tracer.id, err));
    RGQ_PASS(err, rgq_json_set_real(step, "uptake_time_min", job->uptake_min, err));
    if (job->opts->tissue != NULL)
        RGQ_PASS(err, rgq_json_set_text(step, "tissue", job->opts->tissue, err));
    if (job->opts->drug != NULL)
        RGQ_PASS(err, rgq_json_set_text(step, "drug", job->opts->drug, err));
    return rgq_json_set_bool(step, "calibrated", job->has_model, err);
}

rgq_status rgq_job_relate(char **text, rgq_job *job, rgq_error *err)
{
    rgq_surrogate_opts how = {.background = job->backgrounds != NULL ? job->background : NULL,
                              .partial_volume = job->partial_volume,
                              .tissue = job->opts->tissue,
                              .uptake_time_min = job->uptake_min,
                              .targets = job->targets,
                              .model = job->has_model ? &job->model : NULL,
                              .confidence = job->opts->confidence,
                              .n_drugs = job->n_drugs};

    memcpy(how.drug, job->drug, sizeof how.drug);
    RGQ_PASS(err, record_knowledge(job, err));
    RGQ_PASS(err, rgq_surrogate_json(text, &job->tracer, job->measures, &how, err));
    RGQ_PASS(err, rgq_json_parse(&job->surrogate, *text, strlen(*text), "surrogate.json", err));
    return describe(job, err);
}
