/**
 * @file commands.h
 * @brief The list of commands: one line each; command <name> lives in cmd_<name>.c and exports
 *        `const rgq_command rgq_cmd_<name>`. The order is that of the list a user sees:
 * commands of one group stand together.
 */
#ifndef RGQ_CLI_COMMANDS_H
#define RGQ_CLI_COMMANDS_H

#include "cli/opt.h"

#define RGQ_COMMANDS(X)                                                                        \
    X(quantify)                                                                                \
    X(batch)                                                                                   \
    X(info)                                                                                    \
    X(convert)                                                                                 \
    X(suv)                                                                                     \
    X(filter)                                                                                  \
    X(pvc)                                                                                     \
    X(segment)                                                                                 \
    X(measure)                                                                                 \
    X(regions)                                                                                 \
    X(ihc)                                                                                     \
    X(response)                                                                                \
    X(validate)                                                                                \
    X(tiac)                                                                                    \
    X(dose)                                                                                    \
    X(tracer)                                                                                  \
    X(target)                                                                                  \
    X(phantom)                                                                                 \
    X(compare)                                                                                 \
    X(tune)                                                                                    \
    X(cite)                                                                                    \
    X(version)                                                                                 \
    X(help)

#define RGQ_X(name) extern const rgq_command rgq_cmd_##name;
RGQ_COMMANDS(RGQ_X)
#undef RGQ_X

/** The command of that name, or NULL. */
const rgq_command *rgq_command_find(const char *name);

/** Name of the command nearest to a misspelt one. */
const char *rgq_command_nearest(const char *name);

/** i-th command in the order of the list; NULL past the end. */
const rgq_command *rgq_command_at(size_t i);

/** The list with a line each, under group headings. */
void rgq_commands_print(FILE *to);

#endif
