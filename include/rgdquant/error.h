/**
 * @file error.h
 * @brief How a fallible function of rgdquant says what went wrong.
 *
 * Every function that can fail returns an rgq_status and takes `rgq_error *err` last. `err`
 * lives on the caller's stack and may be NULL. The library neither prints nor exits: what the
 * user sees is decided by the command line.
 */
#ifndef RGDQUANT_ERROR_H
#define RGDQUANT_ERROR_H

#include "rgdquant/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One list makes the enum, the short name and the sentence of the manual. */
#define RGQ_STATUS_LIST(X)                                                                     \
    X(RGQ_OK, "ok", "no error")                                                                \
    X(RGQ_E_ARGUMENT, "argument", "a value lies outside its documented range")                 \
    X(RGQ_E_UNIT, "unit", "a volume is in another physical unit than the step needs")          \
    X(RGQ_E_GEOMETRY, "geometry", "two voxel grids differ, or a grid is degenerate")           \
    X(RGQ_E_NUMERIC, "numeric", "a number that is not finite was met or produced")             \
    X(RGQ_E_NOMEM, "memory", "memory could not be had")                                        \
    X(RGQ_E_IO, "io", "a file could not be read or written")                                   \
    X(RGQ_E_FORMAT, "format", "a file breaks the rules of its format")                         \
    X(RGQ_E_NOTFOUND, "not-found", "a named thing does not exist")                             \
    X(RGQ_E_MISSING, "missing", "a fact that must not be guessed is absent")                   \
    X(RGQ_E_UNSUPPORTED, "unsupported", "valid input of a kind that is not handled")

typedef enum rgq_status {
#define RGQ_X(id, name, text) id,
    RGQ_STATUS_LIST(RGQ_X)
#undef RGQ_X
} rgq_status;

enum { RGQ_MESSAGE_MAX = 640, RGQ_TRACE_MAX = 10 };

typedef struct rgq_trace_entry {
    const char *function;
    int line;
} rgq_trace_entry;

/** Caller-owned; start it with `= RGQ_ERROR_INIT`. Reporting never allocates. */
typedef struct rgq_error {
    rgq_status status;
    int n_trace;
    rgq_trace_entry trace[RGQ_TRACE_MAX]; /**< innermost first; outer ones past the end drop */
    char message[RGQ_MESSAGE_MAX];        /**< one line, no final newline */
} rgq_error;

#define RGQ_ERROR_INIT                                                                         \
    {                                                                                          \
        RGQ_OK, 0, {{NULL, 0}}, ""                                                             \
    }

/** Short machine name of a status, e.g. "geometry"; never NULL. */
RGQ_API const char *rgq_status_name(rgq_status status);

/** Record a failure and return `status`. The first failure wins; control characters in the
 *  text (file names and headers are hostile) become '?'. */
RGQ_API rgq_status rgq_raise(rgq_error *err, rgq_status status, const char *function, int line,
                             const char *format, ...) RGQ_PRINTF(5, 6);

/** Add the calling function to the trace of a failure that passes through it. */
RGQ_API void rgq_error_push(rgq_error *err, const char *function, int line);

/** Put words in front of the message of a failure, e.g. the file it happened in. */
RGQ_API void rgq_error_prefix(rgq_error *err, const char *format, ...) RGQ_PRINTF(2, 3);

/** Record a failure where it happens; the value is `status` itself, so that a static analyser
 *  knows it is not RGQ_OK. */
#define RGQ_RAISE(err, status, ...)                                                            \
    ((void)rgq_raise((err), (status), __func__, __LINE__, __VA_ARGS__), (status))

/** Pass a failure on. Needs a local `rgq_status st` and a label `out:` that releases all. */
#define RGQ_TRY(err, call)                                                                     \
    do {                                                                                       \
        st = (call);                                                                           \
        if (st != RGQ_OK) {                                                                    \
            rgq_error_push((err), __func__, __LINE__);                                         \
            goto out;                                                                          \
        }                                                                                      \
    } while (0)

/** The same for a function that holds nothing: returns at once. */
#define RGQ_PASS(err, call)                                                                    \
    do {                                                                                       \
        const rgq_status st_pass = (call);                                                     \
        if (st_pass != RGQ_OK) {                                                               \
            rgq_error_push((err), __func__, __LINE__);                                         \
            return st_pass;                                                                    \
        }                                                                                      \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
