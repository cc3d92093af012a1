/* Whole files in, whole files out: an output appears under its name complete or not at all. */
#ifndef RGQ_CORE_FILE_H
#define RGQ_CORE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_PATH_MAX = 4096 };

/** Read a file whole into memory with a NUL behind it; release with rgq_free().
 *  @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT if it is larger than `max_bytes`; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_file_read(char **out, size_t *length, const char *path,
                                                size_t max_bytes, rgq_error *err);

/** Write a whole file under a temporary name and rename it; refuses an existing file unless
 *  `force`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_file_write(const char *path, const void *bytes,
                                                 size_t length, bool force, rgq_error *err);

/** An output on its way. Zero it, begin, write to `temp` by any means, then commit; abandon on
 *  every path that did not commit (it does nothing afterwards). */
typedef struct rgq_outfile {
    char path[RGQ_PATH_MAX];
    char temp[RGQ_PATH_MAX]; /**< same folder, same ending as `path`, so that ".nii.gz" works */
    bool pending;
} rgq_outfile;

/** Choose and create the temporary file.
 *  @return RGQ_OK; RGQ_E_IO: `path` exists and not `force`, or the folder cannot be written */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_outfile_begin(rgq_outfile *out, const char *path,
                                                    bool force, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_outfile_commit(rgq_outfile *out, rgq_error *err);
RGQ_API void rgq_outfile_abandon(rgq_outfile *out);

/** The same for a folder of files: fill `temp`, commit renames it to `path`. With `force` an
 *  existing folder of that name is replaced file by file; else a non-empty one is refused. */
typedef struct rgq_outdir {
    char path[RGQ_PATH_MAX];
    char temp[RGQ_PATH_MAX];
    bool pending;
    bool force;
} rgq_outdir;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_outdir_begin(rgq_outdir *out, const char *path,
                                                   bool force, rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_outdir_commit(rgq_outdir *out, rgq_error *err);
RGQ_API void rgq_outdir_abandon(rgq_outdir *out);

/** "folder/name" into `out`; RGQ_E_ARGUMENT if it does not fit. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_path_join(char out[RGQ_PATH_MAX], const char *folder,
                                                const char *name, rgq_error *err);

/** Make the folders on the way to a file, as far as they are missing, for the user alone.
 *  @return RGQ_OK; RGQ_E_IO */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_path_make_folders(const char *path, rgq_error *err);

/** Part after the last '/'. */
RGQ_API const char *rgq_path_base(const char *path);

RGQ_API bool rgq_path_is_folder(const char *path);
RGQ_API bool rgq_path_exists(const char *path);

/** Names of the regular files right inside a folder, sorted by byte; not those that begin with
 *  a dot. Release with rgq_names_release(). */
typedef struct rgq_names {
    char **name;
    size_t count;
} rgq_names;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_folder_list(rgq_names *out, const char *folder,
                                                  rgq_error *err);
/** The same of the folders right inside it. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_folder_list_folders(rgq_names *out, const char *folder,
                                                          rgq_error *err);
RGQ_API void rgq_names_release(rgq_names *names);

#ifdef __cplusplus
}
#endif

#endif
