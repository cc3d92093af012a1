/**
 * @file validate_files.h
 * @brief Parts of the folder of `validate`: the pairs, the plots, the page.
 */
#ifndef RGQ_CLI_VALIDATE_FILES_H
#define RGQ_CLI_VALIDATE_FILES_H

#include "cli/validate_results.h"

/** pairs.tsv: one row a pair, by numbers of rows; with keep_keys the keys as well. */
RGQ_MUST_CHECK rgq_status rgq_validate_pairs(const char *folder,
                                             const rgq_validate_results *results,
                                             rgq_error *err);

/** scatter, bland_altman and roc as SVG and PNG; of the second comparison scatter_2, ...
 *  Without gnuplot a warning, and none. */
RGQ_MUST_CHECK rgq_status rgq_validate_plots(const char *folder, const rgq_cohort_study *study,
                                             const rgq_log *log, rgq_error *err);

/** report.html, with the pictures that lie in the folder inside. */
RGQ_MUST_CHECK rgq_status rgq_validate_page(const char *folder,
                                            const rgq_validate_results *results,
                                            const rgq_json *json, rgq_error *err);

#endif
