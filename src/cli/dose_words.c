#include "cli/dose_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cache_file.h"
#include "core/banned.h"

rgq_status rgq_dose_wrong_words(rgq_context *context, rgq_error *err, const char *format, ...)
{
    char words[RGQ_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s", words);
}

rgq_status rgq_dose_folders_find(rgq_dose_folders *out, const rgq_context *context,
                                 const rgq_dose_words *o, rgq_error *err)
{
    RGQ_PASS(err,
             rgq_context_data_path(out->tracers, sizeof out->tracers, context, "tracers", err));
    if (o->no_cache || !rgq_cache_file(out->cache, "dose"))
        out->cache[0] = '\0';
    return RGQ_OK;
}

rgq_status rgq_dose_way_of(rgq_dose_way *out, rgq_context *context, const rgq_dose_words *o,
                           rgq_dose_engine usual, rgq_error *err)
{
    const rgq_photon_opts photons = RGQ_PHOTON_OPTS_INIT;

    *out = (rgq_dose_way){.engine = usual, .photons = photons};
    if (o->engine != NULL)
        out->engine = strcmp(o->engine, "local") == 0    ? RGQ_DOSE_LOCAL
                      : strcmp(o->engine, "kernel") == 0 ? RGQ_DOSE_KERNEL
                                                         : RGQ_DOSE_MC;
    if (out->engine != RGQ_DOSE_MC &&
        (rgq_context_given(context, "histories") || rgq_context_given(context, "uncertainty")))
        return rgq_dose_wrong_words(
            context, err,
            "--histories and --uncertainty belong to --engine mc, which is not "
            "used here");
    out->photons.histories = (long long)o->histories;
    out->photons.uncertainty = isfinite(o->uncertainty) ? o->uncertainty : 0.0;
    out->photons.seed = (uint64_t)o->seed;
    return RGQ_OK;
}
