#include "cli/cache_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/banned.h"

bool rgq_cache_file(char out[RGQ_PATH_MAX], const char *name)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    const bool has_cache = cache != NULL && cache[0] == '/'; /* others are to be ignored */

    if (!has_cache && (home == NULL || home[0] != '/'))
        return false;
    const int length = snprintf(out, RGQ_PATH_MAX, "%s%s/rgdquant/%s", has_cache ? cache : home,
                                has_cache ? "" : "/.cache", name);
    return length > 0 && length < RGQ_PATH_MAX;
}
