#include "pipeline/dose_body.h"

#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "dose/stylised.h"
#include "rgdquant/dose.h"
#include "rgdquant/scan.h"
#include "rgdquant/scan_file.h"

void rgq_dose_body_release(rgq_dose_body *body)
{
    rgq_anatomy_free(body->anatomy);
    *body = (rgq_dose_body){.anatomy = NULL};
}

static rgq_status parse_sphere(rgq_dose_body *body, const char *mass, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;

    body->kind = RGQ_BODY_SPHERE;
    if (rgq_parse_real(&body->mass_g, mass, 1e-3, 1e6, &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "'sphere:%.40s' names no mass in 0.001 .. 1000000 g; type e.g. "
                         "sphere:10",
                         mass);
    (void)snprintf(body->name, sizeof body->name, "sphere:%g", body->mass_g);
    return RGQ_OK;
}

static rgq_status need_file(const char *path, const char *words, rgq_error *err)
{
    if (rgq_path_exists(path))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "the anatomy '%.120s' is neither stylised-adult-male, "
                     "stylised-adult-female nor sphere:GRAMS, and there is no file %.200s",
                     words, path);
}

/* LABELS or LABELS,CT; a comma in the name of a file that is there belongs to the name. */
static rgq_status parse_files(rgq_dose_body *body, const char *words, rgq_error *err)
{
    const char *comma = strchr(words, ',');

    if (strlen(words) >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", words);
    body->kind = RGQ_BODY_LABELS;
    rgq_text_copy(body->name, sizeof body->name, "labels");
    if (comma == NULL || rgq_path_exists(words)) {
        rgq_text_copy(body->labels, sizeof body->labels, words);
        return need_file(body->labels, words, err);
    }
    (void)snprintf(body->labels, sizeof body->labels, "%.*s", (int)(comma - words), words);
    rgq_text_copy(body->ct, sizeof body->ct, comma + 1);
    RGQ_PASS(err, need_file(body->labels, words, err));
    return need_file(body->ct, words, err);
}

rgq_status rgq_dose_body_parse(rgq_dose_body *out, const char *words, double voxel_mm,
                               rgq_error *err)
{
    static const char sphere[] = "sphere:";
    rgq_dose_body body = {.voxel_mm = voxel_mm};

    if (strcmp(words, "stylised-adult-male") == 0 ||
        strcmp(words, "stylised-adult-female") == 0) {
        body.kind = strcmp(words, "stylised-adult-male") == 0 ? RGQ_BODY_MALE : RGQ_BODY_FEMALE;
        rgq_text_copy(body.name, sizeof body.name, words);
    } else if (strncmp(words, sphere, sizeof sphere - 1) == 0) {
        RGQ_PASS(err, parse_sphere(&body, words + sizeof sphere - 1, err));
    } else {
        RGQ_PASS(err, parse_files(&body, words, err));
    }
    *out = body;
    return RGQ_OK;
}

/* ---- building ---- */

static rgq_status read_labels(rgq_labels **out, const char *path, const rgq_log *log,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_regions_read(&regions, path, log, err));
    RGQ_TRY(err, rgq_labels_from_regions(out, regions, err));
out:
    rgq_regions_free(regions);
    return st;
}

static rgq_status build_patient(rgq_dose_body *body, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_patient_opts opts = RGQ_PATIENT_OPTS_INIT;
    rgq_labels *labels = NULL;
    rgq_scan ct = {0};

    RGQ_TRY(err, read_labels(&labels, body->labels, log, err));
    if (body->ct[0] != '\0')
        RGQ_TRY(err, rgq_scan_read(&ct, body->ct, NULL, log, err));
    RGQ_TRY(err, rgq_patient_anatomy(&body->anatomy, labels, ct.volume, NULL, &opts, err));
    if (rgq_patient_is_cut(body->anatomy))
        RGQ_WARN(log, "the body reaches the border of the labels: cross dose from outside the "
                      "field of view is missing");
out:
    rgq_scan_release(&ct);
    rgq_labels_free(labels);
    return st;
}

rgq_status rgq_dose_body_build(rgq_dose_body *body, const rgq_log *log, rgq_error *err)
{
    if (body->anatomy != NULL || body->kind == RGQ_BODY_SPHERE)
        return RGQ_OK;
    if (body->kind == RGQ_BODY_LABELS)
        return build_patient(body, log, err);
    return rgq_stylised_create(
        &body->anatomy, body->kind == RGQ_BODY_MALE ? RGQ_STYLISED_MALE : RGQ_STYLISED_FEMALE,
        body->voxel_mm, err);
}

rgq_status rgq_dose_body_key(char out[RGQ_SHA256_TEXT], rgq_dose_body *body, const rgq_log *log,
                             rgq_error *err)
{
    if (body->kind == RGQ_BODY_MALE || body->kind == RGQ_BODY_FEMALE)
        return rgq_stylised_key(
            out, body->kind == RGQ_BODY_MALE ? RGQ_STYLISED_MALE : RGQ_STYLISED_FEMALE,
            body->voxel_mm, err);
    RGQ_PASS(err, rgq_dose_body_build(body, log, err));
    return rgq_anatomy_hash(out, body->anatomy, err);
}
