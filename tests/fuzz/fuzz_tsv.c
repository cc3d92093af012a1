/* A table: every cell of what is taken can be looked at. */
#include <stdint.h>
#include <string.h>

#include "io/tsv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_tsv table = {0, 0, NULL, NULL};
    size_t length = 0;

    if (rgq_tsv_parse(&table, (const char *)data, size, "fuzz", NULL) != RGQ_OK)
        return 0;
    for (int c = 0; c < table.n_columns; c++) {
        if (rgq_tsv_find(&table, rgq_tsv_column(&table, c)) != c)
            __builtin_trap();
        for (int r = 0; r < table.n_rows; r++)
            length += strlen(rgq_tsv_cell(&table, r, c));
    }
    rgq_tsv_release(&table);
    if (length > size)
        __builtin_trap();
    return 0;
}
