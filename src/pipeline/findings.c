#include "pipeline/findings.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"

void rgq_findings_add(rgq_findings *list, const char *statistic, const char *variant,
                      const rgq_stat *stat)
{
    if (list->n_rows < RGQ_FINDINGS_MAX)
        list->row[list->n_rows++] = (rgq_found){statistic, variant, *stat, (double)NAN};
}

void rgq_findings_add_first(rgq_findings *list, const char *statistic, const rgq_stat *stat)
{
    rgq_findings_add(list, statistic, stat->n_clusters > 0 ? "clustered" : "naive", stat);
}

rgq_stat rgq_findings_number(const rgq_findings *list, double value, const char *note)
{
    const double none = (double)NAN;

    return (rgq_stat){.value = value,
                      .se = none,
                      .low = none,
                      .high = none,
                      .confidence = none,
                      .p = none,
                      .dof = none,
                      .n = list->n,
                      .n_clusters = list->n_patients,
                      .interval_by = "",
                      .p_by = "",
                      .note = note};
}

rgq_status rgq_findings_leave_out(rgq_findings *list, const char *what, rgq_status st,
                                  const rgq_error *why, rgq_error *err)
{
    if (st == RGQ_OK)
        return RGQ_OK;
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s: %.500s", what, why->message);
    if (list->n_left_out < RGQ_FINDINGS_LEFT_MAX) {
        list->left_out[list->n_left_out].what = what;
        rgq_text_copy(list->left_out[list->n_left_out++].reason, RGQ_MESSAGE_MAX, why->message);
    }
    return RGQ_OK;
}

const rgq_found *rgq_findings_find(const rgq_findings *list, const char *statistic)
{
    for (int i = 0; i < list->n_rows; i++)
        if (strcmp(list->row[i].statistic, statistic) == 0)
            return &list->row[i];
    return NULL;
}
