/**
 * @file log.h
 * @brief Where a function says what the user ought to know although nothing failed.
 *
 * A caller that wants to hear passes an rgq_log; NULL means nobody listens. The command line
 * prints each line to stderr and keeps the warnings for run.json and the report.
 */
#ifndef RGDQUANT_LOG_H
#define RGDQUANT_LOG_H

#include "rgdquant/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_level {
    RGQ_LEVEL_DEBUG,   /**< which path was taken; shown with --verbose */
    RGQ_LEVEL_INFO,    /**< what was done */
    RGQ_LEVEL_WARNING, /**< a value was assumed, or a result needs care */
} rgq_level;

/** `sink` gets one line of text without a newline; it must not keep the pointer. */
typedef struct rgq_log {
    void (*sink)(void *user, rgq_level level, const char *text);
    void (*progress)(void *user, const char *task, double fraction); /**< may be NULL */
    void *user;
} rgq_log;

/** Format a line and hand it to the sink; does nothing if `log` is NULL. */
RGQ_API void rgq_log_line(const rgq_log *log, rgq_level level, const char *format, ...)
    RGQ_PRINTF(3, 4);

/** Tell how far a long task is, fraction in 0..1; cheap if nobody listens. */
RGQ_API void rgq_log_progress(const rgq_log *log, const char *task, double fraction);

#define RGQ_WARN(log, ...)  rgq_log_line((log), RGQ_LEVEL_WARNING, __VA_ARGS__)
#define RGQ_INFO(log, ...)  rgq_log_line((log), RGQ_LEVEL_INFO, __VA_ARGS__)
#define RGQ_DEBUG(log, ...) rgq_log_line((log), RGQ_LEVEL_DEBUG, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif
