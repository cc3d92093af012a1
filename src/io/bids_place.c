#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/bids.h"

void rgq_bids_stem(char *out, size_t size, const char *path)
{
    const char *base = rgq_path_base(path);

    (void)snprintf(out, size, "%.*s", (int)strcspn(base, "."), base);
}

/* Length of the next part of a name, up to '_' or its end. */
static size_t part_length(const char *at)
{
    return strcspn(at, "_");
}

bool rgq_bids_entity(char out[RGQ_BIDS_LABEL_MAX], const char *stem, const char *key)
{
    const size_t length = strlen(key);

    out[0] = '\0';
    for (const char *at = stem; *at != '\0';) {
        const size_t n = part_length(at);
        if (n > length + 1 && strncmp(at, key, length) == 0 && at[length] == '-' &&
            n - length - 1 < RGQ_BIDS_LABEL_MAX) {
            (void)snprintf(out, RGQ_BIDS_LABEL_MAX, "%.*s", (int)(n - length - 1),
                           at + length + 1);
            return true;
        }
        at += n + (at[n] == '_' ? 1 : 0);
    }
    return false;
}

static bool has_part(const char *stem, const char *part, size_t length)
{
    for (const char *at = stem; *at != '\0';) {
        const size_t n = part_length(at);
        if (n == length && strncmp(at, part, n) == 0)
            return true;
        at += n + (at[n] == '_' ? 1 : 0);
    }
    return false;
}

static const char *suffix_of(const char *stem)
{
    const char *last = strrchr(stem, '_');
    return last != NULL ? last + 1 : stem;
}

bool rgq_bids_applies(const char *stem, const char *scan)
{
    if (strcmp(suffix_of(stem), suffix_of(scan)) != 0)
        return false;
    for (const char *at = stem; *at != '\0';) {
        const size_t n = part_length(at);
        if (!has_part(scan, at, n))
            return false;
        at += n + (at[n] == '_' ? 1 : 0);
    }
    return true;
}

static int count_parts(const char *stem)
{
    int count = 1;
    for (; *stem != '\0'; stem++)
        count += *stem == '_';
    return count;
}

/* Cut the last name off; false at the root of the file system. */
static bool go_up(char *folder)
{
    char *slash = strrchr(folder, '/');

    if (slash == NULL || folder[1] == '\0')
        return false;
    slash[slash == folder ? 1 : 0] = '\0';
    return true;
}

/* The folder of a path, with links and dots undone. */
static rgq_status real_folder(char out[RGQ_PATH_MAX], const char *path, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];
    char resolved[PATH_MAX];
    const size_t length = (size_t)(rgq_path_base(path) - path);

    if (length >= sizeof folder)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    (void)snprintf(folder, sizeof folder, "%.*s", (int)length, path);
    if (length == 0)
        (void)snprintf(folder, sizeof folder, ".");
    if (realpath(folder, resolved) == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "the folder of %s cannot be found", path);
    rgq_text_copy(out, RGQ_PATH_MAX, resolved);
    return RGQ_OK;
}

rgq_status rgq_bids_locate(rgq_bids_place *out, const char *scan_path, rgq_error *err)
{
    char label[RGQ_BIDS_LABEL_MAX];
    char file[RGQ_PATH_MAX];
    char above[RGQ_PATH_MAX];

    *out = (rgq_bids_place){.in_dataset = false};
    RGQ_PASS(err, real_folder(out->folder, scan_path, err));
    rgq_bids_stem(out->stem, sizeof out->stem, scan_path);
    if (rgq_bids_entity(label, out->stem, "sub"))
        (void)snprintf(out->subject, sizeof out->subject, "sub-%.59s", label);
    if (rgq_bids_entity(label, out->stem, "ses"))
        (void)snprintf(out->session, sizeof out->session, "ses-%.59s", label);
    rgq_text_copy(above, sizeof above, out->folder);
    do {
        if (rgq_path_join(file, above, "dataset_description.json", NULL) == RGQ_OK &&
            rgq_path_exists(file)) {
            out->in_dataset = true;
            rgq_text_copy(out->root, sizeof out->root, above);
            return RGQ_OK;
        }
    } while (go_up(above));
    return RGQ_OK;
}

/* The side file of one folder that applies; *found is false if none does. */
static rgq_status best_of_folder(char *out, bool *found, const char *folder, const char *scan,
                                 const rgq_log *log, rgq_error *err)
{
    char stem[256];
    rgq_names names = {NULL, 0};
    const char *best = NULL;
    int most = 0;
    int fitting = 0;

    *found = false;
    RGQ_PASS(err, rgq_folder_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        if (!rgq_text_ends_with(names.name[i], ".json"))
            continue;
        rgq_bids_stem(stem, sizeof stem, names.name[i]);
        if (!rgq_bids_applies(stem, scan))
            continue;
        fitting++;
        if (count_parts(stem) > most) {
            most = count_parts(stem);
            best = names.name[i];
        }
    }
    if (fitting > 1)
        RGQ_WARN(log, "%d side files of one folder apply to the scan; %s is used", fitting,
                 best);
    rgq_status st = RGQ_OK;
    if (best != NULL) {
        st = rgq_path_join(out, folder, best, err);
        *found = st == RGQ_OK;
    }
    rgq_names_release(&names);
    return st;
}

rgq_status rgq_bids_side_files(char (*path)[RGQ_PATH_MAX], int *count,
                               const rgq_bids_place *place, const rgq_log *log, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];

    *count = 0;
    if (!place->in_dataset)
        return RGQ_OK;
    rgq_text_copy(folder, sizeof folder, place->folder);
    do {
        bool found = false;
        RGQ_PASS(err, best_of_folder(path[*count], &found, folder, place->stem, log, err));
        *count += found ? 1 : 0;
        if (strcmp(folder, place->root) == 0)
            break;
    } while (*count < RGQ_BIDS_FILES_MAX && go_up(folder));
    return RGQ_OK;
}
