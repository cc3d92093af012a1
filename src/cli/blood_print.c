#include "cli/blood_print.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/blood.h"

static int count_known(const rgq_blood *blood, size_t at)
{
    int count = 0;

    for (int i = 0; i < blood->count; i++) {
        double value = 0.0;
        memcpy(&value, (const char *)&blood->sample[i] + at, sizeof value);
        count += isnan(value) ? 0 : 1;
    }
    return count;
}

static rgq_status show(const rgq_context *context, const rgq_blood *blood, rgq_json *list,
                       rgq_error *err)
{
    const int whole = count_known(blood, offsetof(rgq_blood_sample, whole_blood_bqml));
    const int plasma = count_known(blood, offsetof(rgq_blood_sample, plasma_bqml));
    const int parent = count_known(blood, offsetof(rgq_blood_sample, parent_fraction));
    const double last_s = blood->sample[blood->count - 1].time_s;
    const char *name = blood->recording[0] != '\0' ? blood->recording : "table";
    rgq_json *node = NULL;

    if (list == NULL) {
        fprintf(context->out,
                "%-26s%s, %d samples from %.6g to %.6g s: %d of whole blood, %d of plasma, %d "
                "parent fractions\n",
                "blood", name, blood->count, blood->sample[0].time_s, last_s, whole, plasma,
                parent);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "recording", name, err));
    RGQ_PASS(err, rgq_json_set_int(node, "samples", blood->count, err));
    RGQ_PASS(err, rgq_json_set_real(node, "first_s", blood->sample[0].time_s, err));
    RGQ_PASS(err, rgq_json_set_real(node, "last_s", last_s, err));
    RGQ_PASS(err, rgq_json_set_int(node, "whole_blood", whole, err));
    RGQ_PASS(err, rgq_json_set_int(node, "plasma", plasma, err));
    return rgq_json_set_int(node, "parent_fraction", parent, err);
}

rgq_status rgq_blood_print(const rgq_context *context, const char *scan_path, rgq_json *list,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char(*path)[RGQ_PATH_MAX] = NULL;
    rgq_blood blood = rgq_blood_none();
    int count = 0;

    RGQ_TRY(err, rgq_alloc(&path, RGQ_BIDS_FILES_MAX, sizeof *path, err));
    RGQ_TRY(err, rgq_blood_find(path, &count, scan_path, err));
    for (int i = 0; i < count; i++) {
        rgq_error why = RGQ_ERROR_INIT;
        const rgq_status found = rgq_blood_read(&blood, path[i], &context->log, &why);
        if (found != RGQ_OK)
            RGQ_WARN(&context->log, "a table of blood is left alone: %s", why.message);
        else
            RGQ_TRY(err, show(context, &blood, list, err));
        rgq_blood_release(&blood);
    }
out:
    rgq_blood_release(&blood);
    rgq_free(path);
    return st;
}
