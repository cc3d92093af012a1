/* How many threads the loops of the library use. */
#ifndef RGQ_NUM_THREADS_H
#define RGQ_NUM_THREADS_H

#include "rgdquant/export.h"

/** Use `n` threads from here on; n <= 0 leaves the choice to OMP_NUM_THREADS, else all cores.
 */
RGQ_API void rgq_threads_set(int n);

/** Threads the next parallel loop will have. */
RGQ_API int rgq_threads_count(void);

#endif
