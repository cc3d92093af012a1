/* All heap memory of the library comes from here, so that tests can make each request fail. */
#ifndef RGQ_CORE_ALLOC_H
#define RGQ_CORE_ALLOC_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Zeroed array of `count` items of `size` bytes, the product checked.
 *
 * @param[out] out  address of the pointer to set (any object pointer type: `T **`); set to NULL
 *                  on failure. Release with rgq_free().
 * @return RGQ_OK; RGQ_E_ARGUMENT for a count or size of 0; RGQ_E_NOMEM
 *
 * Never call it inside a parallel region.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_alloc(void *out, size_t count, size_t size,
                                            rgq_error *err);

/** Resize an array of `*out` (may hold NULL) to `count` items; new bytes are not zeroed. On
 *  failure `*out` is as it was. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_realloc(void *out, size_t count, size_t size,
                                              rgq_error *err);

/** Copy of a string. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_strdup(char **out, const char *text, rgq_error *err);

RGQ_API void rgq_free(void *ptr);

/** Tests only: the next `n` requests pass and the one after fails; < 0 = never fail. */
RGQ_API void rgq_alloc_fail_after(long n);

/** malloc with the same injected failures, for libraries that take an allocator. */
RGQ_API void *rgq_alloc_raw(size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
