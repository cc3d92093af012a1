#include "rgdquant/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/banned.h"

void rgq_log_line(const rgq_log *log, rgq_level level, const char *format, ...)
{
    char text[1024];
    va_list args;

    if (log == NULL || log->sink == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c != '\0'; c++) /* headers are hostile: one line, no escapes */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    log->sink(log->user, level, text);
}

void rgq_log_progress(const rgq_log *log, const char *task, double fraction)
{
    if (log != NULL && log->progress != NULL)
        log->progress(log->user, task, fraction);
}
