/* What this process has begun to write and not yet finished: the one thing a caller's stack
 * cannot be asked for when a signal ends the program. */
#ifndef RGQ_CORE_PENDING_H
#define RGQ_CORE_PENDING_H

#include <stdbool.h>

#include "rgdquant/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Between enter and leave nothing is swept: a temporary name is made and noted, or renamed and
 *  forgotten, in one step. After rgq_pending_sweep() enter never returns. */
void rgq_pending_enter(void);
void rgq_pending_leave(void);

/** Note a temporary file or folder; call between enter and leave. What does not fit (64 at a
 *  time) is not swept. */
void rgq_pending_add(const char *path);

/** Forget it; call between enter and leave. */
void rgq_pending_drop(const char *path);

/** Remove `path`, a file or a folder of files. Allocates nothing. */
void rgq_pending_remove(const char *path);

/** Remove everything noted. Call it from a thread of its own (it locks, and is no signal
 *  handler), and end the process afterwards: outputs can no longer be begun or finished. */
RGQ_API void rgq_pending_sweep(void);

#ifdef __cplusplus
}
#endif

#endif
