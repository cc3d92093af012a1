/* What a reader warns of, a line each: hand it &listener, read `warned`. */
#ifndef IO_WARNED_H
#define IO_WARNED_H

#include <stdio.h>
#include <string.h>

#include "rgdquant/log.h"

static char warned[2048];

static void hear(void *user, rgq_level level, const char *text)
{
    const size_t used = strlen(warned);

    (void)user;
    if (level == RGQ_LEVEL_WARNING)
        (void)snprintf(warned + used, sizeof warned - used, "%s\n", text);
}

static const rgq_log listener = {hear, NULL, NULL};

#endif
