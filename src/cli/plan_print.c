#include "cli/plan_print.h"

#include <math.h>

#include "core/banned.h"
#include "core/parse.h"

void rgq_plan_print_table(const rgq_suv_plan *plan, FILE *to)
{
    char number[RGQ_REAL_TEXT_MAX];

    fputs("name\tvalue\tunit\ttext\torigin\n", to);
    fprintf(to, "factor\t%s\t%s/(%s)\t%s\t%s\n", rgq_format_real(plan->factor, number),
            rgq_unit_name(plan->to), rgq_unit_name(plan->from),
            plan->per_slice ? "first slice; each slice has its own" : "n/a", plan->rule);
    for (int i = 0; i < plan->n_inputs; i++) {
        const rgq_suv_input *input = &plan->input[i];
        fprintf(to, "%s\t%s\t%s\t%s\t%s\n", input->name, rgq_format_real(input->value, number),
                input->unit[0] != '\0' ? input->unit : "n/a",
                input->text[0] != '\0' ? input->text : "n/a", input->origin);
    }
    for (int i = 0; i < plan->n_others; i++) {
        const rgq_suv_other *other = &plan->other[i];
        if (!other->taken)
            fprintf(to, "factor_by_%s\t%s\t%s/(%s)\t%s\t%s\n", other->rule,
                    rgq_format_real(other->factor, number), rgq_unit_name(plan->to),
                    rgq_unit_name(plan->from), other->text,
                    other->origin[0] != '\0' ? other->origin : "n/a");
    }
}

/* Against the factor that was taken. */
static const char *effect_of(const rgq_suv_plan *plan, const rgq_suv_other *other,
                             char buffer[48])
{
    const double percent = 100.0 * (other->factor / plan->factor - 1.0);

    if (!isfinite(percent))
        (void)snprintf(buffer, 48, "not to be had");
    else if (other->taken)
        (void)snprintf(buffer, 48, "taken");
    else if (fabs(percent) < 5e-4)
        (void)snprintf(buffer, 48, "would give the same");
    else
        (void)snprintf(buffer, 48, "would change the values by %+.3g %%", percent);
    return buffer;
}

static void print_others(const rgq_suv_plan *plan, FILE *to)
{
    for (int i = 0; i < plan->n_others; i++) {
        const rgq_suv_other *other = &plan->other[i];
        char effect[48];
        if (i == 0)
            fputs("  reference time by each rule (seconds after the injection)\n", to);
        if (isfinite(other->reference_s))
            fprintf(to, "    %-22s%-14.10g%s; %s  %s\n", other->rule, other->reference_s,
                    effect_of(plan, other, effect), other->text, other->origin);
        else
            fprintf(to, "    %-22s%-14s%s\n", other->rule, "n/a", other->text);
    }
}

void rgq_plan_print_lines(const rgq_suv_plan *plan, FILE *to)
{
    fprintf(to, "  %-24s%s\n", "unit of results", rgq_unit_name(plan->to));
    if (plan->refused[0] != '\0')
        fprintf(to, "  %-24s%s\n", "refused", plan->refused);
    fprintf(to, "  %-24s%s\n", "rule", plan->rule);
    fprintf(to, "  %-24s%.10g%s\n", "factor", plan->factor,
            plan->per_slice ? " (first slice; each slice has its own)" : "");
    for (int i = 0; i < plan->n_inputs; i++) {
        const rgq_suv_input *input = &plan->input[i];
        char shown[128] = "";
        if (isfinite(input->value))
            (void)snprintf(shown, sizeof shown, "%.10g %s%s%s", input->value, input->unit,
                           input->text[0] != '\0' ? ", " : "", input->text);
        else
            (void)snprintf(shown, sizeof shown, "%s", input->text);
        fprintf(to, "  %-24s%-30s  %s\n", input->name, shown, input->origin);
    }
    print_others(plan, to);
}

static rgq_status add_input(rgq_json *list, const rgq_suv_input *input, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "name", input->name, err));
    if (isfinite(input->value)) {
        RGQ_PASS(err, rgq_json_set_real(node, "value", input->value, err));
        RGQ_PASS(err, rgq_json_set_text(node, "unit", input->unit, err));
    }
    if (input->text[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "text", input->text, err));
    return rgq_json_set_text(node, "origin", input->origin, err);
}

static rgq_status add_others(rgq_json *node, const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_json *list = NULL;

    RGQ_PASS(err, rgq_json_add_array(&list, node, "reference_rules", err));
    for (int i = 0; i < plan->n_others; i++) {
        const rgq_suv_other *other = &plan->other[i];
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, list, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "rule", other->rule, err));
        RGQ_PASS(err, rgq_json_set_bool(entry, "taken", other->taken, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "s_after_injection", other->reference_s, err));
        RGQ_PASS(err, rgq_json_set_real(entry, "factor", other->factor, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "text", other->text, err));
        RGQ_PASS(err, rgq_json_set_text(entry, "origin", other->origin, err));
    }
    return RGQ_OK;
}

rgq_status rgq_plan_record(rgq_json *node, const rgq_suv_plan *plan, rgq_error *err)
{
    rgq_json *inputs = NULL;

    RGQ_PASS(err, rgq_json_set_text(node, "from", rgq_unit_name(plan->from), err));
    RGQ_PASS(err, rgq_json_set_text(node, "to", rgq_unit_name(plan->to), err));
    RGQ_PASS(err, rgq_json_set_text(node, "rule", plan->rule, err));
    RGQ_PASS(err, rgq_json_set_real(node, "factor", plan->factor, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "per_slice", plan->per_slice, err));
    if (plan->refused[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "refused", plan->refused, err));
    else
        RGQ_PASS(err, rgq_json_set_null(node, "refused", err));
    RGQ_PASS(err, rgq_json_add_array(&inputs, node, "inputs", err));
    for (int i = 0; i < plan->n_inputs; i++)
        RGQ_PASS(err, add_input(inputs, &plan->input[i], err));
    return add_others(node, plan, err);
}
