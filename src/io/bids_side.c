#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/input.h"
#include "io/scan_unit.h"
#include "io/sidecar.h"

static rgq_status list_files(char (*path)[RGQ_PATH_MAX], int *count, const char *scan_path,
                             const rgq_bids_place *place, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char beside[RGQ_PATH_MAX];
    char(*found)[RGQ_PATH_MAX] = NULL;
    int n_found = 0;

    *count = 0;
    RGQ_TRY(err, rgq_alloc(&found, RGQ_BIDS_FILES_MAX, sizeof *found, err));
    RGQ_TRY(err, rgq_path_beside(beside, scan_path, ".json", err));
    if (rgq_path_exists(beside))
        rgq_text_copy(path[(*count)++], RGQ_PATH_MAX, beside);
    RGQ_TRY(err, rgq_bids_side_files(found, &n_found, place, log, err));
    for (int i = 0; i < n_found; i++) {
        const bool same = *count > 0 &&
                          strncmp(found[i], place->folder, strlen(place->folder)) == 0 &&
                          strcmp(rgq_path_base(found[i]), rgq_path_base(beside)) == 0;
        if (!same)
            rgq_text_copy(path[(*count)++], RGQ_PATH_MAX, found[i]);
    }
out:
    rgq_free(found);
    return st;
}

rgq_status rgq_bids_all_side_files(char (*path)[RGQ_PATH_MAX], int *count,
                                   const char *scan_path, rgq_error *err)
{
    rgq_bids_place place;

    *count = 0;
    RGQ_PASS(err, rgq_bids_locate(&place, scan_path, err));
    return list_files(path, count, scan_path, &place, NULL, err);
}

/* Beside the scan first, then from the dataset around it. */
static rgq_status read_inherited(rgq_scan *scan, const char *path, const rgq_bids_place *place,
                                 const char *lost, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char beside[RGQ_PATH_MAX];
    char(*found)[RGQ_PATH_MAX] = NULL;
    const char *use[RGQ_BIDS_FILES_MAX + 1];
    int n = 0;

    RGQ_TRY(err, rgq_alloc(&found, RGQ_BIDS_FILES_MAX + 1, sizeof *found, err));
    RGQ_TRY(err, list_files(found, &n, path, place, log, err));
    for (int i = 0; i < n; i++)
        use[i] = found[i];
    if (n > 0) {
        RGQ_TRY(err, rgq_sidecar_read_inherited(scan, use, n, log, err));
        goto out;
    }
    RGQ_TRY(err, rgq_path_beside(beside, path, ".json", err));
    RGQ_INFO(log, "no side file %s: %s unknown", rgq_path_base(beside), lost);
    RGQ_TRY(err, rgq_scan_take_unit(scan, path, log, err)); /* the header's own word */
out:
    rgq_free(found);
    return st;
}

rgq_status rgq_bids_read(rgq_scan *scan, const char *path, const char *side_file,
                         const char *lost, const rgq_log *log, rgq_error *err)
{
    rgq_bids_place place;

    RGQ_PASS(err, rgq_bids_locate(&place, path, err));
    if (side_file != NULL)
        RGQ_PASS(err, rgq_sidecar_read(scan, side_file, log, err));
    else
        RGQ_PASS(err, read_inherited(scan, path, &place, lost, log, err));
    return rgq_bids_people(scan, &place, log, err);
}
