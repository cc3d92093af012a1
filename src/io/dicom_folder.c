/* A folder, or one file of it, to the slices of one series. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom.h"
#include "io/dicom_file.h"

/* Scanners export study/series/files; deeper or more than this is no export of a scan. */
enum { SERIES_LISTED = 5, TREE_DEPTH_MAX = 4, TREE_FILES_MAX = 200000 };

/* ---- the files ---- */

static rgq_status add_name(rgq_names *list, size_t *capacity, const char *name, rgq_error *err)
{
    if (list->count == TREE_FILES_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "more than %d files in the folder and those below it; give the folder "
                         "of one series",
                         TREE_FILES_MAX);
    if (list->count == *capacity) {
        const size_t grown = *capacity > 0 ? 2 * *capacity : 64;
        RGQ_PASS(err, rgq_realloc(&list->name, grown, sizeof *list->name, err));
        *capacity = grown;
    }
    RGQ_PASS(err, rgq_strdup(&list->name[list->count], name, err));
    list->count++;
    return RGQ_OK;
}

typedef struct tree {
    const char *root;
    rgq_names list, folders;   /* both relative to the root */
    size_t n_files, n_folders; /* room */
} tree;

static int depth_of(const char *name)
{
    int depth = 1;
    for (; *name != '\0'; name++)
        depth += *name == '/';
    return depth;
}

/* Files of one folder to the list, its folders to those still to be looked at. */
static rgq_status list_one(tree *t, const char *below, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char path[RGQ_PATH_MAX];
    char name[RGQ_PATH_MAX];
    DIR *dir = NULL;

    if (below == NULL)
        rgq_text_copy(path, sizeof path, t->root);
    else
        RGQ_PASS(err, rgq_path_join(path, t->root, below, err));
    dir = opendir(path);
    if (dir == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s: %s", path, strerror(errno));
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char full[RGQ_PATH_MAX];
        struct stat info;
        rgq_text_copy(name, sizeof name, e->d_name);
        if (e->d_name[0] == '.' ||
            (below != NULL && rgq_path_join(name, below, e->d_name, NULL) != RGQ_OK) ||
            rgq_path_join(full, t->root, name, NULL) != RGQ_OK || stat(full, &info) != 0)
            continue;
        if (S_ISREG(info.st_mode))
            RGQ_TRY(err, add_name(&t->list, &t->n_files, name, err));
        else if (S_ISDIR(info.st_mode) && depth_of(name) <= TREE_DEPTH_MAX)
            RGQ_TRY(err, add_name(&t->folders, &t->n_folders, name, err));
    }
out:
    (void)closedir(dir);
    return st;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

rgq_status rgq_dicom_tree_list(rgq_names *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    tree t = {.root = folder};

    *out = (rgq_names){NULL, 0};
    RGQ_TRY(err, list_one(&t, NULL, err));
    for (size_t i = 0; i < t.folders.count; i++)
        /* one that may not be opened is as good as empty */
        if (list_one(&t, t.folders.name[i], NULL) == RGQ_E_NOMEM) {
            st = RGQ_RAISE(err, RGQ_E_NOMEM, "memory for the names of files could not be had");
            goto out;
        }
    if (t.list.count > 0)
        qsort(t.list.name, t.list.count, sizeof *t.list.name, compare_names);
    *out = t.list;
    t.list = (rgq_names){NULL, 0};
out:
    rgq_names_release(&t.list);
    rgq_names_release(&t.folders);
    return st;
}

/* ---- their headers ---- */

void rgq_dicom_found_release(rgq_dicom_found *f)
{
    rgq_names_release(&f->names);
    rgq_free(f->list.slice);
    f->list = (rgq_dicom_list){NULL, 0, 0};
}

rgq_status rgq_dicom_list_add(rgq_dicom_list *list, const rgq_dicom_slice *slice,
                              rgq_error *err)
{
    if (list->count == list->capacity) {
        const size_t grown = list->capacity > 0 ? 2 * list->capacity : 64;
        RGQ_PASS(err, rgq_realloc(&list->slice, grown, sizeof *list->slice, err));
        list->capacity = grown;
    }
    list->slice[list->count++] = *slice;
    return RGQ_OK;
}

static void count_other(rgq_dicom_found *f, const char *uid)
{
    size_t i = 0;
    while (i < f->n_kinds && strcmp(f->other_uid[i], uid) != 0)
        i++;
    if (i == RGQ_DICOM_KINDS_MAX)
        i--; /* the last row counts all further kinds */
    else if (i == f->n_kinds)
        rgq_text_copy(f->other_uid[f->n_kinds++], RGQ_DICOM_UID_MAX, uid);
    f->n_other[i]++;
}

/* A damaged file stops the run, unless it is known to belong to a series nobody asked for. */
static rgq_status read_one(rgq_dicom_found *f, size_t i, const char *wanted, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_dicom_sniff sniff;
    rgq_dicom_slice head;
    rgq_error found = RGQ_ERROR_INIT;

    RGQ_PASS(err, rgq_path_join(path, f->folder, f->names.name[i], err));
    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    if (!sniff.is_dicom) {
        if (f->n_foreign++ == 0)
            f->foreign = i;
        return RGQ_OK;
    }
    if (strcmp(sniff.class_uid, RGQ_DICOM_FOLDER_UID) == 0) /* DICOMDIR: the files say it all */
        return RGQ_OK;
    const size_t before = f->list.count;
    const rgq_status st = rgq_dicom_slices_read(&f->list, &head, i, path, &sniff, &found);
    if (st != RGQ_OK)
        f->list.count = before;
    if (st != RGQ_OK && wanted != NULL && head.series_uid[0] != '\0' &&
        strcmp(head.series_uid, wanted) != 0)
        return RGQ_OK;
    if (st != RGQ_OK && head.is_no_volume) { /* beside a reconstruction, as studies have it */
        rgq_error_prefix(&found, "%s: ", f->names.name[i]);
        if (f->n_no_volume++ == 0)
            f->no_volume = found;
        return RGQ_OK;
    }
    if (st != RGQ_OK) {
        if (err != NULL)
            *err = found;
        return st;
    }
    if (head.kind == RGQ_DICOM_OTHER)
        count_other(f, head.class_uid[0] != '\0' ? head.class_uid : "without a SOP class");
    return RGQ_OK;
}

/* Names no person: a file name may, so it is cleaned of nothing but shown only for errors. */
static rgq_status scan_folder(rgq_dicom_found *f, const char *wanted, const rgq_log *log,
                              rgq_error *err)
{
    for (size_t i = 0; i < f->names.count; i++) {
        const rgq_status st = read_one(f, i, wanted, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "%s: ", f->names.name[i]);
            rgq_error_push(err, __func__, __LINE__);
            return st;
        }
        rgq_log_progress(log, "reading DICOM headers",
                         (double)(i + 1) / (double)f->names.count);
    }
    if (f->n_foreign > 0)
        RGQ_INFO(log, "%zu file%s ignored, not DICOM (%s%s)", f->n_foreign,
                 f->n_foreign == 1 ? "" : "s", f->names.name[f->foreign],
                 f->n_foreign == 1 ? "" : ", ...");
    if (f->n_no_volume > 0 && f->list.count > 0)
        RGQ_INFO(log, "%zu Nuclear Medicine file%s ignored, no volume: %s", f->n_no_volume,
                 f->n_no_volume == 1 ? "" : "s", f->no_volume.message);
    for (size_t k = 0; k < f->n_kinds; k++)
        RGQ_INFO(log, "%zu DICOM file%s ignored: %s%s", f->n_other[k],
                 f->n_other[k] == 1 ? "" : "s", rgq_dicom_class_name(f->other_uid[k]),
                 k + 1 == RGQ_DICOM_KINDS_MAX ? " and others" : "");
    return RGQ_OK;
}

/* ---- the series ---- */

static rgq_status refuse_none(const rgq_dicom_found *f, rgq_error *err)
{
    size_t others = 0;

    if (f->n_no_volume > 0) {
        if (err != NULL)
            *err = f->no_volume;
        return RGQ_E_UNSUPPORTED;
    }
    for (size_t k = 0; k < f->n_kinds; k++)
        others += f->n_other[k];
    if (others == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s holds no DICOM file", f->folder);
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "%s holds no PET image, but %zu DICOM file%s of other kinds (%s%s)",
                     f->folder, others, others == 1 ? "" : "s",
                     rgq_dicom_class_name(f->other_uid[0]), f->n_kinds > 1 ? ", ..." : "");
}

static size_t count_series(const rgq_dicom_found *f, const char *uid)
{
    size_t n = 0;
    for (size_t i = 0; i < f->list.count; i++)
        n += strcmp(f->list.slice[i].series_uid, uid) == 0;
    return n;
}

static bool is_first_of_series(const rgq_dicom_found *f, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(f->list.slice[j].series_uid, f->list.slice[i].series_uid) == 0)
            return false;
    return true;
}

/* "UID (47 slices of 128 x 128); ..." */
static void list_series(rgq_text *text, const rgq_dicom_found *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->list.count; i++) {
        const rgq_dicom_slice *s = &f->list.slice[i];
        if (!is_first_of_series(f, i))
            continue;
        if (++n > SERIES_LISTED) {
            rgq_text_printf(text, "; ...");
            return;
        }
        rgq_text_printf(text, "%s%s (%zu slices of %d x %d%s)", n > 1 ? "; " : "",
                        s->series_uid[0] != '\0' ? s->series_uid : "no UID",
                        count_series(f, s->series_uid), s->columns, s->rows,
                        s->is_attenuation_corrected ? ", attenuation-corrected" : "");
    }
}

static rgq_status refuse_choice(const rgq_dicom_found *f, const char *wanted, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text list = RGQ_TEXT_INIT;

    list_series(&list, f);
    RGQ_TRY(err, rgq_text_check(&list, err));
    if (wanted != NULL)
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "no PET series %.70s in the folder; there is %s",
                       wanted, list.data);
    else
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "several PET series; choose one with --series UID: %s", list.data);
out:
    rgq_text_release(&list);
    return st;
}

/* Pictures that some consoles put among the slices of a series; alone they are what was asked
 * for. */
static void drop_views(rgq_dicom_found *f, const rgq_log *log)
{
    size_t views = 0;
    size_t kept = 0;
    size_t example = 0;

    for (size_t i = 0; i < f->list.count; i++)
        views += f->list.slice[i].is_view;
    if (views == 0 || views == f->list.count)
        return;
    for (size_t i = 0; i < f->list.count; i++) {
        if (f->list.slice[i].is_view)
            example = f->list.slice[i].file;
        else
            f->list.slice[kept++] = f->list.slice[i];
    }
    f->list.count = kept;
    RGQ_WARN(
        log,
        "%zu image%s of the series ignored: (0008,0008) ImageType calls %s a localizer or a "
        "projection (%s)",
        views, views == 1 ? "" : "s", views == 1 ? "it" : "each", f->names.name[example]);
}

/* Keep the slices of one series. */
static rgq_status choose_series(rgq_dicom_found *f, const char *wanted, rgq_error *err)
{
    char uid[RGQ_DICOM_UID_MAX];
    size_t kept = 0;

    if (f->list.count == 0)
        return refuse_none(f, err);
    const char *pick = wanted != NULL ? wanted : f->list.slice[0].series_uid;
    const size_t count = count_series(f, pick);
    if (count == 0 || (wanted == NULL && count < f->list.count))
        return refuse_choice(f, wanted, err);
    rgq_text_copy(uid, sizeof uid, pick);
    for (size_t i = 0; i < f->list.count; i++)
        if (strcmp(f->list.slice[i].series_uid, uid) == 0)
            f->list.slice[kept++] = f->list.slice[i];
    f->list.count = kept;
    return RGQ_OK;
}

/* The series of the file the user named, which may be no image. */
static rgq_status named_series(rgq_dicom_slice *head, const char *path, rgq_error *err)
{
    const char *name = rgq_path_base(path);
    rgq_dicom_list list = {NULL, 0, 0};
    rgq_dicom_sniff sniff;

    rgq_status st = rgq_dicom_sniff_file(&sniff, path, err);
    if (st == RGQ_OK && !sniff.is_dicom)
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "this is no DICOM file");
    if (st == RGQ_OK)
        st = rgq_dicom_slices_read(&list, head, 0, path, &sniff, err);
    rgq_free(list.slice);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        rgq_error_push(err, __func__, __LINE__);
        return st;
    }
    if (head->kind != RGQ_DICOM_OTHER)
        return RGQ_OK;
    return RGQ_RAISE(
        err, RGQ_E_UNSUPPORTED, "%s is of kind %s; a PET image (%s) is needed", name,
        head->class_uid[0] != '\0' ? rgq_dicom_class_name(head->class_uid) : "unknown",
        rgq_dicom_class_name(RGQ_DICOM_PET_UID));
}

static void split_path(char folder[RGQ_PATH_MAX], const char *path)
{
    const size_t length = (size_t)(rgq_path_base(path) - path);
    rgq_text_copy(folder, RGQ_PATH_MAX, length > 0 ? path : ".");
    if (length > 0 && length < RGQ_PATH_MAX)
        folder[length] = '\0';
}

/* Files beside the one named: of its series, which may be spread over them. A reconstructed NM
 * object is a volume by itself. */
static rgq_status list_names(rgq_dicom_found *f, const char *path, const rgq_dicom_slice *named,
                             rgq_error *err)
{
    if (named == NULL)
        return rgq_dicom_tree_list(&f->names, f->folder, err);
    if (named->kind != RGQ_DICOM_NM || named->n_frames == 1)
        return rgq_folder_list(&f->names, f->folder, err);
    size_t room = 0;
    return add_name(&f->names, &room, rgq_path_base(path), err);
}

/* Results of one reconstruction often share a series. */
static rgq_status refuse_several(const rgq_dicom_found *f, rgq_error *err)
{
    const rgq_dicom_slice *first = &f->list.slice[0];

    for (size_t i = 1; i < f->list.count; i++) {
        const rgq_dicom_slice *s = &f->list.slice[i];
        if (s->kind != RGQ_DICOM_NM || s->file == first->file ||
            (s->n_frames == 1 && first->n_frames == 1))
            continue;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the series has several Nuclear Medicine volumes, each a file; give "
                         "one of them instead of the folder: %s, %s, ...",
                         f->names.name[first->file], f->names.name[s->file]);
    }
    return RGQ_OK;
}

static bool is_directory(const char *path)
{
    rgq_dicom_sniff sniff;
    return rgq_dicom_sniff_file(&sniff, path, NULL) == RGQ_OK && sniff.is_dicom &&
           strcmp(sniff.class_uid, RGQ_DICOM_FOLDER_UID) == 0;
}

rgq_status rgq_dicom_find(rgq_dicom_found *out, const char *path, const char *series_uid,
                          const rgq_log *log, rgq_error *err)
{
    rgq_dicom_slice named;
    const char *wanted = series_uid;
    bool is_folder = rgq_path_is_folder(path);

    if (strlen(path) >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    if (is_folder) {
        rgq_text_copy(out->folder, sizeof out->folder, path);
    } else if (is_directory(path)) { /* DICOMDIR stands for the folder it lies in */
        split_path(out->folder, path);
        is_folder = true;
    } else {
        RGQ_PASS(err, named_series(&named, path, err));
        split_path(out->folder, path);
        wanted = series_uid != NULL ? series_uid : named.series_uid;
    }
    RGQ_PASS(err, list_names(out, path, is_folder ? NULL : &named, err));
    RGQ_PASS(err, scan_folder(out, wanted, log, err));
    RGQ_PASS(err, choose_series(out, wanted, err));
    drop_views(out, log);
    RGQ_PASS(err, rgq_dicom_copies_drop(out, log, err));
    return refuse_several(out, err);
}
