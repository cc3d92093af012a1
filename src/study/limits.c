#include "study/limits.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/banned.h"

/* SIGTERM rather than SIGKILL: the program then removes its temporary folder before it ends. */
_Bool rgq_limits_take(pid_t parent, double mem_mb)
{
    const struct rlimit none = {0, 0};

    (void)setpgid(0, 0); /* Ctrl-C on a terminal goes to the batch, which decides */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it ended before the line above */
        return 0;
    (void)setrlimit(RLIMIT_CORE, &none); /* 40 crashes must not fill a disk */
    if (mem_mb > 0.0) {
        const rlim_t bytes = (rlim_t)(mem_mb * 1048576.0);
        const struct rlimit most = {bytes, bytes};
        (void)setrlimit(RLIMIT_AS, &most);
    }
    return 1;
}
