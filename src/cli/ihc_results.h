/* The folder `ihc` writes. */
#ifndef RGQ_CLI_IHC_RESULTS_H
#define RGQ_CLI_IHC_RESULTS_H

#include "core/json.h"
#include "rgdquant/ihc.h"
#include "rgdquant/slide_file.h"

typedef struct rgq_ihc_results {
    const rgq_table *table;
    const rgq_ihc_report *report;
    const rgq_ihc_opts *opts;
    const rgq_slide *slide;
} rgq_ihc_results;

/** Slide, vectors, thresholds: what the table rests on. Caller frees it. */
RGQ_MUST_CHECK rgq_status rgq_ihc_results_json(rgq_json **out, const rgq_ihc_results *results,
                                               rgq_error *err);

/** ihc.tsv with ihc.json, and overlay.png, into `folder`. */
RGQ_MUST_CHECK rgq_status rgq_ihc_results_write(const char *folder,
                                                const rgq_ihc_results *results,
                                                const rgq_json *json, rgq_error *err);

#endif
