#include "core/pending.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"

enum { SLOTS = 64, TRIES = 100 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char pending[SLOTS][RGQ_PATH_MAX];

void rgq_pending_enter(void)
{
    (void)pthread_mutex_lock(&lock);
}

void rgq_pending_leave(void)
{
    (void)pthread_mutex_unlock(&lock);
}

void rgq_pending_add(const char *path)
{
    for (int i = 0; i < SLOTS; i++)
        if (pending[i][0] == '\0') {
            rgq_text_copy(pending[i], sizeof pending[i], path);
            return;
        }
}

void rgq_pending_drop(const char *path)
{
    for (int i = 0; i < SLOTS; i++)
        if (strcmp(pending[i], path) == 0)
            pending[i][0] = '\0';
}

static void empty_folder(const char *path)
{
    DIR *dir = opendir(path);

    if (dir == NULL)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char file[RGQ_PATH_MAX];
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            rgq_path_join(file, path, e->d_name, NULL) == RGQ_OK)
            (void)unlink(file);
    }
    (void)closedir(dir);
}

void rgq_pending_remove(const char *path)
{
    if (!rgq_path_is_folder(path)) {
        (void)unlink(path);
        return;
    }
    for (int i = 0; i < TRIES; i++) { /* another thread may still be writing into it */
        empty_folder(path);
        if (rmdir(path) == 0 || (errno != ENOTEMPTY && errno != EEXIST))
            return;
    }
}

void rgq_pending_sweep(void)
{
    rgq_pending_enter(); /* for good: what is removed must not be begun anew */
    for (int i = 0; i < SLOTS; i++)
        if (pending[i][0] != '\0')
            rgq_pending_remove(pending[i]);
}
