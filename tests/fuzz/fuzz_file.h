/* For readers that want a path: files in a folder that lives as long as the process. */
#ifndef RGQ_FUZZ_FILE_H
#define RGQ_FUZZ_FILE_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char fuzz_path[64] = "/tmp/rgq-fuzz-XXXXXX"; /* the folder, once it is made */

static inline void fuzz_tidy(void)
{
    DIR *dir = opendir(fuzz_path);

    if (dir == NULL || chdir(fuzz_path) != 0)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (e->d_name[0] != '.')
            (void)unlink(e->d_name);
    (void)closedir(dir);
    (void)rmdir(fuzz_path);
}

static inline const char *fuzz_folder(void)
{
    static int made;

    if (!made) {
        if (mkdtemp(fuzz_path) == NULL || atexit(fuzz_tidy) != 0)
            abort();
        made = 1;
    }
    return fuzz_path;
}

/* Replace `name` of the folder; its path stands in `path`. */
static inline void fuzz_save(char path[96], const char *name, const void *bytes, size_t size)
{
    (void)snprintf(path, 96, "%s/%s", fuzz_folder(), name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || (size > 0 && fwrite(bytes, 1, size, file) != size) || fclose(file) != 0)
        abort();
}

#endif
