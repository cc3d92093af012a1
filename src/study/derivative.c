/* Results under BIDS names. */
#include "study/derivative.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "io/bids.h"
#include "rgdquant/version.h"

/* ---- names ---- */

/* Letters and digits. */
static void label_of(char out[RGQ_BIDS_LABEL_MAX], const char *words)
{
    size_t n = 0;

    for (; *words != '\0' && n + 1 < RGQ_BIDS_LABEL_MAX; words++)
        if (isalnum((unsigned char)*words))
            out[n++] = *words;
    out[n] = '\0';
}

/* Does the standard put this part of a name before trc-? */
static bool is_before_tracer(const char *part)
{
    static const char *const keys[] = {"sub-",      "ses-", "sample-", "task-",
                                       "tracksys-", "acq-", "ce-"};

    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        if (strncmp(part, keys[k], strlen(keys[k])) == 0)
            return true;
    return false;
}

/* Length of the front of a name that stays before trc-. */
static size_t front_of(const char *name)
{
    size_t length = 0;

    while (is_before_tracer(name + length)) {
        length += strcspn(name + length, "_");
        if (name[length] == '\0')
            return length;
        length++;
    }
    return length > 0 ? length - 1 : 0;
}

void rgq_derivative_stem(char out[RGQ_DERIVATIVE_STEM_MAX], const char *name,
                         const char *tracer)
{
    char label[RGQ_BIDS_LABEL_MAX];
    const size_t front = front_of(name);

    label_of(label, tracer != NULL ? tracer : "");
    if (strstr(name, "_trc-") != NULL || label[0] == '\0')
        rgq_text_copy(out, RGQ_DERIVATIVE_STEM_MAX, name);
    else
        (void)snprintf(out, RGQ_DERIVATIVE_STEM_MAX, "%.*s_trc-%s%s", (int)front, name, label,
                       name + front);
}

bool rgq_derivative_name(char out[RGQ_PATH_MAX], const rgq_case *one, const char *file,
                         bool is_label_map)
{
    static const struct {
        const char *file;
        const char *end;
    } names[] = {{"measures.tsv", "desc-uptake_measures.tsv"},
                 {"measures.json", "desc-uptake_measures.json"},
                 {"regions.nii.gz", "desc-uptake_dseg.nii.gz"},
                 {"regions.tsv", "desc-uptake_dseg.tsv"},
                 {"surrogate.json", "desc-uptake_surrogate.json"},
                 {"report.html", "desc-uptake_report.html"},
                 {"overview.png", "desc-uptake_overview.png"},
                 {"calibrate.nii.gz", "desc-calibrated_pet.nii.gz"},
                 {"calibrate.json", "desc-calibrated_pet.json"},
                 {"filter.nii.gz", "desc-filtered_pet.nii.gz"},
                 {"filter.json", "desc-filtered_pet.json"},
                 {"pvc.nii.gz", "desc-pvc_pet.nii.gz"},
                 {"pvc.json", "desc-pvc_pet.json"},
                 {"run.json", "desc-uptake_run.json"}};
    char stem[RGQ_DERIVATIVE_STEM_MAX];
    const char *end = NULL;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].file, file) == 0)
            end = names[i].end;
    if (end == NULL || one->subject == NULL)
        return false;
    if (!is_label_map && strcmp(file, "regions.nii.gz") == 0)
        end = "desc-uptake_probseg.nii.gz";
    if (!is_label_map && strcmp(file, "regions.tsv") == 0)
        end = "desc-uptake_probseg.tsv";
    rgq_derivative_stem(stem, one->name, rgq_case_get(one, "tracer"));
    if (strcmp(file, "overview.png") == 0)
        (void)snprintf(out, RGQ_PATH_MAX, "%s/figures/%s_%s", one->subject, stem, end);
    else
        (void)snprintf(out, RGQ_PATH_MAX, "%s%s%s/pet/%s_%s", one->subject,
                       one->session != NULL ? "/" : "",
                       one->session != NULL ? one->session : "", stem, end);
    return true;
}

/* ---- the dataset ---- */

static const char ignored[] = "# what the standard has no names for\n"
                              "cases/\n"
                              "cases.tsv\n"
                              "cases.json\n"
                              "logs/\n"
                              "*.html\n"
                              "group_measures.*\n"
                              "sub-*/figures/\n"
                              "**/*_desc-uptake_measures.*\n"
                              "**/*_desc-uptake_surrogate.json\n"
                              "**/*_desc-uptake_run.json\n";

static const char readme[] =
    "Uptake of integrin tracers, measured with rgdquant\n"
    "\n"
    "sub-<label>.html            pictures and measures of a participant\n"
    "sub-<label>/[ses-<label>/]pet/\n"
    "  *_desc-uptake_measures.tsv    one row a region; the JSON file describes the columns\n"
    "  *_desc-uptake_dseg.nii.gz     the regions; names in the TSV file beside it\n"
    "                                (_probseg: masks that overlap or have fractions)\n"
    "  *_desc-uptake_surrogate.json  what the numbers say of the tracer's target\n"
    "  *_desc-uptake_report.html     the same for people\n"
    "  *_desc-uptake_run.json        version, options, inputs (SHA-256), library versions\n"
    "sub-<label>/figures/        maximum-intensity projections\n"
    "group_measures.tsv          all of them (rgdquant batch BIDS_DIR OUT_DIR group)\n"
    "group.html                  all cases at a glance, outliers, failures\n"
    "cases.tsv                   how each case ended, and why\n"
    "cases/                      the results as each case wrote them (the same files)\n"
    "logs/                       what each case said\n"
    "\n"
    "The word is tracer-target uptake; nothing here is an expression level.\n";

/* True if `inner` is BIDS_DIR/derivatives/<name>; told by going up twice. */
static bool lies_in(const char *bids_dir, const char *out_dir)
{
    char up[RGQ_PATH_MAX];
    rgq_bids_place here;
    rgq_bids_place there;

    if (bids_dir == NULL ||
        snprintf(up, sizeof up, "%s/../../dataset_description.json", out_dir) >= (int)sizeof up)
        return false;
    char root[RGQ_PATH_MAX];
    if (rgq_path_join(root, bids_dir, "dataset_description.json", NULL) != RGQ_OK)
        return false;
    return rgq_bids_locate(&here, up, NULL) == RGQ_OK &&
           rgq_bids_locate(&there, root, NULL) == RGQ_OK && here.folder[0] != '\0' &&
           strcmp(here.folder, there.folder) == 0;
}

static rgq_status fill(rgq_json *root, bool is_inside, rgq_error *err)
{
    rgq_json *list = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err,
             rgq_json_set_text(root, "Name", "rgdquant - uptake of integrin tracers", err));
    RGQ_PASS(err, rgq_json_set_text(root, "BIDSVersion", "1.9.0", err));
    RGQ_PASS(err, rgq_json_set_text(root, "DatasetType", "derivative", err));
    RGQ_PASS(err, rgq_json_add_array(&list, root, "GeneratedBy", err));
    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "Name", "rgdquant", err));
    RGQ_PASS(err, rgq_json_set_text(node, "Version", rgq_version(), err));
    RGQ_PASS(err, rgq_json_set_text(node, "Description",
                                    "measures of tracer-target uptake in regions of PET scans",
                                    err));
    if (!is_inside)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, root, "DatasetLinks", err));
    return rgq_json_set_text(node, "raw", "../..", err);
}

rgq_status rgq_derivative_describe(const char *bids_dir, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, fill(root, lies_in(bids_dir, out_dir), err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "dataset_description.json", err));
    RGQ_TRY(err, rgq_json_write(root, path, true, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, ".bidsignore", err));
    RGQ_TRY(err, rgq_file_write(path, ignored, strlen(ignored), true, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "README", err));
    RGQ_TRY(err, rgq_file_write(path, readme, strlen(readme), true, err));
out:
    rgq_json_free(root);
    return st;
}
