/* What a worker does between fork and exec. */
#ifndef RGQ_STUDY_LIMITS_H
#define RGQ_STUDY_LIMITS_H

#include <sys/types.h>

/** In the child: an own group, the end of the parent as its own end, the limit on memory
 *  [MB, 0: none]. Async-signal-safe. False if the parent is gone already. */
_Bool rgq_limits_take(pid_t parent, double mem_mb);

#endif
