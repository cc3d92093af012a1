#include "pvc/deconvolution_loops.h"

#include <string.h>

#include "core/banned.h"
#include "pvc/change.h"

#define ROW_RATIO      ratio_base
#define ROW_DIFFERENCE difference_base
#define ROW_MULTIPLY   multiply_base
#define ROW_ADD        add_base
#define ROW_TARGET
#define ROW_LANES 4
#include "pvc/deconvolution_row.inc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define ROW_RATIO      ratio_avx2
#define ROW_DIFFERENCE difference_avx2
#define ROW_MULTIPLY   multiply_avx2
#define ROW_ADD        add_avx2
#define ROW_TARGET     __attribute__((target("avx2")))
#define ROW_LANES      8
#include "pvc/deconvolution_row.inc.h"

#define ROW_RATIO      ratio_avx512
#define ROW_DIFFERENCE difference_avx512
#define ROW_MULTIPLY   multiply_avx512
#define ROW_ADD        add_avx512
#define ROW_TARGET     __attribute__((target("avx512f")))
#define ROW_LANES      16
#include "pvc/deconvolution_row.inc.h"
#endif

rgq_deconvolution_loops rgq_deconvolution_loops_best(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return (rgq_deconvolution_loops){ratio_avx512, difference_avx512, multiply_avx512,
                                         add_avx512};
    if (__builtin_cpu_supports("avx2"))
        return (rgq_deconvolution_loops){ratio_avx2, difference_avx2, multiply_avx2, add_avx2};
#endif
    return (rgq_deconvolution_loops){ratio_base, difference_base, multiply_base, add_base};
}
