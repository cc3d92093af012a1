/* A tree of DICOM exports as a manifest. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom_tree.h"
#include "study/bids_inside.h"

static const char *or_missing(const char *text)
{
    return text[0] != '\0' ? text : "n/a";
}

/* A row of the table: what the header says of the tracer is matched as in a dataset. */
static rgq_status append_row(rgq_text *text, const rgq_dicom_item *item, const char *root,
                             const char *name, const rgq_bids_library *library, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_case one = {.name = NULL};
    rgq_bids_named named;
    char path[RGQ_PATH_MAX];
    const char *below = item->one_folder ? item->file : item->folder;

    RGQ_TRY(err, rgq_path_join(path, root, below, err));
    if (below[0] == '\0')
        rgq_text_copy(path, sizeof path, root);
    if (strpbrk(path, "\t\n\r") != NULL) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "the path of a series holds a tab or a line break: rename the folder");
        goto out;
    }
    rgq_text_copy(named.tracer, sizeof named.tracer, item->tracer);
    rgq_text_copy(named.nuclide, sizeof named.nuclide, item->nuclide);
    RGQ_TRY(err, rgq_bids_tracer_set(&one, &named, "the DICOM header", library, err));
    const char *tracer = rgq_case_get(&one, "tracer");
    rgq_text_printf(text, "%s\t%s\t%s\t%s\n", name, path, item->one_folder ? "n/a" : item->uid,
                    or_missing(tracer != NULL ? tracer : ""));
out:
    for (int i = 0; i < one.n_options; i++) {
        rgq_free(one.option[i].name);
        rgq_free(one.option[i].value);
    }
    rgq_free(one.option);
    rgq_free(one.refusal);
    return st;
}

static rgq_status append_all(rgq_text *text, rgq_tree_count *count,
                             const rgq_dicom_items *items, const char *root,
                             const rgq_bids_library *library, rgq_error *err)
{
    int patient = 0;
    int study = 0;
    int series = 0;

    *count = (rgq_tree_count){.series = (int)items->count};
    rgq_text_printf(text, "case\tscan\tseries\ttracer\n");
    for (size_t i = 0; i < items->count; i++) {
        const rgq_dicom_item *item = &items->item[i];
        const rgq_dicom_item *before = i > 0 ? &items->item[i - 1] : NULL;
        char name[64];
        if (before == NULL || strcmp(before->patient, item->patient) != 0) {
            patient++;
            study = 0;
        }
        if (study == 0 || strcmp(before->study, item->study) != 0) {
            study++;
            count->studies++;
            series = 0;
        }
        series++;
        (void)snprintf(name, sizeof name, "p%02d-s%d-%d", patient, study, series);
        RGQ_PASS(err, append_row(text, item, root, name, library, err));
    }
    count->patients = patient;
    return rgq_text_check(text, err);
}

rgq_status rgq_study_list_tree(rgq_tree_count *out, const char *tree, const char *tracers,
                               const char *table, bool force, const rgq_log *log,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dicom_items items = {NULL, 0};
    rgq_bids_library library = {NULL, 0};
    rgq_text text = RGQ_TEXT_INIT;
    char root[PATH_MAX]; /* paths of a manifest count from its own folder: so whole ones */

    if (realpath(tree, root) == NULL || !rgq_path_is_folder(root)) {
        st = RGQ_RAISE(err, RGQ_E_IO, "there is no folder %s", tree);
        goto out;
    }
    RGQ_TRY(err, rgq_bids_library_load(&library, tracers, err));
    RGQ_TRY(err, rgq_dicom_tree_series(&items, root, log, err));
    if (items.count == 0) {
        st = RGQ_RAISE(err, RGQ_E_MISSING,
                       "%s holds no DICOM series of PET or SPECT (it is looked at four folders "
                       "deep)",
                       tree);
        goto out;
    }
    RGQ_TRY(err, append_all(&text, out, &items, root, &library, err));
    RGQ_TRY(err, rgq_file_write(table, text.data, text.length, force, err));
out:
    rgq_dicom_items_release(&items);
    rgq_bids_library_release(&library);
    rgq_text_release(&text);
    return st;
}
