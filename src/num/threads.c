#include "num/threads.h"

#include <omp.h>

#include "core/banned.h"

void rgq_threads_set(int n)
{
    if (n > 0)
        omp_set_num_threads(n);
}

int rgq_threads_count(void)
{
    return omp_get_max_threads();
}
