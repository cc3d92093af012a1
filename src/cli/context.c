#include "cli/context.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"

static double now_s(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clear_bar(rgq_context *context)
{
    if (context->progress_shown)
        fputs("\r\033[K", context->talk);
    context->progress_shown = false;
}

static void hear(void *user, rgq_level level, const char *text)
{
    rgq_context *context = user;

    if (level == RGQ_LEVEL_WARNING && context->warnings != NULL)
        (void)!rgq_json_set_text(context->warnings, NULL, text, NULL);
    if (context->shared.quiet || (level == RGQ_LEVEL_DEBUG && !context->shared.verbose))
        return;
    clear_bar(context);
    fprintf(context->talk, "rgdquant %s: %s%s\n", context->command,
            level == RGQ_LEVEL_WARNING ? "warning: " : "", text);
}

/* A bar only on a terminal and only once a task has lasted a second. */
static void show_progress(void *user, const char *task, double fraction)
{
    rgq_context *context = user;
    enum { WIDTH = 40 };
    char bar[WIDTH + 1];

    if (!context->on_terminal || context->shared.quiet)
        return;
    if (fraction <= 0.0 || context->progress_began_s <= 0.0)
        context->progress_began_s = now_s();
    if (fraction >= 1.0) {
        clear_bar(context);
        context->progress_began_s = 0.0;
        return;
    }
    if (now_s() - context->progress_began_s < 1.0)
        return;
    const int full = (int)(fraction * WIDTH);
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(context->talk, "\r%s %s %3.0f %%\033[K", task, bar, 100.0 * fraction);
    (void)fflush(context->talk);
    context->progress_shown = true;
}

rgq_status rgq_context_init(rgq_context *context, const char *command, int argc, char **argv,
                            rgq_error *err)
{
    *context = (rgq_context){.out = stdout,
                             .talk = stderr,
                             .argc = argc,
                             .argv = argv,
                             .command = command,
                             .began_s = now_s(),
                             .on_terminal = isatty(STDERR_FILENO) == 1};
    context->log = (rgq_log){hear, show_progress, context};
    RGQ_PASS(err, rgq_json_object(&context->options, err));
    return rgq_json_array(&context->warnings, err);
}

void rgq_context_release(rgq_context *context)
{
    clear_bar(context);
    rgq_json_free(context->options);
    rgq_json_free(context->config);
    rgq_json_free(context->warnings);
    context->options = context->config = context->warnings = NULL;
}

static bool has_folder(char *out, size_t size, const char *base, const char *name)
{
    const int n = snprintf(out, size, "%s/%s", base, name);
    return n > 0 && (size_t)n < size && rgq_path_is_folder(out);
}

rgq_status rgq_context_data_path(char *out, size_t size, const rgq_context *context,
                                 const char *name, rgq_error *err)
{
    char beside[RGQ_PATH_MAX] = "";
    const char *from_environment = getenv("RGDQUANT_DATA_DIR");

    if (context->shared.data_dir != NULL) { /* what was asked for is not replaced silently */
        if (has_folder(out, size, context->shared.data_dir, name))
            return RGQ_OK;
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "--data-dir %s holds no folder '%s'",
                         context->shared.data_dir, name);
    }
    if (from_environment != NULL && has_folder(out, size, from_environment, name))
        return RGQ_OK;
    const ssize_t length = readlink("/proc/self/exe", beside, sizeof beside - 32);
    if (length > 0) {
        beside[length] = '\0';
        char *slash = strrchr(beside, '/');
        (void)snprintf(slash, 32, "/../share/rgdquant");
        if (has_folder(out, size, beside, name))
            return RGQ_OK;
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "the data folder '%s' is neither in RGDQUANT_DATA_DIR nor in %s; give "
                     "--data-dir FOLDER",
                     name, beside);
}

rgq_status rgq_context_word(rgq_context *context, rgq_status status)
{
    if (status == RGQ_E_NOTFOUND || status == RGQ_E_ARGUMENT || status == RGQ_E_UNIT)
        context->exit_code = 2;
    return status;
}

rgq_status rgq_json_print(FILE *to, const rgq_json *root, rgq_error *err)
{
    char *text = NULL;

    RGQ_PASS(err, rgq_json_dump(&text, root, err));
    fputs(text, to);
    rgq_free(text);
    return RGQ_OK;
}

rgq_status rgq_context_print(const rgq_context *context, const rgq_json *root, rgq_error *err)
{
    return rgq_json_print(context->out, root, err);
}

bool rgq_context_given(const rgq_context *context, const char *option)
{
    const rgq_json *entry = rgq_json_get(context->options, option);
    return strcmp(rgq_json_text(rgq_json_get(entry, "origin"), "default"), "default") != 0;
}
