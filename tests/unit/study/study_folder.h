/* A folder of its own for each test of this module. */
#ifndef STUDY_FOLDER_H
#define STUDY_FOLDER_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "rgq_check.h"

static char folder[64];

static inline void begin(void)
{
    (void)snprintf(folder, sizeof folder, "study-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline const char *in_folder(const char *name)
{
    static char path[8][256];
    static int turn;
    turn = (turn + 1) % 8;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static inline void put(const char *name, const char *words)
{
    MUST(rgq_file_write(in_folder(name), words, strlen(words), true, err));
}

/* Run a command in the folder. */
static inline void shell(const char *words)
{
    char command[1200];
    (void)snprintf(command, sizeof command, "cd %s && %s", folder, words);
    ck_assert_int_eq(system(command), 0);
}

static inline void end(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

#endif
