#include "num/look_up.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "core/banned.h"

static void look_up_base(float *out, const uint16_t *index, size_t n, const float *table)
{
    for (size_t i = 0; i < n; i++)
        out[i] = table[index[i]];
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static void look_up_avx2(float *out, const uint16_t *index,
                                                         size_t n, const float *table)
{
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        __m128i narrow;
        memcpy(&narrow, index + i, sizeof narrow);
        _mm256_storeu_ps(out + i, _mm256_i32gather_ps(table, _mm256_cvtepu16_epi32(narrow), 4));
    }
    look_up_base(out + i, index + i, n - i, table);
}

__attribute__((target("avx512f"))) static void look_up_32(float *out, const uint16_t *index,
                                                          size_t n, const float table[32])
{
    const __m512 low = _mm512_loadu_ps(table);
    const __m512 high = _mm512_loadu_ps(table + 16);
    size_t i = 0;

    for (; i + 16 <= n; i += 16) {
        __m256i narrow;
        memcpy(&narrow, index + i, sizeof narrow);
        _mm512_storeu_ps(out + i,
                         _mm512_permutex2var_ps(low, _mm512_cvtepu16_epi32(narrow), high));
    }
    look_up_base(out + i, index + i, n - i, table);
}
#endif

void rgq_look_up(float *out, const uint16_t *index, size_t n, const float *table,
                 size_t entries)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (entries <= 32 && __builtin_cpu_supports("avx512f")) {
        float padded[32] = {0.0F};
        memcpy(padded, table, entries * sizeof *padded);
        look_up_32(out, index, n, padded);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        look_up_avx2(out, index, n, table);
        return;
    }
#else
    (void)entries;
#endif
    look_up_base(out, index, n, table);
}
