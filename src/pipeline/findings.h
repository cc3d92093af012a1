/* A list of statistics with their names, and of those that the data do not allow. */
#ifndef RGQ_PIPELINE_FINDINGS_H
#define RGQ_PIPELINE_FINDINGS_H

#include "rgdquant/statistic.h"

enum { RGQ_FINDINGS_MAX = 96, RGQ_FINDINGS_LEFT_MAX = 16 };

/** A statistic: e.g. "pearson", "clustered". The first of a name is the one to quote. */
typedef struct rgq_found {
    const char *statistic; /**< static string */
    const char *variant;   /**< "clustered", "naive", "bootstrap", "permutation", "exact" */
    rgq_stat stat;
    double p_holm; /**< NaN: one comparison only */
} rgq_found;

typedef struct rgq_findings {
    size_t n, n_patients; /**< pairs; patients, 0: none named */
    rgq_found row[RGQ_FINDINGS_MAX];
    int n_rows;
    struct {
        const char *what;
        char reason[RGQ_MESSAGE_MAX];
    } left_out[RGQ_FINDINGS_LEFT_MAX];
    int n_left_out;
} rgq_findings;

void rgq_findings_add(rgq_findings *list, const char *statistic, const char *variant,
                      const rgq_stat *stat);

/** The variant by what the statistic is: "clustered" where it has patients, else "naive". */
void rgq_findings_add_first(rgq_findings *list, const char *statistic, const rgq_stat *stat);

/** A number without interval and p. */
rgq_stat rgq_findings_number(const rgq_findings *list, double value, const char *note);

/** Keep the reason of a part that refused; RGQ_OK passes, lack of memory is raised. */
RGQ_MUST_CHECK rgq_status rgq_findings_leave_out(rgq_findings *list, const char *what,
                                                 rgq_status st, const rgq_error *why,
                                                 rgq_error *err);

/** The first of that name, or NULL. */
RGQ_API const rgq_found *rgq_findings_find(const rgq_findings *list, const char *statistic);

/** Run a part that may refuse; its call uses `own` for the error. Needs `err`. */
#define RGQ_PART(list, what, call)                                                             \
    do {                                                                                       \
        rgq_error part_err = RGQ_ERROR_INIT;                                                   \
        rgq_error *const own = &part_err;                                                      \
        const rgq_status part_st = (call);                                                     \
        RGQ_PASS(err, rgq_findings_leave_out((list), (what), part_st, own, err));              \
    } while (0)

#endif
