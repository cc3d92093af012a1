#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/pending.h"
#include "core/text.h"

const char *rgq_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool rgq_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool rgq_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

rgq_status rgq_path_join(char out[RGQ_PATH_MAX], const char *folder, const char *name,
                         rgq_error *err)
{
    const size_t length = strlen(folder);
    const char *between = length > 0 && folder[length - 1] == '/' ? "" : "/";
    const int n = snprintf(out, RGQ_PATH_MAX, "%s%s%s", folder, between, name);

    if (n < 0 || n >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.60s.../%.60s is too long", folder,
                         name);
    return RGQ_OK;
}

static rgq_status read_stream(char **out, size_t *length, FILE *file, const char *path,
                              size_t max_bytes, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *data = NULL;
    size_t used = 0;
    size_t capacity = 65536;

    RGQ_TRY(err, rgq_alloc(&data, capacity, 1, err));
    for (;;) {
        used += fread(data + used, 1, capacity - 1 - used, file);
        if (ferror(file) != 0) {
            st = RGQ_RAISE(err, RGQ_E_IO, "%s: %s", path, strerror(errno));
            goto out;
        }
        if (used > max_bytes) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s is larger than %zu bytes", path, max_bytes);
            goto out;
        }
        if (used < capacity - 1)
            break;
        capacity *= 2;
        RGQ_TRY(err, rgq_realloc(&data, capacity, 1, err));
    }
    data[used] = '\0';
    *out = data;
    *length = used;
    data = NULL;
out:
    rgq_free(data);
    return st;
}

rgq_status rgq_file_read(char **out, size_t *length, const char *path, size_t max_bytes,
                         rgq_error *err)
{
    *out = NULL;
    *length = 0;
    if (rgq_path_is_folder(path))
        return RGQ_RAISE(err, RGQ_E_IO, "%s is a folder, a file was needed", path);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", path, strerror(errno));
    const rgq_status st = read_stream(out, length, file, path, max_bytes, err);
    (void)fclose(file);
    return st;
}

/* ".nii.gz" of "a/b.nii.gz": writers choose by ending, so the temporary name keeps it. */
static const char *ending_of(const char *path)
{
    const char *dot = strchr(rgq_path_base(path), '.');
    return dot != NULL ? dot : "";
}

static rgq_status refuse_existing(const char *path, bool force, rgq_error *err)
{
    if (rgq_path_is_folder(path))
        return RGQ_RAISE(err, RGQ_E_IO, "%s is a folder, a file name was needed", path);
    if (!force && rgq_path_exists(path))
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", path);
    return RGQ_OK;
}

/* A folder that is not there is the usual reason, and mkstemp's text does not name it. */
static rgq_status cannot_write(const char *path, int why, rgq_error *err)
{
    const int folder = (int)(rgq_path_base(path) - path);

    if (why == ENOENT && folder > 0)
        return RGQ_RAISE(err, RGQ_E_IO,
                         "cannot write %s: there is no folder %.*s; make it first", path,
                         folder, path);
    return RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", path, strerror(why));
}

rgq_status rgq_outfile_begin(rgq_outfile *out, const char *path, bool force, rgq_error *err)
{
    const char *ending = ending_of(path);
    const size_t folder = (size_t)(rgq_path_base(path) - path);

    out->pending = false;
    RGQ_PASS(err, refuse_existing(path, force, err));
    const int n =
        snprintf(out->temp, sizeof out->temp, "%.*s.rgq-XXXXXX%s", (int)folder, path, ending);
    if (n < 0 || (size_t)n >= sizeof out->temp || strlen(path) >= sizeof out->path)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    rgq_text_copy(out->path, sizeof out->path, path);
    rgq_pending_enter();
    const int fd = mkstemps(out->temp, (int)strlen(ending));
    const int why = errno;
    if (fd >= 0)
        rgq_pending_add(out->temp);
    rgq_pending_leave();
    if (fd < 0)
        return cannot_write(path, why, err);
    const mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fd, 0666 & ~mask); /* mkstemp is private; an ordinary output is not */
    (void)close(fd);
    out->pending = true;
    return RGQ_OK;
}

rgq_status rgq_outfile_commit(rgq_outfile *out, rgq_error *err)
{
    rgq_pending_enter();
    const bool renamed = rename(out->temp, out->path) == 0;
    const int why = errno;
    if (renamed)
        rgq_pending_drop(out->temp);
    rgq_pending_leave();
    if (!renamed) {
        const rgq_status st =
            RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", out->path, strerror(why));
        rgq_outfile_abandon(out);
        return st;
    }
    out->pending = false;
    return RGQ_OK;
}

static void abandon(const char *temp)
{
    rgq_pending_enter();
    rgq_pending_remove(temp);
    rgq_pending_drop(temp);
    rgq_pending_leave();
}

void rgq_outfile_abandon(rgq_outfile *out)
{
    if (out->pending)
        abandon(out->temp);
    out->pending = false;
}

rgq_status rgq_file_write(const char *path, const void *bytes, size_t length, bool force,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_outfile out = {.pending = false};
    FILE *file = NULL;

    RGQ_TRY(err, rgq_outfile_begin(&out, path, force, err));
    file = fopen(out.temp, "wb");
    bool good = file != NULL && fwrite(bytes, 1, length, file) == length;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (!good) {
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", path, strerror(errno));
        goto out;
    }
    RGQ_TRY(err, rgq_outfile_commit(&out, err));
out:
    rgq_outfile_abandon(&out);
    return st;
}

static bool folder_is_empty(const char *path)
{
    DIR *dir = opendir(path);
    bool empty = true;

    if (dir == NULL)
        return true;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            empty = false;
    (void)closedir(dir);
    return empty;
}

rgq_status rgq_outdir_begin(rgq_outdir *out, const char *path, bool force, rgq_error *err)
{
    size_t length = strlen(path);

    out->pending = false;
    out->force = force;
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length + 16 >= sizeof out->path)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    (void)snprintf(out->path, sizeof out->path, "%.*s", (int)length, path);
    if (rgq_path_exists(out->path) && !rgq_path_is_folder(out->path))
        return RGQ_RAISE(err, RGQ_E_IO, "%s is a file, a folder was needed", out->path);
    if (!force && !folder_is_empty(out->path))
        return RGQ_RAISE(err, RGQ_E_IO,
                         "the folder %s is not empty; add --force to replace "
                         "the results in it",
                         out->path);
    const size_t folder = (size_t)(rgq_path_base(out->path) - out->path);
    (void)snprintf(out->temp, sizeof out->temp, "%.*s.rgq-XXXXXX", (int)folder, out->path);
    rgq_pending_enter();
    const bool made = mkdtemp(out->temp) != NULL;
    const int why = errno;
    if (made)
        rgq_pending_add(out->temp);
    rgq_pending_leave();
    if (!made)
        return cannot_write(out->path, why, err);
    const mode_t mask = umask(0);
    (void)umask(mask);
    (void)chmod(out->temp, 0777 & ~mask);
    out->pending = true;
    return RGQ_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void rgq_names_release(rgq_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        rgq_free(names->name[i]);
    rgq_free(names->name);
    *names = (rgq_names){NULL, 0};
}

static rgq_status add_name(rgq_names *list, size_t *capacity, const char *name, rgq_error *err)
{
    if (list->count == *capacity) {
        const size_t grown = *capacity > 0 ? *capacity * 2 : 64;
        RGQ_PASS(err, rgq_realloc(&list->name, grown, sizeof *list->name, err));
        *capacity = grown;
    }
    RGQ_PASS(err, rgq_strdup(&list->name[list->count], name, err));
    list->count++;
    return RGQ_OK;
}

static rgq_status list_kind(rgq_names *out, const char *folder, mode_t kind, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names list = {NULL, 0};
    size_t capacity = 0;
    DIR *dir = opendir(folder);

    *out = (rgq_names){NULL, 0};
    if (dir == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", folder, strerror(errno));
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[RGQ_PATH_MAX];
        struct stat info;
        if (e->d_name[0] == '.' || rgq_path_join(path, folder, e->d_name, NULL) != RGQ_OK)
            continue;
        if (stat(path, &info) == 0 && (info.st_mode & S_IFMT) == kind)
            RGQ_TRY(err, add_name(&list, &capacity, e->d_name, err));
    }
    if (list.count > 0)
        qsort(list.name, list.count, sizeof *list.name, compare_names);
    *out = list;
    list = (rgq_names){NULL, 0};
out:
    rgq_names_release(&list);
    (void)closedir(dir);
    return st;
}

rgq_status rgq_folder_list(rgq_names *out, const char *folder, rgq_error *err)
{
    return list_kind(out, folder, S_IFREG, err);
}

rgq_status rgq_folder_list_folders(rgq_names *out, const char *folder, rgq_error *err)
{
    return list_kind(out, folder, S_IFDIR, err);
}

/* Every file of `from` takes its place in `to`, which exists. */
static rgq_status move_files(const char *from, const char *to, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};

    RGQ_TRY(err, rgq_folder_list(&names, from, err));
    for (size_t i = 0; i < names.count; i++) {
        char source[RGQ_PATH_MAX];
        char target[RGQ_PATH_MAX];
        RGQ_TRY(err, rgq_path_join(source, from, names.name[i], err));
        RGQ_TRY(err, rgq_path_join(target, to, names.name[i], err));
        if (rename(source, target) != 0) {
            st = RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", target, strerror(errno));
            goto out;
        }
    }
    if (rmdir(from) != 0)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot remove %s: %s", from, strerror(errno));
out:
    rgq_names_release(&names);
    return st;
}

static rgq_status put_in_place(const rgq_outdir *out, rgq_error *err)
{
    const bool filled = rgq_path_exists(out->path) && !folder_is_empty(out->path);

    if (filled && !out->force)
        return RGQ_RAISE(err, RGQ_E_IO,
                         "another program has filled the folder %s meanwhile; take another "
                         "name, or add --force",
                         out->path);
    if (filled)
        return move_files(out->temp, out->path, err);
    if (rename(out->temp, out->path) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot write %s: %s", out->path, strerror(errno));
    return RGQ_OK;
}

rgq_status rgq_outdir_commit(rgq_outdir *out, rgq_error *err)
{
    rgq_pending_enter();
    const rgq_status st = put_in_place(out, err);
    if (st == RGQ_OK)
        rgq_pending_drop(out->temp);
    rgq_pending_leave();
    if (st == RGQ_OK)
        out->pending = false;
    return st;
}

void rgq_outdir_abandon(rgq_outdir *out)
{
    if (out->pending)
        abandon(out->temp);
    out->pending = false;
}

rgq_status rgq_path_make_folders(const char *path, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];

    for (const char *slash = strchr(path + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        if (mkdir(folder, 0700) != 0 && errno != EEXIST && !rgq_path_is_folder(folder))
            return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", folder, strerror(errno));
    }
    return RGQ_OK;
}
