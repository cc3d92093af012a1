#include "core/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/banned.h"

/* The only mutable state of the library besides FFTW's planner lock; only tests set it. */
static long requests_left = -1;

void rgq_alloc_fail_after(long n)
{
    requests_left = n;
}

static int injected_failure(void)
{
    if (requests_left < 0)
        return 0;
    if (requests_left == 0)
        return 1;
    requests_left--;
    return 0;
}

/* `out` is the address of some `T *`. All object pointers share one representation on POSIX;
 * copying the bytes keeps the store legal for every T. */
static void store(void *out, void *memory)
{
    memcpy(out, &memory, sizeof memory);
}

/* Pages of 2 MB for what is larger than the caches: filling a volume for the first time takes a
 * fraction of the time, and a sweep across slices meets fewer gaps between pages. Only advice:
 * what it returns does not matter. */
static void ask_for_large_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const size_t page = 4096;
    const size_t large = (size_t)16 << 20;
    const size_t skip = (page - (uintptr_t)memory % page) % page;

    if (bytes >= large)
        (void)madvise((char *)memory + skip, (bytes - skip) / page * page, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

rgq_status rgq_alloc(void *out, size_t count, size_t size, rgq_error *err)
{
    store(out, NULL);
    if (count == 0 || size == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "an allocation of no bytes was asked for");
    if (count > SIZE_MAX / size || count * size > PTRDIFF_MAX)
        return RGQ_RAISE(err, RGQ_E_NOMEM,
                         "%zu items of %zu bytes do not fit the address space", count, size);
    void *memory = injected_failure() ? NULL : calloc(count, size);
    if (memory == NULL)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for %zu bytes", count * size);
    ask_for_large_pages(memory, count * size);
    store(out, memory);
    return RGQ_OK;
}

rgq_status rgq_realloc(void *out, size_t count, size_t size, rgq_error *err)
{
    void *memory = NULL;

    memcpy(&memory, out, sizeof memory);
    if (count == 0 || size == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "an allocation of no bytes was asked for");
    if (count > SIZE_MAX / size || count * size > PTRDIFF_MAX)
        return RGQ_RAISE(err, RGQ_E_NOMEM,
                         "%zu items of %zu bytes do not fit the address space", count, size);
    void *grown = injected_failure() ? NULL : realloc(memory, count * size);
    if (grown == NULL)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for %zu bytes", count * size);
    store(out, grown);
    return RGQ_OK;
}

rgq_status rgq_strdup(char **out, const char *text, rgq_error *err)
{
    const size_t size = strlen(text) + 1;

    RGQ_PASS(err, rgq_alloc(out, size, 1, err));
    memcpy(*out, text, size);
    return RGQ_OK;
}

void rgq_free(void *ptr)
{
    free(ptr);
}

void *rgq_alloc_raw(size_t bytes)
{
    return injected_failure() ? NULL : malloc(bytes);
}
