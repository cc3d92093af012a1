#include "cli/tiac_decay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/tracer.h"

static const double APART = 0.005;

static rgq_status look_up(rgq_tiac_decay *d, rgq_context *context, const char *name,
                          rgq_error *err)
{
    char folder[RGQ_PATH_MAX];
    rgq_nuclide nuclide;

    RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    RGQ_PASS(err, rgq_nuclide_find(&nuclide, folder, name, err));
    rgq_text_copy(d->nuclide, sizeof d->nuclide, nuclide.id);
    d->library_s = nuclide.half_life_s.value;
    return RGQ_OK;
}

rgq_status rgq_tiac_decay_begin(rgq_tiac_decay *out, rgq_context *context, const char *nuclide,
                                rgq_error *err)
{
    *out = (rgq_tiac_decay){.library_s = (double)NAN, .half_life_s = (double)NAN};
    return nuclide != NULL ? rgq_context_word(context, look_up(out, context, nuclide, err))
                           : RGQ_OK;
}

rgq_status rgq_tiac_decay_nuclide(rgq_tiac_decay *decay, rgq_context *context,
                                  const char *named, const char *whose, rgq_error *err)
{
    char id[16];

    if (!rgq_nuclide_canonical(id, named)) {
        if (decay->nuclide[0] == '\0')
            RGQ_WARN(&context->log,
                     "%s names the nuclide '%.40s', which is not known: --nuclide "
                     "names one",
                     whose, named);
        return RGQ_OK;
    }
    if (decay->nuclide[0] == '\0')
        return look_up(decay, context, id, err);
    if (strcmp(decay->nuclide, id) != 0 && !context->shared.force)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s is of %s, not of %s; give the right --nuclide, or --force to take "
                         "%s",
                         whose, id, decay->nuclide, decay->nuclide);
    return RGQ_OK;
}

rgq_status rgq_tiac_decay_settle(rgq_tiac_decay *decay, const rgq_context *context,
                                 double stated_s, const char *origin, rgq_error *err)
{
    if (!isfinite(stated_s) && !isfinite(decay->library_s))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the physical half-life is not known: give --nuclide (F-18, Lu-177, "
                         "...) or --half-life-s");
    if (isfinite(stated_s) && isfinite(decay->library_s) &&
        fabs(stated_s / decay->library_s - 1.0) > APART) {
        if (!context->shared.force)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "half-life conflict: %.8g s by %s, but %s has %.8g s; mend the "
                             "first or the nuclide, or add --force to take %.8g s",
                             stated_s, origin, decay->nuclide, decay->library_s, stated_s);
        RGQ_WARN(&context->log, "half-life %.8g s by %s is used, although %s has %.8g s",
                 stated_s, origin, decay->nuclide, decay->library_s);
    }
    decay->half_life_s = isfinite(stated_s) ? stated_s : decay->library_s;
    if (isfinite(stated_s))
        rgq_text_copy(decay->origin, sizeof decay->origin, origin);
    else
        (void)snprintf(decay->origin, sizeof decay->origin, "tracers/isotopes.json, %s",
                       decay->nuclide);
    return RGQ_OK;
}
