#include "calib/planner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"

void rgq_plan_refuse(rgq_planner *p, rgq_status status, const char *format, ...)
{
    char reason[RGQ_MESSAGE_MAX];
    char *text = p->plan->refused;
    const size_t used = strlen(text);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (p->refusal == RGQ_OK)
        p->refusal = status;
    if (strstr(text, reason) == NULL)
        (void)snprintf(text + used, RGQ_MESSAGE_MAX - used, "%s%s", used > 0 ? "; " : "",
                       reason);
}

void rgq_plan_note(rgq_planner *p, const char *name, double value, const char *unit,
                   const char *text, const char *origin)
{
    rgq_suv_plan *plan = p->plan;

    if (plan->n_inputs >= RGQ_SUV_STEPS_MAX)
        return;
    rgq_suv_input *input = &plan->input[plan->n_inputs++];
    *input = (rgq_suv_input){.value = value};
    rgq_text_copy(input->name, sizeof input->name, name);
    rgq_text_copy(input->unit, sizeof input->unit, unit);
    rgq_text_copy(input->text, sizeof input->text, text);
    rgq_text_copy(input->origin, sizeof input->origin, origin);
}

void rgq_plan_note_text(rgq_planner *p, const char *name, const rgq_fact_text *fact)
{
    rgq_plan_note(p, name, (double)NAN, "", fact->value, fact->origin);
}

bool rgq_plan_is_dicom(const rgq_planner *p)
{
    return strncmp(p->scan->format, "DICOM", 5) == 0;
}

void rgq_plan_refuse_absent(rgq_planner *p, const char *in_dicom, const char *in_others,
                            const char *option)
{
    rgq_plan_refuse(p, RGQ_E_MISSING, "%s is absent: give %s",
                    rgq_plan_is_dicom(p) ? in_dicom : in_others, option);
}

rgq_planner rgq_plan_quietly(const rgq_planner *p, rgq_suv_plan *plan)
{
    *plan = (rgq_suv_plan){.factor = 1.0, .base_factor = 1.0, .half_life_s = (double)NAN};
    return (rgq_planner){
        .plan = plan, .scan = p->scan, .nuclide = p->nuclide, .half_life_s = p->half_life_s};
}

bool rgq_is_from_option(const char *origin)
{
    return strncmp(origin, "--", 2) == 0;
}
