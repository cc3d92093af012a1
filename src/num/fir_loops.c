#include "num/fir_loops.h"

#include "core/banned.h"

#define FIR_ROW  fir_row_base
#define FIR_PAIR fir_pair_base
#define FIR_SUM  fir_sum_base
#define FIR_TARGET
#define FIR_LANES 4
#include "num/fir_row.inc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define FIR_ROW    fir_row_avx2
#define FIR_PAIR   fir_pair_avx2
#define FIR_SUM    fir_sum_avx2
#define FIR_TARGET __attribute__((target("avx2")))
#define FIR_LANES  8
#include "num/fir_row.inc.h"

#define FIR_ROW    fir_row_avx512
#define FIR_PAIR   fir_pair_avx512
#define FIR_SUM    fir_sum_avx512
#define FIR_TARGET __attribute__((target("avx512f")))
#define FIR_LANES  16
#include "num/fir_row.inc.h"
#endif

rgq_fir_loops rgq_fir_loops_best(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return (rgq_fir_loops){fir_row_avx512, fir_pair_avx512, fir_sum_avx512};
    if (__builtin_cpu_supports("avx2"))
        return (rgq_fir_loops){fir_row_avx2, fir_pair_avx2, fir_sum_avx2};
#endif
    return (rgq_fir_loops){fir_row_base, fir_pair_base, fir_sum_base};
}
