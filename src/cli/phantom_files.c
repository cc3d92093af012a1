#include "cli/phantom_files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/reference.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/version.h"

/* ---- names ---- */

static rgq_status name_beside(char out[RGQ_PATH_MAX], const char *base, const char *ending,
                              rgq_error *err)
{
    const int n = snprintf(out, RGQ_PATH_MAX, "%s%s", base, ending);
    if (n < 0 || n >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path of an output has more than %d bytes",
                         (int)RGQ_PATH_MAX - 1);
    return RGQ_OK;
}

/* OUT without its ending: what the names of all outputs begin with. */
static rgq_status find_base(char base[RGQ_PATH_MAX], const char *path, bool is_dicom,
                            rgq_error *err)
{
    static const char *const endings[] = {".nii.gz", ".nii"};

    RGQ_PASS(err, name_beside(base, path, "", err));
    size_t length = strlen(base);
    while (is_dicom && length > 1 && base[length - 1] == '/')
        base[--length] = '\0';
    for (size_t i = 0; i < 2; i++) {
        if (!rgq_text_ends_with(base, endings[i]))
            continue;
        if (is_dicom)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%.400s: --format dicom writes a folder; give a name without %s",
                             path, endings[i]);
        base[length - strlen(endings[i])] = '\0';
        break;
    }
    if (rgq_path_base(base)[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.400s' names no file", path);
    return RGQ_OK;
}

static rgq_status refuse_existing(const rgq_phantom_files *files, rgq_error *err)
{
    const char *const paths[] = {files->scan,        files->side,  files->labels,
                                 files->label_names, files->truth, files->truth_json};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (paths[i][0] != '\0' && rgq_path_exists(paths[i]))
            return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", paths[i]);
    return RGQ_OK;
}

rgq_status rgq_phantom_files_plan(rgq_phantom_files *out, const char *path, bool is_dicom,
                                  bool force, rgq_error *err)
{
    char base[RGQ_PATH_MAX];
    const char *ending = is_dicom ? "" : ".nii.gz";

    memset(out, 0, sizeof *out);
    out->is_dicom = is_dicom;
    RGQ_PASS(err, find_base(base, path, is_dicom, err));
    if (!is_dicom && rgq_text_ends_with(path, ".nii"))
        ending = ".nii";
    RGQ_PASS(err, name_beside(out->scan, base, ending, err));
    if (!is_dicom)
        RGQ_PASS(err, name_beside(out->side, base, ".json", err));
    RGQ_PASS(err, name_beside(out->labels, base, "_labels.nii.gz", err));
    RGQ_PASS(err, name_beside(out->label_names, base, "_labels.tsv", err));
    RGQ_PASS(err, name_beside(out->truth, base, "_truth.tsv", err));
    RGQ_PASS(err, name_beside(out->truth_json, base, "_truth.json", err));
    if (force && is_dicom && rgq_path_exists(out->scan) && !rgq_path_is_folder(out->scan))
        return RGQ_RAISE(err, RGQ_E_IO, "%s is a file; --format dicom writes a folder",
                         out->scan);
    return force ? RGQ_OK : refuse_existing(out, err);
}

/* ---- the facts of the scan ---- */

/* A fixed day, so that the same phantom gives the same bytes at any time. */
static const char injection_iso[] = "2000-01-01T08:00:00";
static const char origin[] = "phantom";

static rgq_status set_times(rgq_scan_facts *facts, const rgq_phantom_scan *made, rgq_error *err)
{
    const bool has_injection = isfinite(made->uptake_s);
    double zero_s = 0.0;

    RGQ_PASS(err, rgq_time_from_iso(&zero_s, injection_iso, err));
    const double start_s = zero_s + (has_injection ? made->uptake_s : 0.0);
    if (has_injection) {
        rgq_fact_set(&facts->injection_time_s, zero_s, origin);
        rgq_fact_set(&facts->injection_date_known, 1.0, origin);
    }
    rgq_fact_set(&facts->time_zero_s, zero_s, origin);
    rgq_fact_set(&facts->series_time_s, start_s, origin);
    rgq_fact_set(&facts->acquisition_time_s, start_s, origin);
    rgq_fact_set(&facts->decay_reference_s, start_s, origin);
    return RGQ_OK;
}

static rgq_status set_facts(rgq_scan_facts *facts, const rgq_phantom_run *run, rgq_error *err)
{
    const rgq_phantom_scan *made = run->made;
    const rgq_nuclide *nuclide = run->nuclide;
    const bool is_pet = strcmp(made->modality, "PET") == 0;

    memset(facts, 0, sizeof *facts);
    rgq_fact_text_set(&facts->modality, is_pet ? "PT" : "NM", origin);
    rgq_fact_text_set(&facts->units, "BQML", origin);
    rgq_fact_text_set(&facts->decay_correction, "START", origin);
    rgq_fact_text_set(&facts->corrected_image, "DECY\\ATTN\\SCAT\\DTIM\\NORM", origin);
    rgq_fact_text_set(&facts->manufacturer, "rgdquant", origin);
    rgq_fact_text_set(&facts->model,
                      run->opts->fractional ? "phantom" : "phantom, binary edges", origin);
    rgq_fact_text_set(&facts->radiopharmaceutical, made->tracer, origin);
    rgq_fact_text_set(&facts->nuclide, made->nuclide, origin);
    rgq_fact_set(&facts->half_life_s, nuclide->half_life_s.value, origin);
    if (nuclide->positron_fraction.known)
        rgq_fact_set(&facts->positron_fraction, nuclide->positron_fraction.value, origin);
    if (isfinite(made->weight_kg))
        rgq_fact_text_set(&facts->sex, "O", origin);
    rgq_fact_set(&facts->weight_kg, made->weight_kg, origin);
    rgq_fact_set(&facts->height_m, made->height_m, origin);
    rgq_fact_set(&facts->injected_activity_bq, made->activity_bq, origin);
    return set_times(facts, made, err);
}

/* ---- the record ---- */

static rgq_status add_region(rgq_json *array, const rgq_table *truth, int row, rgq_error *err)
{
    rgq_json *entry = NULL;

    RGQ_PASS(err, rgq_json_add_object(&entry, array, NULL, err));
    for (int c = 0; c < rgq_table_n_columns(truth); c++) {
        const rgq_column *column = rgq_table_column(truth, c);
        if (!rgq_table_has(truth, row, c))
            continue;
        if (column->kind == RGQ_COLUMN_TEXT)
            RGQ_PASS(err, rgq_json_set_text(entry, column->name, rgq_table_text(truth, row, c),
                                            err));
        else
            RGQ_PASS(err, rgq_json_set_real(entry, column->name, rgq_table_real(truth, row, c),
                                            err));
    }
    return RGQ_OK;
}

static rgq_status record_making(rgq_json *node, const rgq_phantom_run *run, rgq_error *err)
{
    const rgq_phantom_opts *opts = run->opts;
    const rgq_grid *grid = rgq_volume_grid(run->made->volume);
    const double count[3] = {grid->n[0], grid->n[1], grid->n[2]};
    double voxel_mm[3];

    rgq_grid_spacing_mm(grid, voxel_mm);
    RGQ_PASS(err, rgq_json_set_reals(node, "voxel_mm", voxel_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "voxels", count, 3, err));
    RGQ_PASS(err,
             rgq_json_set_text(node, "edges", opts->fractional ? "fractional" : "binary", err));
    RGQ_PASS(err, rgq_json_set_reals(node, "psf_fwhm_mm", opts->psf_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_real(node, "noise_percent", opts->noise_percent, err));
    RGQ_PASS(err, rgq_json_set_text(node, "noise_background",
                                    rgq_phantom_background(run->phantom), err));
    return rgq_json_set_int(node, "seed", (long long)opts->seed, err);
}

static rgq_status record_dose(rgq_json *root, const rgq_phantom_run *run, rgq_error *err)
{
    const rgq_phantom_scan *made = run->made;

    RGQ_PASS(err, rgq_json_set_text(root, "tracer", made->tracer, err));
    RGQ_PASS(err, rgq_json_set_text(root, "nuclide", made->nuclide, err));
    RGQ_PASS(err, rgq_json_set_real(root, "half_life_s", run->nuclide->half_life_s.value, err));
    RGQ_PASS(err, rgq_json_set_text(root, "half_life_source", run->nuclide->half_life_s.source,
                                    err));
    RGQ_PASS(err, rgq_json_set_real(root, "duration_s", made->duration_s, err));
    if (!isfinite(made->weight_kg))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_set_real(root, "weight_kg", made->weight_kg, err));
    RGQ_PASS(err, rgq_json_set_real(root, "height_m", made->height_m, err));
    RGQ_PASS(err, rgq_json_set_real(root, "injected_activity_bq", made->activity_bq, err));
    RGQ_PASS(err, rgq_json_set_real(root, "uptake_time_s", made->uptake_s, err));
    return rgq_json_set_real(root, "bqml_per_suvbw", made->bqml_per_suv, err);
}

rgq_status rgq_phantom_record(rgq_json **out, const rgq_phantom_run *run, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *node = NULL;
    int a = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "phantom", rgq_phantom_id(run->phantom), err));
    RGQ_TRY(err, rgq_json_set_text(root, "title", rgq_phantom_title(run->phantom), err));
    RGQ_TRY(err, rgq_phantom_activity_find(&a, run->phantom, run->opts->tracer, err));
    RGQ_TRY(err, rgq_json_set_text(root, "activity_set",
                                   rgq_phantom_activity_at(run->phantom, a)->id, err));
    RGQ_TRY(err, rgq_json_set_text(root, "activity_status",
                                   rgq_phantom_activity_at(run->phantom, a)->status, err));
    RGQ_TRY(err, record_dose(root, run, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "making", err));
    RGQ_TRY(err, record_making(node, run, err));
    RGQ_TRY(err, rgq_json_set_text(root, "version", rgq_version(), err));
    RGQ_TRY(err, rgq_json_add_array(&node, root, "regions", err));
    for (int r = 0; r < rgq_table_n_rows(run->made->truth); r++)
        RGQ_TRY(err, add_region(node, run->made->truth, r, err));
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

/* ---- writing ---- */

static rgq_status write_scan(const rgq_phantom_files *files, const rgq_phantom_run *run,
                             const rgq_write_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_scan *scan = NULL; /* large: its facts */

    RGQ_TRY(err, rgq_alloc(&scan, 1, sizeof *scan, err));
    scan->volume = run->made->volume; /* borrowed */
    RGQ_TRY(err, set_facts(&scan->facts, run, err));
    if (files->is_dicom) {
        RGQ_TRY(err, rgq_scan_complete_times(scan, err));
        RGQ_TRY(err, rgq_scan_write_dicom(files->scan, scan, opts, err));
    } else {
        RGQ_TRY(err, rgq_scan_write_nifti(files->scan, scan->volume, &scan->facts, opts, err));
    }
out:
    if (scan != NULL)
        rgq_free(scan->slice_time);
    rgq_free(scan);
    return st;
}

rgq_status rgq_phantom_files_write(const rgq_phantom_files *files, const rgq_phantom_run *run,
                                   const rgq_json *record, bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *extra = NULL;
    char description[80];
    const char *written[4] = {NULL};
    int n_written = 0;

    (void)snprintf(description, sizeof description, "rgdquant %s phantom %.40s", rgq_version(),
                   rgq_phantom_id(run->phantom));
    const rgq_write_opts opts = {force, description};
    RGQ_TRY(err, rgq_json_dump(&extra, record, err));
    RGQ_TRY(err, rgq_regions_write(files->labels, run->made->regions, &opts, err));
    written[n_written++] = files->labels;
    written[n_written++] = files->label_names;
    RGQ_TRY(err, rgq_table_write(files->truth, run->made->truth, extra, force, err));
    written[n_written++] = files->truth;
    written[n_written++] = files->truth_json;
    RGQ_TRY(err, write_scan(files, run, &opts, err));
out:
    for (int i = 0; i < n_written && st != RGQ_OK; i++)
        (void)remove(written[i]); /* a truth without its scan is of no use */
    rgq_free(extra);
    return st;
}
