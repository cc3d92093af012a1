#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/bids.h"
#include "io/dicom.h"
#include "io/ecat.h"
#include "io/input.h"
#include "io/interfile.h"
#include "io/nifti.h"
#include "io/sidecar.h"
#include "io/tiff.h"
#include "rgdquant/scan_file.h"

enum { PEEK_BYTES = 540 };

/* What a user may have taken for a scan. */
static const struct {
    const char *begin;
    size_t length;
    const char *what;
} foreign[] = {
    {"PK\003\004", 4, "a ZIP archive; unpack it"},
    {"\037\213", 2, "damaged gzip data"},
    {"%PDF", 4, "a PDF document"},
    {"\211PNG", 4, "a PNG picture"},
    {"\377\330\377", 3, "a JPEG picture"},
    {"\211HDF", 4, "HDF5, perhaps MINC-2"},
    {"CDF", 3, "netCDF, perhaps MINC-1"},
    {"NRRD", 4, "NRRD"},
    {"ObjectType", 10, "MetaImage"},
    {"{", 1, "JSON; give the image, its side file is found beside it"},
};

static rgq_status unknown_content(const char *path, const unsigned char *bytes, size_t length,
                                  rgq_error *err)
{
    char shown[64] = "";
    const char *what = "nothing known";

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (length >= foreign[i].length &&
            memcmp(bytes, foreign[i].begin, foreign[i].length) == 0) {
            what = foreign[i].what;
            break;
        }
    char beside[RGQ_PATH_MAX];
    if (rgq_path_find_beside(beside, path, ".hv"))
        what = "the voxels of the Interfile header (.hv) beside it; give that";
    else if (rgq_path_find_beside(beside, path, ".h33"))
        what = "the voxels of the Interfile header (.h33) beside it; give that";
    else if (snprintf(beside, sizeof beside, "%s.hdr", path) < (int)sizeof beside &&
             rgq_path_exists(beside))
        what = "the voxels of the header beside it that ends in .hdr; give that";
    if (length == 0)
        what = "nothing: the file is empty, or its gzip data are damaged";
    for (size_t i = 0; i < length && i < 8; i++) {
        const int c = bytes[i];
        const size_t at = strlen(shown);
        (void)snprintf(shown + at, sizeof shown - at, c > 0x20 && c < 0x7f ? "%c" : "<%02x>",
                       (unsigned)c);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s is no scan that can be read: it begins with '%s', which looks like "
                     "%s; DICOM PET series, NIfTI-1/2, Interfile, ECAT 7 and TIFF are read",
                     path, shown, what);
}

/* What the format has no room for: from --side-file, else from `<base>.json` beside the image
 * and what it inherits from the dataset around it. */
static rgq_status read_side_file(rgq_scan *scan, const char *path, const char *lost,
                                 const rgq_scan_read_opts *opts, const rgq_log *log,
                                 rgq_error *err)
{
    if (opts->series_uid != NULL)
        RGQ_WARN(log, "%s is %s: a series has no meaning there", path, scan->format);
    return rgq_bids_read(scan, path, opts->side_file, lost, log, err);
}

/* pixdim[4] is one number for frames that differ in length, and often a default: it is told,
 * never used. */
static void tell_step(const rgq_volume *volume, const rgq_nifti_facts *facts,
                      const rgq_log *log)
{
    const rgq_frame first = rgq_volume_frame(volume, 0);

    if (facts->step_s > 0.0 && isnan(first.start_s) && isnan(first.duration_s))
        RGQ_WARN(
            log,
            "the NIfTI header says %g s from frame to frame, which cannot be told from a "
            "default and is not used; put FrameTimesStart and FrameDuration, in s, into the "
            "side file",
            facts->step_s);
}

static rgq_status read_nifti(rgq_scan *scan, const char *path, const rgq_scan_read_opts *opts,
                             const rgq_log *log, rgq_error *err)
{
    rgq_nifti_facts facts;

    RGQ_PASS(err, rgq_nifti_read(&scan->volume, &facts, path, log, err));
    (void)snprintf(scan->format, sizeof scan->format, "%s", facts.format);
    scan->n_files = facts.n_files;
    RGQ_PASS(err, read_side_file(scan, path, "unit, tracer and times are", opts, log, err));
    tell_step(scan->volume, &facts, log);
    return RGQ_OK;
}

/* Formats whose header states part of what a side file can hold. */
static rgq_status read_other(rgq_scan *scan, const char *path,
                             rgq_status (*reader)(rgq_scan *, const char *, const rgq_log *,
                                                  rgq_error *),
                             const rgq_scan_read_opts *opts, const rgq_log *log, rgq_error *err)
{
    RGQ_PASS(err, reader(scan, path, log, err));
    return read_side_file(scan, path, "what its header does not state is", opts, log, err);
}

/* The grid of a TIFF stack is not in the stack: --side-file, else `<base>.json` beside it. */
static rgq_status read_tiff(rgq_scan *scan, const char *path, const rgq_scan_read_opts *opts,
                            const rgq_log *log, rgq_error *err)
{
    char beside[RGQ_PATH_MAX];
    const char *side_file = opts->side_file;

    RGQ_PASS(err, rgq_path_beside(beside, path, ".json", err));
    if (side_file == NULL && rgq_path_exists(beside))
        side_file = beside;
    RGQ_PASS(err, rgq_tiff_read(scan, path, side_file, log, err));
    return read_side_file(scan, path, "unit, tracer and times are", opts, log, err);
}

static rgq_status read_dicom(rgq_scan *scan, const char *path, const rgq_scan_read_opts *opts,
                             const rgq_log *log, rgq_error *err)
{
    if (!rgq_dicom_is(path))
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "the folder %s holds no DICOM file, nor do those below it; give the folder of "
            "one series, or a NIfTI file",
            path);
    if (opts->side_file != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s is DICOM and takes no side file %s; options such as --weight-kg "
                         "replace what its header states",
                         path, opts->side_file);
    return rgq_dicom_read(scan, path, opts->series_uid, log, err);
}

/* Voxels without a magic word, whose header beside them decides; `*done` is false if there is
 * none. Other formats have files of that ending, too. */
static rgq_status read_half(rgq_scan *scan, bool *done, const char *path,
                            const rgq_scan_read_opts *opts, const rgq_log *log, rgq_error *err)
{
    unsigned char bytes[PEEK_BYTES];
    char header[RGQ_PATH_MAX];
    size_t length = 0;

    *done = (rgq_path_has_ending(path, ".img") || rgq_path_has_ending(path, ".img.gz")) &&
            rgq_path_find_beside(header, path, ".hdr");
    if (!*done)
        return RGQ_OK;
    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, header, err));
    if (rgq_interfile_is(bytes, length))
        return read_other(scan, header, rgq_interfile_read, opts, log, err);
    return read_nifti(scan, path, opts, log, err);
}

static rgq_status read_any(rgq_scan *scan, const char *path, const rgq_scan_read_opts *opts,
                           const rgq_log *log, rgq_error *err)
{
    unsigned char bytes[PEEK_BYTES];
    size_t length = 0;
    bool done = false;

    if (rgq_path_is_folder(path))
        return read_dicom(scan, path, opts, log, err);
    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    RGQ_PASS(err, read_half(scan, &done, path, opts, log, err));
    if (done)
        return RGQ_OK;
    if (rgq_nifti_is(bytes, length))
        return read_nifti(scan, path, opts, log, err);
    if (rgq_interfile_is(bytes, length))
        return read_other(scan, path, rgq_interfile_read, opts, log, err);
    if (rgq_ecat_is(bytes, length))
        return read_other(scan, path, rgq_ecat_read, opts, log, err);
    if (rgq_tiff_is(bytes, length))
        return read_tiff(scan, path, opts, log, err);
    if (rgq_dicom_is(path))
        return read_dicom(scan, path, opts, log, err);
    if (rgq_path_has_ending(path, ".img") || rgq_path_has_ending(path, ".img.gz"))
        return read_nifti(scan, path, opts, log, err); /* which names the half that is lost */
    return unknown_content(path, bytes, length, err);
}

rgq_status rgq_scan_read(rgq_scan *out, const char *path, const rgq_scan_read_opts *opts,
                         const rgq_log *log, rgq_error *err)
{
    const rgq_scan_read_opts none = RGQ_SCAN_READ_OPTS_INIT;

    *out = (rgq_scan){0};
    const rgq_status st = read_any(out, path, opts != NULL ? opts : &none, log, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_scan_release(out);
    }
    return st;
}

/* ---- write ---- */

static const rgq_write_opts plain = {false, NULL};

/* The side file is looked for before the image is written, and written after it. */
static rgq_status check_side_file(char side_file[RGQ_PATH_MAX], const char *path,
                                  const rgq_scan_facts *facts, const rgq_write_opts *opts,
                                  rgq_error *err)
{
    RGQ_PASS(err, rgq_path_beside(side_file, path, ".json", err));
    if (facts != NULL && !opts->force && rgq_path_exists(side_file))
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", side_file);
    return RGQ_OK;
}

static rgq_status write_side_file(const char *side_file, const char *path,
                                  const rgq_volume *volume, const rgq_scan_facts *facts,
                                  const rgq_write_opts *opts, rgq_error *err)
{
    if (facts == NULL)
        return RGQ_OK;
    const rgq_status st =
        rgq_sidecar_write(side_file, volume, facts, opts->description, opts->force, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        (void)remove(path); /* an image without its unit is worse than none */
    }
    return st;
}

rgq_status rgq_scan_write_nifti(const char *path, const rgq_volume *volume,
                                const rgq_scan_facts *facts, const rgq_write_opts *opts,
                                rgq_error *err)
{
    char side_file[RGQ_PATH_MAX];

    if (opts == NULL)
        opts = &plain;
    RGQ_PASS(err, check_side_file(side_file, path, facts, opts, err));
    RGQ_PASS(err, rgq_nifti_write(path, rgq_volume_grid(volume),
                                  &(rgq_nifti_voxels){.volume = volume}, opts->description,
                                  opts->force, err));
    return write_side_file(side_file, path, volume, facts, opts, err);
}

rgq_status rgq_scan_write_interfile(const char *path, const rgq_volume *volume,
                                    const rgq_scan_facts *facts, const rgq_write_opts *opts,
                                    rgq_error *err)
{
    char side_file[RGQ_PATH_MAX];
    char data[RGQ_PATH_MAX];

    if (opts == NULL)
        opts = &plain;
    const bool spect = facts != NULL && facts->modality.known &&
                       rgq_text_equal_nocase(facts->modality.value, "NM");
    RGQ_PASS(err, check_side_file(side_file, path, facts, opts, err));
    RGQ_PASS(err, rgq_interfile_write(path, volume, spect, opts->force, err));
    const rgq_status st = write_side_file(side_file, path, volume, facts, opts, err);
    if (st != RGQ_OK &&
        rgq_path_beside(data, path, rgq_text_ends_with(path, ".hv") ? ".v" : ".i33", NULL) ==
            RGQ_OK)
        (void)remove(data);
    return st;
}

rgq_status rgq_scan_write_tiff(const char *path, const rgq_volume *volume,
                               const rgq_scan_facts *facts, const rgq_write_opts *opts,
                               rgq_error *err)
{
    char side_file[RGQ_PATH_MAX];

    if (opts == NULL)
        opts = &plain;
    RGQ_PASS(err, check_side_file(side_file, path, facts, opts, err));
    RGQ_PASS(err, rgq_tiff_write(path, volume, opts->force, err));
    return write_side_file(side_file, path, volume, facts, opts, err);
}
