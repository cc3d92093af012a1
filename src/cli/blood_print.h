/* `info`: the tables of blood that lie beside a scan. */
#ifndef RGQ_CLI_BLOOD_PRINT_H
#define RGQ_CLI_BLOOD_PRINT_H

#include "cli/context.h"

/** A line a table, or nothing; with `list` (a JSON array) an entry a table instead. A table
 * that cannot be read is a warning. */
RGQ_MUST_CHECK rgq_status rgq_blood_print(const rgq_context *context, const char *scan_path,
                                          rgq_json *list, rgq_error *err);

#endif
