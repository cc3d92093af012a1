#include "filter/rows.h"

#include <string.h>

#include "core/banned.h"
#include "num/border.h"

rgq_filter_rows rgq_filter_rows_of(const rgq_filter_work *work)
{
    return (rgq_filter_rows){(size_t)work->size[1] * (size_t)work->size[2],
                             (size_t)work->grid->n[0] + (size_t)work->size[0] - 1};
}

static float value_at(const float *row, int x, int n, rgq_border border)
{
    const int from = rgq_border_index(x, n, border);
    return from < 0 ? 0.0F : row[from];
}

void rgq_filter_rows_fill(float *to, const rgq_filter_work *work, const float *in, int y, int z)
{
    const int *n = work->grid->n;
    const rgq_border border = work->opts->border;
    const rgq_filter_rows rows = rgq_filter_rows_of(work);
    const int reach = work->size[0] / 2;

    for (size_t r = 0; r < rows.count; r++, to += rows.length) {
        const int j = (int)(r % (size_t)work->size[1]) - work->size[1] / 2;
        const int k = (int)(r / (size_t)work->size[1]) - work->size[2] / 2;
        const int from_y = rgq_border_index(y + j, n[1], border);
        const int from_z = rgq_border_index(z + k, n[2], border);
        if (from_y < 0 || from_z < 0) {
            memset(to, 0, rows.length * sizeof *to);
            continue;
        }
        const float *row = in + ((size_t)from_z * (size_t)n[1] + (size_t)from_y) * (size_t)n[0];
        memcpy(to + reach, row, (size_t)n[0] * sizeof *to);
        for (int i = 0; i < reach; i++) {
            to[i] = value_at(row, i - reach, n[0], border);
            to[n[0] + reach + i] = value_at(row, n[0] + i, n[0], border);
        }
    }
}

size_t rgq_filter_stride(size_t floats)
{
    const size_t line = 64 / sizeof(float);
    return (floats + line - 1) / line * line + line;
}
