/* What a source's side file says in the words of PET-BIDS and no fact holds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/bids_json.h"
#include "io/input.h"
#include "io/sidecar.h"

typedef enum kind { AS_IS, SECONDS, BY_FRAME } kind;

/* Nothing that names a person, a place, a device by number, or a moment on the clock. */
static const struct {
    const char *key;
    kind kind;
} carried[] = {
    {"BodyPart", AS_IS},
    {"TracerRadLex", AS_IS},
    {"TracerSNOMED", AS_IS},
    {"TracerMolecularWeight", AS_IS},
    {"TracerMolecularWeightUnits", AS_IS},
    {"InjectedMass", AS_IS},
    {"InjectedMassUnits", AS_IS},
    {"InjectedMassPerWeight", AS_IS},
    {"InjectedMassPerWeightUnits", AS_IS},
    {"SpecificRadioactivity", AS_IS},
    {"SpecificRadioactivityUnits", AS_IS},
    {"MolarActivity", AS_IS},
    {"MolarActivityUnits", AS_IS},
    {"InfusionRadioactivity", AS_IS},
    {"InfusionStart", SECONDS},
    {"InfusionSpeed", AS_IS},
    {"InfusionSpeedUnits", AS_IS},
    {"InjectedVolume", AS_IS},
    {"InjectionEnd", SECONDS},
    {"Purity", AS_IS},
    {"ModeOfAdministration", AS_IS},
    {"PharmaceuticalName", AS_IS},
    {"PharmaceuticalDoseAmount", AS_IS},
    {"PharmaceuticalDoseUnits", AS_IS},
    {"PharmaceuticalDoseRegimen", AS_IS},
    {"PharmaceuticalDoseTime", SECONDS},
    {"Anaesthesia", AS_IS},
    {"AcquisitionMode", AS_IS},
    {"ReconMethodName", AS_IS},
    {"ReconMethodParameterLabels", AS_IS},
    {"ReconMethodParameterUnits", AS_IS},
    {"ReconMethodParameterValues", AS_IS},
    {"ReconMethodImplementationVersion", AS_IS},
    {"ReconFilterType", AS_IS},
    {"ReconFilterSize", AS_IS},
    {"AttenuationCorrection", AS_IS},
    {"AttenuationCorrectionMethodReference", AS_IS},
    {"ScatterFraction", BY_FRAME},
    {"DecayCorrectionFactor", BY_FRAME},
    {"PromptRate", BY_FRAME},
    {"SinglesRate", BY_FRAME},
    {"RandomRate", BY_FRAME},
};

enum { N_CARRIED = sizeof carried / sizeof carried[0], BYTES_MAX = 1024 * 1024 };

static bool is_filled(const rgq_json *node)
{
    return node != NULL && !rgq_json_is_null(node) && !rgq_json_is_object(node) &&
           !rgq_text_equal_nocase(rgq_json_text(node, ""), "n/a");
}

/* A time from the source's TimeZero, or a list of them, to the new one. */
static rgq_status put_seconds(rgq_json *root, const char *key, const rgq_json *node,
                              double shift_s, rgq_error *err)
{
    rgq_json *list = NULL;

    if (!isfinite(shift_s))
        return RGQ_OK;
    if (rgq_json_is_number(node))
        return rgq_json_set_real(root, key, rgq_json_number(node, 0.0) + shift_s, err);
    if (!rgq_json_is_array(node))
        return RGQ_OK;
    for (size_t i = 0; i < rgq_json_count(node); i++)
        if (!rgq_json_is_number(rgq_json_at(node, i)))
            return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_array(&list, root, key, err));
    for (size_t i = 0; i < rgq_json_count(node); i++)
        RGQ_PASS(err,
                 rgq_json_set_real(list, NULL,
                                   rgq_json_number(rgq_json_at(node, i), 0.0) + shift_s, err));
    return RGQ_OK;
}

rgq_status rgq_bids_carry(rgq_json *root, const char *source, const rgq_scan *scan,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *from = NULL;
    const double shift_s = rgq_sidecar_shift_s(scan->volume, &scan->facts);
    const size_t n_frames = (size_t)rgq_volume_n_frames(scan->volume);

    RGQ_TRY(err, rgq_json_parse(&from, source, strlen(source), "the side file", err));
    for (int i = 0; i < N_CARRIED; i++) {
        const rgq_json *node = rgq_json_get(from, carried[i].key);
        if (!is_filled(node))
            continue;
        if (carried[i].kind == SECONDS)
            RGQ_TRY(err, put_seconds(root, carried[i].key, node, shift_s, err));
        else if (carried[i].kind == AS_IS ||
                 (rgq_json_is_array(node) && rgq_json_count(node) == n_frames))
            RGQ_TRY(err, rgq_json_set_copy(root, carried[i].key, node, err));
    }
out:
    rgq_json_free(from);
    return st;
}

static rgq_status take_layer(rgq_json *root, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *layer = NULL;

    RGQ_TRY(err, rgq_json_load(&layer, path, err));
    for (int i = 0; i < N_CARRIED; i++) {
        const rgq_json *node = rgq_json_get(layer, carried[i].key);
        if (node != NULL && rgq_json_get(root, carried[i].key) == NULL)
            RGQ_TRY(err, rgq_json_set_copy(root, carried[i].key, node, err));
    }
out:
    rgq_json_free(layer);
    return st;
}

rgq_status rgq_bids_source_keys(char **out, const char *scan_path, const char *side_file,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    char(*path)[RGQ_PATH_MAX] = NULL;
    int count = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_alloc(&path, RGQ_BIDS_FILES_MAX + 1, sizeof *path, err));
    if (side_file != NULL) {
        RGQ_TRY(err, take_layer(root, side_file, err));
    } else if (!rgq_path_is_folder(scan_path)) {
        RGQ_TRY(err, rgq_bids_all_side_files(path, &count, scan_path, err));
        for (int i = 0; i < count; i++)
            RGQ_TRY(err, take_layer(root, path[i], err));
    }
    RGQ_TRY(err, rgq_json_dump(out, root, err));
out:
    rgq_free(path);
    rgq_json_free(root);
    return st;
}
