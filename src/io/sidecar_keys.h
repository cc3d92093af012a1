/* One key of a side file, looked up in the file beside the scan first and then in those it
 * inherits from. Private to sidecar_*.c. */
#ifndef RGQ_IO_SIDECAR_KEYS_H
#define RGQ_IO_SIDECAR_KEYS_H

#include "core/json.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

enum { RGQ_SIDECAR_LAYERS_MAX = 8 };

typedef struct rgq_sidecar_layer {
    rgq_json *root;
    const char *name; /* of the file, for messages */
} rgq_sidecar_layer;

/* What is being read, so that helpers need few parameters. */
typedef struct rgq_sidecar_reader {
    rgq_sidecar_layer layer[RGQ_SIDECAR_LAYERS_MAX]; /* nearest to the scan first */
    int n_layers;
    rgq_scan *scan;
    const rgq_log *log;
} rgq_sidecar_reader;

/* The layer that decides a key: the nearest that has it; the nearest of all if none has. */
const rgq_sidecar_layer *rgq_sidecar_of(const rgq_sidecar_reader *r, const char *key);

/* Name of the file that decides a key, for messages. */
const char *rgq_sidecar_name(const rgq_sidecar_reader *r, const char *key);

/* NULL also for what PET-BIDS writes where a value is unknown: null and "n/a". */
const rgq_json *rgq_sidecar_get(const rgq_sidecar_reader *r, const char *key);

/* NaN, or NULL, if the key is absent. */
RGQ_MUST_CHECK rgq_status rgq_sidecar_real(double *out, const rgq_sidecar_reader *r,
                                           const char *key, double lo, double hi,
                                           rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_sidecar_text(const char **out, const rgq_sidecar_reader *r,
                                           const char *key, rgq_error *err);

/* Where a fact came from: the key, and the file if it is not the one beside the scan. */
void rgq_sidecar_origin(char out[RGQ_ORIGIN_MAX], const rgq_sidecar_reader *r, const char *key);

/* Into a fact, with the key as its origin; an absent key changes nothing. Where the fact is
 * known already and says something else, that is told. */
RGQ_MUST_CHECK rgq_status rgq_sidecar_take_real(rgq_fact *fact, const rgq_sidecar_reader *r,
                                                const char *key, double lo, double hi,
                                                rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_sidecar_take_text(rgq_fact_text *fact,
                                                const rgq_sidecar_reader *r, const char *key,
                                                rgq_error *err);

#endif
