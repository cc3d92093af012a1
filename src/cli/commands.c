#include "cli/commands.h"

#include <string.h>

#include "core/banned.h"
#include "core/text.h"

static const rgq_command *const commands[] = {
#define RGQ_X(name) &rgq_cmd_##name,
    RGQ_COMMANDS(RGQ_X)
#undef RGQ_X
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

const rgq_command *rgq_command_at(size_t i)
{
    return i < N_COMMANDS ? commands[i] : NULL;
}

const rgq_command *rgq_command_find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

const char *rgq_command_nearest(const char *name)
{
    const char *nearest = commands[0]->name;

    for (size_t i = 1; i < N_COMMANDS; i++)
        if (rgq_text_distance(commands[i]->name, name) < rgq_text_distance(nearest, name))
            nearest = commands[i]->name;
    return nearest;
}

void rgq_commands_print(FILE *to)
{
    const char *group = "";

    fputs("rgdquant: uptake of integrin tracers in PET and SPECT, measured and explained\n\n"
          "usage: rgdquant COMMAND INPUT... [options]\n",
          to);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(group, commands[i]->group) != 0) {
            group = commands[i]->group;
            fprintf(to, "\n%s\n", group);
        }
        fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("\n'rgdquant COMMAND --help' explains one of them. Research use only; not a medical "
          "device.\n",
          to);
}
