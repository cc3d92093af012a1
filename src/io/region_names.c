#include "io/region_names.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/input.h"
#include "io/tsv.h"

enum { NAMES_MOST_BYTES = 16 * 1024 * 1024, SNAP_NUMBERS = 7 };

void rgq_region_names_release(rgq_region_names *names)
{
    rgq_free(names->row);
    *names = (rgq_region_names){NULL, 0};
}

static bool is_unknown(const char *cell)
{
    return cell[0] == '\0' || rgq_text_equal_nocase(cell, "n/a");
}

/* The name, else the abbreviation, else none. */
static const char *word_of(const rgq_tsv *table, int row, int name)
{
    const int abbreviation = rgq_tsv_find(table, "abbreviation");
    const char *word = rgq_tsv_cell(table, row, name);

    if (is_unknown(word) && abbreviation >= 0)
        word = rgq_tsv_cell(table, row, abbreviation);
    return is_unknown(word) ? "" : word;
}

static rgq_status from_table(rgq_region_names *out, const rgq_tsv *table, int index, int name,
                             rgq_error *err)
{
    if (table->n_rows == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&out->row, (size_t)table->n_rows, sizeof *out->row, err));
    for (int r = 0; r < table->n_rows; r++) {
        long long value = 0;
        const char *cell = rgq_tsv_cell(table, r, index);
        if (rgq_parse_int(&value, cell, 0, INT32_MAX, NULL) != RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the names beside the regions, line %d: index '%.40s' is not a "
                             "whole number >= 0",
                             r + 2, cell);
        out->row[r].index = (int)value;
        rgq_text_copy(out->row[r].name, sizeof out->row[r].name, word_of(table, r, name));
        out->n_rows = r + 1;
    }
    return RGQ_OK;
}

/* `*fits` tells whether it is such a table at all. */
static rgq_status read_table(rgq_region_names *out, bool *fits, const char *path,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {0, 0, NULL, NULL};

    RGQ_TRY(err, rgq_tsv_read(&table, path, err));
    const int index = rgq_tsv_find(&table, "index");
    const int name = rgq_tsv_find(&table, "name");
    *fits = index >= 0 && name >= 0;
    if (*fits)
        RGQ_TRY(err, from_table(out, &table, index, name, err));
out:
    rgq_tsv_release(&table);
    return st;
}

/* One line of an ITK-SNAP file into `row`: 7 numbers and a quoted name. */
static bool parse_snap_line(rgq_region_name *row, char *line)
{
    char *quote = strchr(line, '"');
    char *end = quote != NULL ? strrchr(quote, '"') : NULL;
    char *at = line;

    if (quote == NULL || end == quote)
        return false;
    *quote = *end = '\0';
    for (int i = 0; i < SNAP_NUMBERS; i++) {
        double value = 0.0;
        at += strspn(at, " \t");
        const size_t length = strcspn(at, " \t");
        if (length == 0)
            return false;
        const char kept = at[length];
        at[length] = '\0';
        if (rgq_parse_real(&value, at, 0.0, i == 0 ? INT32_MAX : 255.0, NULL) != RGQ_OK)
            return false;
        at[length] = kept;
        at += length;
        if (i == 0)
            row->index = (int)value;
    }
    rgq_text_copy(row->name, sizeof row->name, quote + 1);
    return at[strspn(at, " \t")] == '\0';
}

static rgq_status parse_snap(rgq_region_names *out, bool *fits, char *text, rgq_error *err)
{
    int capacity = 0;

    *fits = false;
    for (char *line = text; line != NULL;) {
        char *next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        const size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        line += strspn(line, " \t");
        if (line[0] != '#' && line[0] != '\0') {
            if (out->n_rows == capacity) {
                capacity = capacity > 0 ? 2 * capacity : 32;
                RGQ_PASS(err, rgq_realloc(&out->row, (size_t)capacity, sizeof *out->row, err));
            }
            out->row[out->n_rows] = (rgq_region_name){.index = 0};
            if (!parse_snap_line(&out->row[out->n_rows], line)) {
                rgq_region_names_release(out);
                *fits = false;
                return RGQ_OK;
            }
            out->n_rows++;
            *fits = true;
        }
        line = next;
    }
    return RGQ_OK;
}

static rgq_status read_snap(rgq_region_names *out, bool *fits, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;
    size_t length = 0;

    *fits = false;
    RGQ_TRY(err, rgq_file_read(&text, &length, path, NAMES_MOST_BYTES, err));
    if (strlen(text) == length)
        RGQ_TRY(err, parse_snap(out, fits, text, err));
out:
    rgq_free(text);
    return st;
}

static rgq_status read_named(rgq_region_names *out, const char *path, rgq_error *err)
{
    bool fits = false;

    if (rgq_text_ends_with(path, ".tsv"))
        RGQ_PASS(err, read_table(out, &fits, path, err));
    else
        RGQ_PASS(err, read_snap(out, &fits, path, err));
    if (!fits)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%.200s names no regions: a table (.tsv) with the columns 'index' and "
                         "'name' or an ITK-SNAP label file was needed",
                         path);
    return RGQ_OK;
}

/* In the folder of a label map or above it in its dataset: "dseg.tsv", "desc-x_dseg.tsv". */
static rgq_status read_inherited(rgq_region_names *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_bids_place place;
    rgq_names files = {NULL, 0};
    char folder[RGQ_PATH_MAX];
    char table[RGQ_PATH_MAX];
    char stem[256];
    bool fits = false;

    RGQ_PASS(err, rgq_bids_locate(&place, path, err));
    if (!place.in_dataset || !rgq_text_ends_with(place.stem, "_dseg"))
        return RGQ_OK;
    rgq_text_copy(folder, sizeof folder, place.folder);
    for (;;) {
        RGQ_TRY(err, rgq_folder_list(&files, folder, err));
        for (size_t i = 0; i < files.count && !fits; i++) {
            rgq_bids_stem(stem, sizeof stem, files.name[i]);
            if (!rgq_text_ends_with(files.name[i], ".tsv") ||
                !rgq_bids_applies(stem, place.stem))
                continue;
            RGQ_TRY(err, rgq_path_join(table, folder, files.name[i], err));
            RGQ_TRY(err, read_table(out, &fits, table, err));
        }
        rgq_names_release(&files);
        if (fits || strcmp(folder, place.root) == 0)
            break;
        folder[(size_t)(rgq_path_base(folder) - folder) - 1] = '\0';
    }
out:
    rgq_names_release(&files);
    return st;
}

static rgq_status read_beside(rgq_region_names *out, const char *path, const rgq_log *log,
                              rgq_error *err)
{
    static const char *const endings[] = {".tsv", "_dseg.tsv", ".label", ".txt"};
    char beside[RGQ_PATH_MAX];

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        bool fits = false;
        RGQ_PASS(err, rgq_path_beside(beside, path, endings[i], err));
        if (!rgq_path_exists(beside) || rgq_path_is_folder(beside))
            continue;
        if (i < 2)
            RGQ_PASS(err, read_table(out, &fits, beside, err));
        else
            RGQ_PASS(err, read_snap(out, &fits, beside, err));
        if (fits)
            return RGQ_OK;
        if (i < 2)
            RGQ_WARN(log,
                     "%s has no columns 'index' and 'name'; regions are called by their number",
                     beside);
        else
            RGQ_INFO(log, "%s is no ITK-SNAP label file", beside);
    }
    return read_inherited(out, path, err);
}

rgq_status rgq_region_names_load(rgq_region_names *out, const char *path, const char *names,
                                 const rgq_log *log, rgq_error *err)
{
    *out = (rgq_region_names){NULL, 0};
    const rgq_status st =
        names != NULL ? read_named(out, names, err) : read_beside(out, path, log, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_region_names_release(out);
    }
    return st;
}

rgq_status rgq_region_names_apply(rgq_regions *regions, const rgq_region_names *names,
                                  rgq_error *err)
{
    for (int r = 0; r < names->n_rows; r++)
        for (int i = 0; i < rgq_regions_count(regions) && names->row[r].name[0] != '\0'; i++)
            if (rgq_regions_at(regions, i)->label == names->row[r].index)
                RGQ_PASS(err, rgq_regions_rename(regions, i, names->row[r].name, err));
    return RGQ_OK;
}
