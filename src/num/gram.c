#include "num/gram.h"

#include "core/banned.h"

#define GRAM_BLOCK gram_base
#define GRAM_TARGET
#define GRAM_LANES 4
#include "num/gram_block.inc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define GRAM_BLOCK  gram_avx2
#define GRAM_TARGET __attribute__((target("avx2")))
#define GRAM_LANES  8
#include "num/gram_block.inc.h"

#define GRAM_BLOCK  gram_avx512
#define GRAM_TARGET __attribute__((target("avx512f")))
#define GRAM_LANES  16
#include "num/gram_block.inc.h"
#endif

enum { FEW = 2 };

typedef struct gram_loops {
    void (*block)(float out[4][2 * 16], const float *a, size_t rows, size_t columns, size_t j,
                  size_t k);
    size_t wide; /* columns of a block */
} gram_loops;

static gram_loops best_loops(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return (gram_loops){gram_avx512, 32};
    if (__builtin_cpu_supports("avx2"))
        return (gram_loops){gram_avx2, 16};
#endif
    return (gram_loops){gram_base, 8};
}

static void add_few(double *out, size_t stride, const float *a, size_t rows, size_t columns)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t k = 0; k <= j; k++) {
            float s = 0.0F;
            for (size_t v = 0; v < rows; v++)
                s += a[v * columns + j] * a[v * columns + k];
            out[j * stride + k] += (double)s;
        }
}

void rgq_gram_add(double *out, size_t stride, const float *a, size_t rows, size_t columns)
{
    const gram_loops loops = best_loops();
    float part[4][2 * 16];

    if (columns <= FEW) {
        add_few(out, stride, a, rows, columns);
        return;
    }
    for (size_t j = 0; j < columns; j += 4)
        for (size_t k = 0; k < j + 4 && k < columns; k += loops.wide) {
            loops.block(part, a, rows, columns, j, k);
            for (size_t r = 0; r < 4 && j + r < columns; r++)
                for (size_t l = 0; l < loops.wide && k + l <= j + r; l++)
                    out[(j + r) * stride + k + l] += (double)part[r][l];
        }
}
