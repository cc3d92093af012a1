/* For conformance tests: where the reference data are. Begin main with RGQ_NEED_REFERENCE(). */
#ifndef RGQ_REFERENCE_H
#define RGQ_REFERENCE_H

#include <stdio.h>
#include <stdlib.h>

enum { RGQ_SKIPPED = 77 };

/* Ends the program as skipped if the data are not there. */
#define RGQ_NEED_REFERENCE()                                                                   \
    do {                                                                                       \
        if (getenv("RGQ_REFERENCE_DATA") == NULL) {                                            \
            puts("skipped: RGQ_REFERENCE_DATA names no folder of reference data");             \
            return RGQ_SKIPPED;                                                                \
        }                                                                                      \
    } while (0)

/* Path of a reference file in a static buffer that the next call overwrites. */
static inline const char *reference_path(const char *name)
{
    static char path[4][4096];
    static int next = 0;
    const char *folder = getenv("RGQ_REFERENCE_DATA");

    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", folder != NULL ? folder : ".", name);
    return path[next];
}

#endif
