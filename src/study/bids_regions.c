/* The regions of a scan among the derivatives of its dataset. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "study/bids_inside.h"

rgq_status rgq_bids_name_add(rgq_names *list, const char *name, rgq_error *err)
{
    RGQ_PASS(err, rgq_realloc(&list->name, list->count + 1, sizeof *list->name, err));
    list->name[list->count] = NULL;
    RGQ_PASS(err, rgq_strdup(&list->name[list->count], name, err));
    list->count++;
    return RGQ_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

rgq_status rgq_bids_list(rgq_names *out, const char *folder, const char *ending,
                         const char *other, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names list = {NULL, 0};
    DIR *dir = opendir(folder);

    *out = list;
    if (dir == NULL)
        return RGQ_OK;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[RGQ_PATH_MAX];
        if (e->d_name[0] == '.' ||
            (!rgq_text_ends_with(e->d_name, ending) && !rgq_text_ends_with(e->d_name, other)))
            continue;
        RGQ_TRY(err, rgq_path_join(path, folder, e->d_name, err));
        if (!rgq_path_is_folder(path))
            RGQ_TRY(err, rgq_bids_name_add(&list, e->d_name, err));
    }
    if (list.count > 0)
        qsort(list.name, list.count, sizeof *list.name, compare_names);
    *out = list;
    list = (rgq_names){NULL, 0};
out:
    (void)closedir(dir);
    rgq_names_release(&list);
    return st;
}

/* ---- which derivatives ---- */

static bool is_same_folder(const char *a, const char *b)
{
    struct stat one;
    struct stat two;

    return b != NULL && stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

static bool is_ours(const char *folder)
{
    char path[RGQ_PATH_MAX];
    rgq_json *root = NULL;
    bool ours = false;

    if (rgq_path_join(path, folder, "dataset_description.json", NULL) != RGQ_OK ||
        rgq_json_load(&root, path, NULL) != RGQ_OK)
        return false;
    const rgq_json *makers = rgq_json_get(root, "GeneratedBy");
    for (size_t i = 0; i < rgq_json_count(makers); i++)
        ours = ours || strcmp(rgq_json_text(rgq_json_get(rgq_json_at(makers, i), "Name"), ""),
                              "rgdquant") == 0;
    rgq_json_free(root);
    return ours;
}

rgq_status rgq_bids_derivatives(rgq_names *out, const char *bids_dir, const char *out_dir,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names folders = {NULL, 0};
    rgq_names list = {NULL, 0};
    char all[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];
    char name[RGQ_PATH_MAX];

    *out = list;
    RGQ_TRY(err, rgq_path_join(all, bids_dir, "derivatives", err));
    if (!rgq_path_is_folder(all))
        return RGQ_OK;
    RGQ_TRY(err, rgq_folder_list_folders(&folders, all, err));
    for (size_t i = 0; i < folders.count; i++) {
        RGQ_TRY(err, rgq_path_join(path, all, folders.name[i], err));
        RGQ_TRY(err, rgq_path_join(name, "derivatives", folders.name[i], err));
        if (!is_same_folder(path, out_dir) && !is_ours(path))
            RGQ_TRY(err, rgq_bids_name_add(&list, name, err));
    }
    *out = list;
    list = (rgq_names){NULL, 0};
out:
    rgq_names_release(&folders);
    rgq_names_release(&list);
    return st;
}

/* ---- which file ---- */

/* What a file in pet/ says of its source must hold for the scan; acq, run and rec of a file in
 * anat/ are those of another image. */
static bool is_of_scan(const char *file, const char *scan, bool is_pet)
{
    static const char *const keys[] = {"sub", "ses", "task", "trc", "rec", "run"};
    char stem[256];
    char theirs[RGQ_BIDS_LABEL_MAX];
    char ours[RGQ_BIDS_LABEL_MAX];

    rgq_bids_stem(stem, sizeof stem, file);
    for (size_t k = 0; k < (is_pet ? sizeof keys / sizeof keys[0] : 2); k++) {
        const bool is_set = rgq_bids_entity(theirs, stem, keys[k]);
        const bool is_needed = k < 2; /* participant and session: both or none */
        if (rgq_bids_entity(ours, scan, keys[k]) != is_set && (is_set || is_needed))
            return false;
        if (is_set && strcmp(ours, theirs) != 0)
            return false;
    }
    return true;
}

static rgq_status list_fitting(rgq_names *out, const rgq_case *one, const char *stem,
                               const char *modality, const char *bids_dir,
                               const rgq_names *derivatives, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names files = {NULL, 0};
    char below[512];
    char folder[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];

    for (size_t d = 0; d < derivatives->count; d++) {
        (void)snprintf(below, sizeof below, "%.200s/%.64s%s%.64s/%s", derivatives->name[d],
                       one->subject, one->session != NULL ? "/" : "",
                       one->session != NULL ? one->session : "", modality);
        RGQ_TRY(err, rgq_path_join(folder, bids_dir, below, err));
        RGQ_TRY(err, rgq_bids_list(&files, folder, "_dseg.nii", "_dseg.nii.gz", err));
        for (size_t i = 0; i < files.count; i++) {
            if (!is_of_scan(files.name[i], stem, strcmp(modality, "pet") == 0))
                continue;
            RGQ_TRY(err, rgq_path_join(path, folder, files.name[i], err));
            RGQ_TRY(err, rgq_bids_name_add(out, path, err));
        }
        rgq_names_release(&files);
    }
out:
    rgq_names_release(&files);
    return st;
}

static rgq_status refuse_several(rgq_case *one, const rgq_names *found, const char *bids_dir,
                                 rgq_error *err)
{
    char list[400] = "";

    for (size_t i = 0; i < found->count; i++) {
        const size_t used = strlen(list);
        const char *shown = found->name[i] + strlen(bids_dir);
        while (*shown == '/')
            shown++;
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                       rgq_path_base(shown));
    }
    return rgq_case_refuse(one, err,
                           "%zu files of regions fit: %s; give --regions FILE or --segment "
                           "SPEC, or a manifest that chooses",
                           found->count, list);
}

rgq_status rgq_bids_regions_set(rgq_case *one, const char *stem, const char *bids_dir,
                                const rgq_names *derivatives, rgq_error *err)
{
    static const char *const modality[] = {"pet", "anat"};
    rgq_status st = RGQ_OK;
    rgq_names found = {NULL, 0};

    for (int m = 0; m < 2 && found.count == 0; m++)
        RGQ_TRY(err, list_fitting(&found, one, stem, modality[m], bids_dir, derivatives, err));
    if (found.count == 1)
        RGQ_TRY(err, rgq_case_set(one, "regions", found.name[0], err));
    else if (found.count > 1)
        RGQ_TRY(err, refuse_several(one, &found, bids_dir, err));
    else
        RGQ_TRY(err, rgq_case_refuse(one, err,
                                     "no regions: there is no derivatives/*/%s%s%s/pet/"
                                     "*_dseg.nii.gz (nor in anat/); give --segment SPEC",
                                     one->subject, one->session != NULL ? "/" : "",
                                     one->session != NULL ? one->session : ""));
out:
    rgq_names_release(&found);
    return st;
}
