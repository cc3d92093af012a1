#include "pipeline/record_dataset.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"

static rgq_status add_side_files(rgq_json *entry, rgq_redactor *redactor, const char *label,
                                 const rgq_bids_place *place, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char(*found)[RGQ_PATH_MAX] = NULL;
    char beside[300];
    char hex[RGQ_SHA256_TEXT];
    int n = 0;

    (void)snprintf(beside, sizeof beside, "%s.json", place->stem);
    RGQ_TRY(err, rgq_alloc(&found, RGQ_BIDS_FILES_MAX, sizeof *found, err));
    RGQ_TRY(err, rgq_bids_side_files(found, &n, place, NULL, err));
    for (int i = 0; i < n; i++) {
        char key[80];
        if (strcmp(rgq_path_base(found[i]), beside) == 0)
            continue; /* hashed as what lies beside the scan */
        (void)snprintf(key, sizeof key, "%s inherited %d.json", label, i + 1);
        RGQ_TRY(err, rgq_redactor_add(redactor, found[i], key, err));
        RGQ_TRY(err, rgq_hash_file(hex, found[i], err));
        (void)snprintf(key, sizeof key, "sha256 of inherited side file %d", i + 1);
        RGQ_TRY(err, rgq_json_set_text(entry, key, hex, err));
    }
out:
    rgq_free(found);
    return st;
}

static void add_number(rgq_text *text, const rgq_fact *fact)
{
    char number[RGQ_REAL_TEXT_MAX];
    rgq_text_printf(text, "%s\n", fact->known ? rgq_format_real(fact->value, number) : "n/a");
}

static rgq_status add_people(rgq_json *entry, const rgq_bids_place *place, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    rgq_scan *nobody = NULL;
    char hex[RGQ_SHA256_TEXT];

    RGQ_TRY(err, rgq_alloc(&nobody, 1, sizeof *nobody, err));
    RGQ_TRY(err, rgq_bids_people(nobody, place, NULL, err));
    const rgq_scan_facts *f = &nobody->facts;
    if (!f->weight_kg.known && !f->height_m.known && !f->sex.known)
        goto out;
    add_number(&text, &f->weight_kg);
    add_number(&text, &f->height_m);
    rgq_text_printf(&text, "%s\n", f->sex.known ? f->sex.value : "n/a");
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
    RGQ_TRY(err,
            rgq_json_set_text(entry, "sha256 of weight, height, sex in the dataset", hex, err));
out:
    rgq_text_release(&text);
    rgq_free(nobody);
    return st;
}

rgq_status rgq_record_dataset(rgq_json *entry, rgq_redactor *redactor, const char *label,
                              const char *path, rgq_error *err)
{
    rgq_bids_place place;

    RGQ_PASS(err, rgq_bids_locate(&place, path, err));
    if (!place.in_dataset)
        return RGQ_OK;
    RGQ_PASS(err, add_side_files(entry, redactor, label, &place, err));
    return add_people(entry, &place, err);
}
