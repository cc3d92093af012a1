#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "io/tiff.h"
#include "io/tiff_pages.h"
#include "io/tiff_text.h"

/* What the side file says of the grid; NaN and 0 where it is silent. */
typedef struct side_grid {
    double voxel_mm[3];
    int n_frames;
} side_grid;

static rgq_status take_sizes(side_grid *out, const rgq_json *root, const char *key, double mm,
                             const char *name, rgq_error *err)
{
    double values[3];

    if (rgq_json_get(root, key) == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_need_reals(values, 3, root, key, name, err));
    for (int i = 0; i < 3; i++) {
        out->voxel_mm[i] = values[i] * mm;
        if (!(out->voxel_mm[i] > 0.0))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' item %d is %g, a size > 0 was needed",
                             name, key, i, values[i]);
    }
    return RGQ_OK;
}

static rgq_status take_side_grid(side_grid *out, const rgq_json *root, const char *name,
                                 rgq_error *err)
{
    static const struct {
        const char *word;
        double mm;
    } units[] = {{"mm", 1.0}, {"um", 1e-3}, {"nm", 1e-6}};
    const char *word = rgq_json_text(rgq_json_get(root, "PixelSizeUnits"), "");
    const rgq_json *frames = rgq_json_get(root, "FrameTimesStart");

    if (rgq_json_is_array(frames) && rgq_json_count(frames) > 0 &&
        rgq_json_count(frames) <= RGQ_FRAMES_MAX)
        out->n_frames = (int)rgq_json_count(frames);
    if (rgq_json_get(root, "VoxelSize") != NULL)
        return take_sizes(out, root, "VoxelSize", 1.0, name, err);
    if (rgq_json_get(root, "PixelSize") == NULL)
        return RGQ_OK;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(word, units[i].word) == 0)
            return take_sizes(out, root, "PixelSize", units[i].mm, name, err);
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: 'PixelSizeUnits' is '%.20s', nm, um or mm was needed for 'PixelSize'",
                     name, word);
}

static rgq_status read_side_grid(side_grid *out, const char *side_file, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    *out = (side_grid){{(double)NAN, (double)NAN, (double)NAN}, 0};
    if (side_file == NULL)
        return RGQ_OK;
    RGQ_TRY(err, rgq_json_load(&root, side_file, err));
    RGQ_TRY(err, take_side_grid(out, root, side_file, err));
out:
    rgq_json_free(root);
    return st;
}

/* ---- slices and frames ---- */

/* All pages are n_z * n_t. */
static rgq_status take_layout(int *n_z, int *n_t, const rgq_tiff_info *info,
                              const rgq_tiff_text *text, const side_grid *side, rgq_error *err)
{
    const int channels = text->size[3] > 0 ? text->size[3] : 1;
    const int pages = info->n_pages;

    if (channels > 1 && !(info->channels == 3 && channels == 3))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the file has %d channels; a scan has one value a voxel", channels);
    if (text->is_ome && ((text->size[0] > 0 && text->size[0] != info->width) ||
                         (text->size[1] > 0 && text->size[1] != info->height)))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the OME-XML says %d x %d pixels, the pages have %d x %d",
                         text->size[0], text->size[1], info->width, info->height);
    *n_z = text->size[2];
    *n_t = text->size[4];
    if (*n_z == 0 && *n_t == 0) {
        *n_t = side->n_frames > 1 ? side->n_frames : 1;
        *n_z = pages / *n_t;
    } else if (*n_z == 0) {
        *n_z = 1;
    } else if (*n_t == 0) {
        *n_t = 1;
    }
    if (*n_z < 1 || (long long)*n_z * *n_t != pages)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file has %d pages, %s %d slices in %d frames; where they lie in "
                         "several files, put them into one",
                         pages,
                         text->size[2] + text->size[4] > 0 ? "its description says"
                                                           : "the side file asks for",
                         *n_z, *n_t);
    if (*n_z > RGQ_GRID_SIDE_MAX || *n_t > RGQ_FRAMES_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%d slices in %d frames; at most %d and %d are read", *n_z, *n_t,
                         (int)RGQ_GRID_SIDE_MAX, (int)RGQ_FRAMES_MAX);
    return RGQ_OK;
}

/* Each page once. Planes that lie in another file of a set have the page numbers of that file.
 */
static rgq_status check_order(const int *page, int n_z, int n_t, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int count = n_z * n_t;
    int *place = NULL;

    RGQ_TRY(err, rgq_alloc(&place, (size_t)count, sizeof *place, err));
    for (int i = 0; i < count; i++)
        place[i] = -1;
    for (int i = 0; i < count; i++) {
        const int first = place[page[i]];
        if (first >= 0) {
            st =
                RGQ_RAISE(err, RGQ_E_FORMAT,
                          "the OME-XML puts page %d to slice %d of frame %d and to slice %d of "
                          "frame %d; where planes lie in several files, put them into one",
                          page[i], first % n_z, first / n_z, i % n_z, i / n_z);
            goto out;
        }
        place[page[i]] = i;
    }
out:
    rgq_free(place);
    return st;
}

/* Python's tifffile describes arrays of any number of axes, mostly without their names. */
static void tell_shape(const rgq_tiff_info *info, const rgq_log *log)
{
    static const char begin[] = "{\"shape\": [";
    const char *text = info->description;
    int axes = 1;

    if (text == NULL || strncmp(text, begin, sizeof begin - 1) != 0)
        return;
    for (const char *c = text + sizeof begin - 1; *c != '\0' && *c != ']'; c++)
        axes += *c == ',';
    if (axes - (info->channels == 3 ? 1 : 0) > 3)
        RGQ_WARN(
            log,
            "the description tells of an array of %d axes; all %d pages are taken for slices "
            "of one frame, give FrameTimesStart in the side file if they are not",
            axes, info->n_pages);
}

static rgq_status take_order(int *page, int n_z, int n_t, const rgq_tiff_text *text,
                             const char *description, rgq_error *err)
{
    for (int t = 0; t < n_t; t++)
        for (int z = 0; z < n_z; z++)
            page[z + n_z * t] = text->time_first ? t + n_t * z : z + n_z * t;
    RGQ_PASS(err, rgq_tiff_text_place(page, text, n_z, n_z * n_t, description, err));
    return check_order(page, n_z, n_t, err);
}

/* ---- grid ---- */

static rgq_status take_grid(rgq_grid *grid, const rgq_tiff_text *text, const side_grid *side,
                            const rgq_log *log, rgq_error *err)
{
    const double *mm = isfinite(side->voxel_mm[0]) ? side->voxel_mm : text->voxel_mm;
    static const double sign[3] = {-1.0, -1.0, 1.0};

    if (text->has_affine && mm == text->voxel_mm) {
        memcpy(grid->affine, text->affine, sizeof grid->affine);
        return rgq_grid_check(grid, err);
    }
    for (int i = 0; i < 3; i++) {
        if (!isfinite(mm[i]))
            return RGQ_RAISE(err, RGQ_E_MISSING,
                             "the file does not state the size of a voxel along %c; put a side "
                             "file with \"VoxelSize\": [x, y, z] in mm beside it (same name, "
                             ".json), or name one with --side-file",
                             "xyz"[i]);
        grid->affine[i][i] = sign[i] * mm[i];
        grid->affine[i][3] = 0.0 - sign[i] * 0.5 * (grid->n[i] - 1) * mm[i];
    }
    RGQ_WARN(log, "TIFF names no directions: rows are taken to run to the left, columns to the "
                  "back and pages to the head");
    return rgq_grid_check(grid, err);
}

static rgq_status read_pages(rgq_volume *volume, rgq_tiff *tiff, const int *page,
                             const rgq_log *log, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const size_t slice = (size_t)grid->n[0] * (size_t)grid->n[1];

    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        float *to = rgq_volume_data(volume, f);
        for (int z = 0; z < grid->n[2]; z++)
            RGQ_PASS(err, rgq_tiff_page(tiff, to + (size_t)z * slice, page[z + grid->n[2] * f],
                                        err));
        rgq_log_progress(log, "reading", (double)(f + 1) / rgq_volume_n_frames(volume));
    }
    return rgq_volume_check_finite(volume, "in the file", err);
}

/* ImageJ's calibration of grey values. */
static rgq_status calibrate(rgq_volume *volume, const rgq_tiff_text *text, const rgq_log *log,
                            rgq_error *err)
{
    if (text->slope == 1.0 && text->intercept == 0.0)
        return RGQ_OK;
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        float *data = rgq_volume_data(volume, f);
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            data[i] = (float)(text->slope * (double)data[i] + text->intercept);
    }
    RGQ_WARN(log, "values are %g + %g * what is stored, as ImageJ's calibration says",
             text->intercept, text->slope);
    return rgq_volume_check_finite(volume, "after ImageJ's calibration", err);
}

static rgq_status read_all(rgq_scan *scan, rgq_tiff *tiff, const side_grid *side,
                           const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_tiff_info info = rgq_tiff_get_info(tiff);
    rgq_tiff_text text;
    rgq_grid grid = {.n = {info.width, info.height, 0}};
    int n_t = 0;
    int *page = NULL;

    RGQ_TRY(err, rgq_tiff_text_parse(&text, info.description, info.pixels_per_unit, err));
    RGQ_TRY(err, take_layout(&grid.n[2], &n_t, &info, &text, side, err));
    if (n_t == 1)
        tell_shape(&info, log);
    RGQ_TRY(err, take_grid(&grid, &text, side, log, err));
    RGQ_TRY(err, rgq_alloc(&page, (size_t)info.n_pages, sizeof *page, err));
    RGQ_TRY(err, take_order(page, grid.n[2], n_t, &text, info.description, err));
    RGQ_TRY(err, rgq_volume_create(&scan->volume, &grid, n_t, RGQ_UNIT_NATIVE, err));
    RGQ_TRY(err, read_pages(scan->volume, tiff, page, log, err));
    RGQ_TRY(err, calibrate(scan->volume, &text, log, err));
    rgq_fact_text_set(&scan->facts.units, text.value_unit, "ImageJ vunit");
    rgq_tiff_text_times(scan->volume, &text, info.description);
    (void)snprintf(scan->format, sizeof scan->format, "%s",
                   text.is_ome ? "OME-TIFF" : "TIFF stack");
    scan->n_files = 1;
out:
    rgq_free(page);
    return st;
}

rgq_status rgq_tiff_read(rgq_scan *scan, const char *path, const char *side_file,
                         const rgq_log *log, rgq_error *err)
{
    side_grid side;
    rgq_tiff *tiff = NULL;

    RGQ_PASS(err, read_side_grid(&side, side_file, err));
    rgq_status st = rgq_tiff_open(&tiff, path, log, err);
    if (st == RGQ_OK)
        st = read_all(scan, tiff, &side, log, err);
    rgq_tiff_close(tiff);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}
