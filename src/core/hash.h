/* SHA-256 of inputs and caches. */
#ifndef RGQ_CORE_HASH_H
#define RGQ_CORE_HASH_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_SHA256_TEXT = 65 };

/** Lower-case hex digest of a file's bytes. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_hash_file(char hex[RGQ_SHA256_TEXT], const char *path,
                                                rgq_error *err);
/** The same of bytes in memory. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_hash_bytes(char hex[RGQ_SHA256_TEXT], const void *bytes,
                                                 size_t length, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
