/* Which tracer of the library a header means. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "study/bids_inside.h"

rgq_status rgq_bids_library_load(rgq_bids_library *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer_ids *ids = NULL;
    rgq_bids_library library = {NULL, 0};

    *out = library;
    RGQ_TRY(err, rgq_alloc(&ids, 1, sizeof *ids, err));
    RGQ_TRY(err, rgq_tracer_list(ids, folder, err));
    RGQ_TRY(err,
            rgq_alloc(&library.tracer, (size_t)ids->count + 1, sizeof *library.tracer, err));
    for (; library.count < ids->count; library.count++)
        RGQ_TRY(err, rgq_tracer_find(&library.tracer[library.count], folder,
                                     ids->id[library.count], err));
    *out = library;
    library.tracer = NULL;
out:
    rgq_free(ids);
    rgq_free(library.tracer);
    return st;
}

void rgq_bids_library_release(rgq_bids_library *library)
{
    rgq_free(library->tracer);
    *library = (rgq_bids_library){NULL, 0};
}

static void take(char *out, size_t size, const rgq_json *root, const char *key)
{
    const char *text = rgq_json_text(rgq_json_get(root, key), "");

    if (out[0] == '\0' && !rgq_text_equal_nocase(text, "n/a"))
        rgq_text_copy(out, size, text);
}

/* The message names the file alone: the reason goes into a table that is handed on. */
static rgq_status load(rgq_json **out, const char *path, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    const size_t length = strlen(path);

    const rgq_status st = rgq_json_load(out, path, &why);
    if (st == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, st, "the side file %.120s cannot be read%s", rgq_path_base(path),
                     strncmp(why.message, path, length) == 0 ? why.message + length : "");
}

rgq_status rgq_bids_named_read(rgq_bids_named *out, const char *scan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char(*path)[RGQ_PATH_MAX] = NULL;
    rgq_json *root = NULL;
    int count = 0;

    *out = (rgq_bids_named){"", ""};
    RGQ_TRY(err, rgq_alloc(&path, RGQ_BIDS_FILES_MAX + 1, sizeof *path, err));
    RGQ_TRY(err, rgq_bids_all_side_files(path, &count, scan, err));
    for (int i = 0; i < count; i++) {
        RGQ_TRY(err, load(&root, path[i], err));
        take(out->tracer, sizeof out->tracer, root, "TracerName");
        take(out->nuclide, sizeof out->nuclide, root, "TracerRadionuclide");
        rgq_json_free(root);
        root = NULL;
    }
out:
    rgq_free(path);
    return st;
}

static bool has_nuclide(const rgq_tracer *tracer, const char *id)
{
    if (id[0] == '\0' || strcmp(tracer->nuclide, id) == 0)
        return true;
    for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && tracer->other_nuclide[i][0] != '\0'; i++)
        if (strcmp(tracer->other_nuclide[i], id) == 0)
            return true;
    return false;
}

rgq_status rgq_bids_tracer_set(rgq_case *one, const rgq_bids_named *named, const char *where,
                               const rgq_bids_library *library, rgq_error *err)
{
    char nuclide[16] = "";
    char list[256] = "";
    const char *only = NULL;
    int fitting = 0;

    if (named->tracer[0] == '\0')
        return rgq_case_refuse(
            one, err, "%s names no tracer: give TracerName there, or --tracer ID", where);
    (void)rgq_nuclide_canonical(nuclide, named->nuclide);
    for (int i = 0; i < library->count; i++) {
        const rgq_tracer *tracer = &library->tracer[i];
        if (!rgq_tracer_is_named(tracer, named->tracer) || !has_nuclide(tracer, nuclide))
            continue;
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                       tracer->id);
        only = tracer->id;
        fitting++;
    }
    if (fitting == 1)
        return rgq_case_set(one, "tracer", only, err);
    if (fitting > 1)
        return rgq_case_refuse(one, err,
                               "%s names the tracer '%.80s', which may be %s: give --tracer ID",
                               where, named->tracer, list);
    return rgq_case_refuse(one, err,
                           "%s names the tracer '%.80s'%s%.20s, which is none of the library: "
                           "give --tracer ID ('rgdquant tracer list' shows the ids)",
                           where, named->tracer, named->nuclide[0] != '\0' ? " with " : "",
                           named->nuclide);
}
