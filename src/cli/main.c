#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/interrupt.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "num/threads.h"
#include "rgdquant/version.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int unknown_command(const char *name)
{
    fprintf(stderr,
            "rgdquant: there is no command '%.60s'; did you mean '%s'? 'rgdquant help' lists "
            "them\n",
            name, rgq_command_nearest(name));
    return EXIT_USAGE;
}

static void report(const char *command, const rgq_error *err)
{
    const char *trace = getenv("RGDQUANT_TRACE");

    fprintf(stderr, "rgdquant %s: %s error: %s\n", command, rgq_status_name(err->status),
            err->message);
    if (trace != NULL && strcmp(trace, "0") != 0)
        for (int i = 0; i < err->n_trace; i++)
            fprintf(stderr, "  at %s:%d\n", err->trace[i].function, err->trace[i].line);
}

/* --help and its kin work wherever they stand and need nothing else. */
static bool print_help(const rgq_command *command, int argc, char **argv, int *exit_code)
{
    rgq_error err = RGQ_ERROR_INIT;

    *exit_code = EXIT_DONE;
    for (int a = 1; a < argc && strcmp(argv[a], "--") != 0; a++) {
        if (strcmp(argv[a], "--help") == 0)
            rgq_opt_help(command, stdout);
        else if (strcmp(argv[a], "--help-man") == 0)
            rgq_opt_man(command, stdout);
        else if (strcmp(argv[a], "--help-complete") == 0)
            rgq_opt_complete(command, stdout);
        else if (strcmp(argv[a], "--help-json") == 0)
            *exit_code =
                rgq_opt_help_json(command, stdout, &err) == RGQ_OK ? EXIT_DONE : EXIT_FAILED;
        else
            continue;
        return true;
    }
    return false;
}

static int run_command(const rgq_command *command, int argc, char **argv)
{
    rgq_error err = RGQ_ERROR_INIT;
    rgq_context context = {0};
    void *opts = NULL;
    int code = EXIT_DONE;

    if (print_help(command, argc - 1, argv + 1, &code))
        return code;
    if (rgq_alloc(&opts, 1, command->opts_size, &err) != RGQ_OK ||
        rgq_context_init(&context, command->name, argc, argv, &err) != RGQ_OK) {
        code = EXIT_FAILED;
    } else if (rgq_opt_parse(command, argc - 1, argv + 1, opts, &context, &err) != RGQ_OK) {
        code = EXIT_USAGE;
    } else {
        rgq_threads_set(context.shared.threads);
        code = command->run(&context, opts, &err) == RGQ_OK ? context.exit_code : EXIT_FAILED;
        if (code == EXIT_FAILED && context.exit_code == EXIT_USAGE)
            code = EXIT_USAGE; /* a command found its words wrong only while running */
    }
    rgq_context_release(&context);
    if (err.status != RGQ_OK)
        report(command->name, &err);
    rgq_free(opts);
    return code;
}

int main(int argc, char **argv)
{
    int code = EXIT_DONE;

    rgq_interrupt_watch();
    (void)signal(SIGPIPE, SIG_IGN); /* `| head` ends in a write error, not in half a file */
    if (argc < 2) {
        rgq_commands_print(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        rgq_commands_print(stdout);
    } else if (strcmp(argv[1], "--version") == 0) {
        printf("rgdquant %s\n", rgq_version());
    } else {
        const rgq_command *command = rgq_command_find(argv[1]);
        code = command != NULL ? run_command(command, argc, argv) : unknown_command(argv[1]);
    }
    /* A full disk must not look like success; what was lost earlier, fclose() does not tell. */
    const bool lost = ferror(stdout) != 0;
    if ((fclose(stdout) != 0 || lost) && code == EXIT_DONE) {
        perror("rgdquant: standard output");
        code = EXIT_FAILED;
    }
    return code;
}
