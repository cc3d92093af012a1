#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/interfile.h"
#include "io/patient_grid.h"
#include "io/samples.h"

/* Where the scanner's axes lie in the volume: Interfile knows no other directions. */
typedef struct axes {
    int from[3];     /* axis of the volume along the scanner's x, y, z */
    bool reverse[3]; /* it runs the other way */
    int n[3];
    double spacing_mm[3];
    double first_mm[3];
} axes;

static const rgq_patient_position head_first_supine = {false, false};

/* Each column of the affine must lie along one world axis, up to a 1e-4 of its length. */
static rgq_status find_axes(axes *out, const rgq_grid *grid, rgq_error *err)
{
    double spacing[3];
    double sign[3];

    rgq_grid_spacing_mm(grid, spacing);
    rgq_patient_signs(sign, head_first_supine);
    for (int w = 0; w < 3; w++) {
        int found = -1;
        for (int c = 0; c < 3; c++)
            if (fabs(fabs(grid->affine[w][c]) - spacing[c]) <= 1e-8 * spacing[c])
                found = c;
        if (found < 0)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "the grid is oblique; Interfile has no place for its directions, "
                             "write NIfTI or DICOM");
        out->from[w] = found;
        out->n[w] = grid->n[found];
        out->spacing_mm[w] = spacing[found];
        out->reverse[w] = grid->affine[w][found] * sign[w] < 0.0;
    }
    double corner[3];
    double world[3];
    for (int w = 0; w < 3; w++)
        corner[out->from[w]] = out->reverse[w] ? out->n[w] - 1.0 : 0.0;
    rgq_grid_to_world(grid, corner, world);
    for (int w = 0; w < 3; w++)
        out->first_mm[w] = 0.0 + sign[w] * world[w]; /* no minus in front of 0 */
    return RGQ_OK;
}

static void put_real(rgq_text *text, const char *key, int index, double value)
{
    char number[RGQ_REAL_TEXT_MAX];

    if (isfinite(value))
        rgq_text_printf(text, "%s[%d] := %s\n", key, index, rgq_format_real(value, number));
}

static void put_header(rgq_text *text, const rgq_volume *volume, const axes *a,
                       const char *data_name, bool spect)
{
    const int n_frames = rgq_volume_n_frames(volume);

    rgq_text_printf(text,
                    "!INTERFILE :=\n!imaging modality := %s\n!version of keys := %s\n"
                    "name of data file := %s\ndata offset in bytes := 0\n!GENERAL DATA :=\n"
                    "!GENERAL IMAGE DATA :=\n!type of data := %s\n"
                    "imagedata byte order := LITTLEENDIAN\npatient orientation := head_in\n"
                    "patient rotation := supine\n",
                    spect ? "nucmed" : "PET", spect ? "3.3" : "STIR4.0", data_name,
                    spect ? "Tomographic" : "PET");
    rgq_text_printf(text, spect ? "!SPECT STUDY (General) :=\n"
                                : "!PET STUDY (General) :=\n!PET data type := Image\n");
    rgq_text_printf(text, "process status := Reconstructed\n!number format := float\n"
                          "!number of bytes per pixel := 4\nnumber of dimensions := 3\n");
    for (int i = 0; i < 3; i++) {
        rgq_text_printf(text, "matrix axis label [%d] := %c\n!matrix size [%d] := %d\n", i + 1,
                        "xyz"[i], i + 1, a->n[i]);
        put_real(text, "scaling factor (mm/pixel) ", i + 1, a->spacing_mm[i]);
    }
    for (int i = 0; i < 3; i++)
        put_real(text, "first pixel offset (mm) ", i + 1, a->first_mm[i]);
    if (rgq_volume_unit(volume) != RGQ_UNIT_NATIVE)
        rgq_text_printf(text, "quantification units := %s\n",
                        rgq_unit_name(rgq_volume_unit(volume)));
    rgq_text_printf(text, "number of time frames := %d\n", n_frames);
    for (int f = 0; f < n_frames; f++) {
        const rgq_frame time = rgq_volume_frame(volume, f);
        put_real(text, "image duration (sec)", f + 1, time.duration_s);
        put_real(text, "image relative start time (sec)", f + 1, time.start_s);
    }
    rgq_text_printf(text, "!END OF INTERFILE :=\n");
}

/* One slice in the order of the scanner's axes. */
static void take_slice(float *to, const float *frame, const rgq_grid *grid, const axes *a,
                       int z)
{
    const ptrdiff_t stride[3] = {1, grid->n[0], (ptrdiff_t)grid->n[0] * grid->n[1]};
    const int k = a->reverse[2] ? a->n[2] - 1 - z : z;

    for (int y = 0; y < a->n[1]; y++) {
        const int j = a->reverse[1] ? a->n[1] - 1 - y : y;
        const float *row = frame + k * stride[a->from[2]] + j * stride[a->from[1]];
        for (int x = 0; x < a->n[0]; x++)
            *to++ = row[(a->reverse[0] ? a->n[0] - 1 - x : x) * stride[a->from[0]]];
    }
}

static rgq_status write_voxels(const char *path, const rgq_volume *volume, const axes *a,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)a->n[0] * (size_t)a->n[1];
    float *slice = NULL;
    FILE *file = NULL;
    bool good = true;

    RGQ_TRY(err, rgq_alloc(&slice, count, sizeof *slice, err));
    errno = 0;
    file = fopen(path, "wb");
    good = file != NULL;
    for (int f = 0; good && f < rgq_volume_n_frames(volume); f++)
        for (int z = 0; good && z < a->n[2]; z++) {
            take_slice(slice, rgq_volume_cdata(volume, f), rgq_volume_grid(volume), a, z);
            if (!rgq_is_little_endian())
                rgq_samples_swap((unsigned char *)slice, count, 4);
            good = fwrite(slice, sizeof *slice, count, file) == count;
        }
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (!good)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write: %s",
                       errno != 0 ? strerror(errno) : "the medium is full");
out:
    rgq_free(slice);
    return st;
}

/* A name that the header can hold on one line and that reads back as it is. */
static rgq_status check_name(const char *name, rgq_error *err)
{
    const size_t length = strlen(name);

    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == '\\')
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s: a header cannot hold this file name; choose one without "
                             "control characters and backslashes",
                             name);
    if (length == 0 || name[0] == ' ' || name[length - 1] == ' ')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "'%s': a header cannot hold a file name that begins or ends with a "
                         "blank",
                         name);
    return RGQ_OK;
}

rgq_status rgq_interfile_write(const char *path, const rgq_volume *volume, bool spect,
                               bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char data_path[RGQ_PATH_MAX];
    rgq_outfile header = {.pending = false};
    rgq_outfile data = {.pending = false};
    rgq_text text = RGQ_TEXT_INIT;
    axes a;

    if (!rgq_text_ends_with(path, ".hv") && !rgq_text_ends_with(path, ".h33"))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: an Interfile header is named .hv or .h33",
                         path);
    RGQ_PASS(err, rgq_path_beside(data_path, path,
                                  rgq_text_ends_with(path, ".hv") ? ".v" : ".i33", err));
    RGQ_PASS(err, check_name(rgq_path_base(data_path), err));
    RGQ_PASS(err, find_axes(&a, rgq_volume_grid(volume), err));
    RGQ_TRY(err, rgq_outfile_begin(&header, path, force, err));
    RGQ_TRY(err, rgq_outfile_begin(&data, data_path, force, err));
    put_header(&text, volume, &a, rgq_path_base(data_path), spect);
    RGQ_TRY(err, rgq_text_check(&text, err));
    st = write_voxels(data.temp, volume, &a, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", data_path);
        goto out;
    }
    RGQ_TRY(err, rgq_file_write(header.temp, text.data, text.length, true, err));
    RGQ_TRY(err, rgq_outfile_commit(&data, err));
    st = rgq_outfile_commit(&header, err);
    if (st != RGQ_OK)
        (void)remove(data_path); /* voxels nobody can read are worse than none */
out:
    rgq_outfile_abandon(&header);
    rgq_outfile_abandon(&data);
    rgq_text_release(&text);
    return st;
}
