#include "io/dicom_tree.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

typedef struct walk {
    const char *root;
    const rgq_log *log;
    rgq_dicom_items found;
    size_t capacity;
    size_t last; /* series of the file before */
    int n_foreign, n_other, n_damaged;
} walk;

void rgq_dicom_items_release(rgq_dicom_items *items)
{
    rgq_free(items->item);
    *items = (rgq_dicom_items){NULL, 0};
}

static size_t find(const walk *w, const char *uid)
{
    if (w->last < w->found.count && strcmp(w->found.item[w->last].uid, uid) == 0)
        return w->last;
    for (size_t i = 0; i < w->found.count; i++)
        if (strcmp(w->found.item[i].uid, uid) == 0)
            return i;
    return w->found.count;
}

/* The folder of a name, "" for the tree itself. */
static void folder_of(char out[RGQ_PATH_MAX], const char *name)
{
    const size_t length = (size_t)(rgq_path_base(name) - name);

    rgq_text_copy(out, RGQ_PATH_MAX, name);
    out[length > 0 ? length - 1 : 0] = '\0';
}

/* Cut the folder of a series down to what it shares with that of another of its files. */
static void share_folder(rgq_dicom_item *item, const char *name)
{
    char other[RGQ_PATH_MAX];
    size_t same = 0;
    size_t whole = 0; /* up to the end of a name */
    char *folder = item->folder;

    folder_of(other, name);
    if (strcmp(folder, other) == 0)
        return;
    item->one_folder = false;
    for (; folder[same] != '\0' && folder[same] == other[same]; same++)
        if (folder[same] == '/')
            whole = same;
    if ((folder[same] == '\0' && other[same] == '/') ||
        (folder[same] == '/' && other[same] == '\0'))
        whole = same;
    folder[whole] = '\0';
}

/* Whose it is and what was injected, from a file that can be read. */
static rgq_status describe(rgq_dicom_item *item, const rgq_dicom_slice *slice, const char *path,
                           rgq_error *err)
{
    rgq_scan *scan = NULL;

    RGQ_PASS(err, rgq_alloc(&scan, 1, sizeof *scan, err));
    rgq_text_copy(item->modality, sizeof item->modality, slice->modality);
    if (rgq_dicom_facts_read(scan, slice, path, NULL, NULL) == RGQ_OK) {
        rgq_text_copy(item->tracer, sizeof item->tracer, scan->facts.radiopharmaceutical.value);
        rgq_text_copy(item->nuclide, sizeof item->nuclide, scan->facts.nuclide.value);
    }
    rgq_free(scan);
    return rgq_dicom_identity(item->patient, item->study, path, err);
}

static rgq_status new_series(walk *w, const char *name, const char *uid, rgq_error *err)
{
    if (w->found.count == w->capacity) {
        const size_t grown = w->capacity > 0 ? 2 * w->capacity : 16;
        RGQ_PASS(err, rgq_realloc(&w->found.item, grown, sizeof *w->found.item, err));
        w->capacity = grown;
    }
    rgq_dicom_item *item = &w->found.item[w->found.count++];
    *item = (rgq_dicom_item){.one_folder = true};
    rgq_text_copy(item->file, sizeof item->file, name);
    rgq_text_copy(item->uid, sizeof item->uid, uid);
    folder_of(item->folder, name);
    return RGQ_OK;
}

static rgq_status take(walk *w, rgq_dicom_list *list, const char *name, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_dicom_sniff sniff;
    rgq_dicom_slice head;

    RGQ_PASS(err, rgq_path_join(path, w->root, name, err));
    if (rgq_dicom_sniff_file(&sniff, path, NULL) != RGQ_OK || !sniff.is_dicom) {
        w->n_foreign++;
        return RGQ_OK;
    }
    list->count = 0;
    const rgq_status st = rgq_dicom_slices_read(list, &head, 0, path, &sniff, NULL);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "memory for the header of a DICOM file could not be had");
    const bool is_damaged = st != RGQ_OK && !head.is_no_volume;
    if ((st == RGQ_OK && head.kind == RGQ_DICOM_OTHER) || head.is_no_volume) {
        w->n_other++;
        return RGQ_OK;
    }
    if (head.series_uid[0] == '\0') {
        w->n_damaged++;
        return RGQ_OK;
    }
    w->last = find(w, head.series_uid);
    if (w->last == w->found.count)
        RGQ_PASS(err, new_series(w, name, head.series_uid, err));
    rgq_dicom_item *item = &w->found.item[w->last];
    share_folder(item, name);
    item->n_files++;
    item->n_damaged += is_damaged;
    if (!is_damaged && item->patient[0] == '\0' && list->count > 0)
        RGQ_PASS(err, describe(item, &list->slice[0], path, err));
    return RGQ_OK;
}

static int compare_items(const void *a, const void *b)
{
    const rgq_dicom_item *one = a;
    const rgq_dicom_item *two = b;
    int order = strcmp(one->patient, two->patient);

    if (order == 0)
        order = strcmp(one->study, two->study);
    return order != 0 ? order : strcmp(one->uid, two->uid);
}

rgq_status rgq_dicom_tree_series(rgq_dicom_items *out, const char *folder, const rgq_log *log,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};
    rgq_dicom_list list = {NULL, 0, 0};
    walk w = {.root = folder, .log = log};

    *out = (rgq_dicom_items){NULL, 0};
    RGQ_TRY(err, rgq_dicom_tree_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        RGQ_TRY(err, take(&w, &list, names.name[i], err));
        rgq_log_progress(log, "reading DICOM headers", (double)(i + 1) / (double)names.count);
    }
    if (w.n_foreign > 0)
        RGQ_INFO(log, "%d files ignored, not DICOM", w.n_foreign);
    if (w.n_other > 0)
        RGQ_INFO(log, "%d DICOM files ignored, no volume of PET or SPECT", w.n_other);
    if (w.n_damaged > 0)
        RGQ_WARN(log, "%d DICOM files ignored: damaged, and without the UID of a series",
                 w.n_damaged);
    if (w.found.count > 0)
        qsort(w.found.item, w.found.count, sizeof *w.found.item, compare_items);
    *out = w.found;
    w.found.item = NULL;
out:
    rgq_free(w.found.item);
    rgq_free(list.slice);
    rgq_names_release(&names);
    return st;
}
