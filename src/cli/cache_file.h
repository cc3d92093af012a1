/* Where the user's caches are. */
#ifndef RGQ_CLI_CACHE_FILE_H
#define RGQ_CLI_CACHE_FILE_H

#include <stdbool.h>

#include "core/file.h"

/** rgdquant/NAME in the folder XDG_CACHE_HOME, else in ~/.cache; false if nothing says where a
 *  cache may be, or the path is too long. */
bool rgq_cache_file(char out[RGQ_PATH_MAX], const char *name);

#endif
