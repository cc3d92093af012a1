#include "rgdquant/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"

const char *rgq_status_name(rgq_status status)
{
    switch (status) {
#define RGQ_X(id, name, text)                                                                  \
    case id:                                                                                   \
        return name;
        RGQ_STATUS_LIST(RGQ_X)
#undef RGQ_X
    }
    return "unknown";
}

/* A message is one line on a terminal, whatever a hostile header put into it. */
static void make_one_line(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}

rgq_status rgq_raise(rgq_error *err, rgq_status status, const char *function, int line,
                     const char *format, ...)
{
    va_list args;

    if (err == NULL || err->status != RGQ_OK)
        return status;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    make_one_line(err->message);
    err->status = status;
    rgq_error_push(err, function, line);
    return status;
}

void rgq_error_push(rgq_error *err, const char *function, int line)
{
    if (err != NULL && err->n_trace < RGQ_TRACE_MAX)
        err->trace[err->n_trace++] = (rgq_trace_entry){function, line};
}

void rgq_error_prefix(rgq_error *err, const char *format, ...)
{
    char old[RGQ_MESSAGE_MAX];
    va_list args;

    if (err == NULL || err->status == RGQ_OK)
        return;
    memcpy(old, err->message, sizeof old);
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    const size_t used = strlen(err->message);
    const size_t room = sizeof err->message - used;
    (void)snprintf(err->message + used, room, "%.*s", (int)(room - 1), old);
    make_one_line(err->message);
}
