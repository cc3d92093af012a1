/**
 * @file scan_file.h
 * @brief Scans and regions from files and into files, whatever the format.
 *
 * Place in the pipeline: [files] -> scan -> volume -> ... -> [files]
 *
 * What a file is, is decided by its content. A format converts coordinates and applies the
 * file's own rescaling; it computes nothing else.
 */
#ifndef RGDQUANT_SCAN_FILE_H
#define RGDQUANT_SCAN_FILE_H

#include "rgdquant/blood.h"
#include "rgdquant/labels.h"
#include "rgdquant/log.h"
#include "rgdquant/psf.h"
#include "rgdquant/regions.h"
#include "rgdquant/scan.h"
#include "rgdquant/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_scan_read_opts {
    const char *series_uid; /**< DICOM folder with several series: which; NULL = there is one */
    const char *side_file;  /**< BIDS side file instead of the one beside the image; NULL */
} rgq_scan_read_opts;

#define RGQ_SCAN_READ_OPTS_INIT                                                                \
    {                                                                                          \
        NULL, NULL                                                                             \
    }

/**
 * @brief Read a scan: a folder or one file of a DICOM series, NIfTI-1/2, Interfile, ECAT 7,
 *        a TIFF stack.
 *
 * All but DICOM take a BIDS side file for what the format lacks: the one named, else
 * `<base>.json` beside the image. What it states goes before what the image's header states;
 * frame times and identifiers that only the header has are kept.
 *
 * @param[out] out  zeroed or released scan; caller releases it with rgq_scan_release(); holds
 *                  nothing on failure. The unit of the volume is what the file states: Bq/mL,
 *                  SUVbw (GML with SUVType BW or none), else native.
 * @return RGQ_OK; RGQ_E_IO, RGQ_E_FORMAT, RGQ_E_GEOMETRY, RGQ_E_UNSUPPORTED, RGQ_E_NUMERIC (a
 *         voxel is not finite), RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_read(rgq_scan *out, const char *path,
                                                const rgq_scan_read_opts *opts,
                                                const rgq_log *log, rgq_error *err);

typedef struct rgq_regions_read_opts {
    const char *names;     /**< table or ITK-SNAP file of names, or NULL: what lies beside */
    const char *frame_uid; /**< frame of reference of the scan, or NULL: not compared */
    const char *scan;      /**< what the user called the scan, for messages; NULL: "SCAN" */
} rgq_regions_read_opts;

#define RGQ_REGIONS_READ_OPTS_INIT                                                             \
    {                                                                                          \
        NULL, NULL, NULL                                                                       \
    }

/**
 * @brief Read regions onto the voxels of a scan: a NIfTI label map or 4-D mask, an RTSTRUCT, a
 *        DICOM SEG, or a folder that holds one RTSTRUCT or SEG.
 *
 * Contours of an RTSTRUCT are rasterised on `grid` (volume/contour.h: centre in polygon, holes
 * by even-odd). Voxels are put in the order of `grid` where they are some of its voxels
 * (rgq_regions_place()); nothing is resampled.
 *
 * @param[out] out   caller frees it with rgq_regions_free(); NULL on failure. Names are the ROI
 *                   names of an RTSTRUCT, the segment labels of a SEG, the names beside a NIfTI
 *                   file (<base>.tsv or <base>_dseg.tsv with the columns `index` and `name`,
 *                   <base>.label or .txt of ITK-SNAP), else the label number
 * @param[in]  grid  of the scan; NULL leaves the file's own grid (an RTSTRUCT has none)
 * @param[in]  opts  may be NULL
 * @return RGQ_OK; RGQ_E_GEOMETRY with both grids and the command that resamples; RGQ_E_MISSING
 *         for an RTSTRUCT without a grid; RGQ_E_FORMAT, RGQ_E_UNSUPPORTED, RGQ_E_IO,
 *         RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_read_on(rgq_regions **out, const char *path,
                                                      const rgq_grid *grid,
                                                      const rgq_regions_read_opts *opts,
                                                      const rgq_log *log, rgq_error *err);

/** rgq_regions_read_on() without a scan: on the file's own grid. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_read(rgq_regions **out, const char *path,
                                                   const rgq_log *log, rgq_error *err);

/**
 * @brief Read regions as partial-volume correction takes them: a label map where they can be
 *        one, masks where they overlap or are fractional.
 *
 * Names, formats, order of voxels and refusals as in rgq_regions_read_on(). A 3-D NIfTI of
 * whole numbers never becomes masks: while it is read it is held once (four bytes a voxel),
 * then two bytes a voxel are left. Of several masks one that is empty stays one, so that it is
 * missed by its name.
 *
 * @param[out] labels   label map on `grid`, or NULL; caller frees it with rgq_labels_free()
 * @param[out] regions  else these; caller frees it with rgq_regions_free(); exactly one of the
 *                      two is set, none on failure
 * @param[in]  grid     of the scan, not NULL
 * @param[in]  opts     may be NULL
 * @return as rgq_regions_read_on(); RGQ_E_FORMAT if there is no region
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_labels_read_on(rgq_labels **labels, rgq_regions **regions,
                                                     const char *path, const rgq_grid *grid,
                                                     const rgq_regions_read_opts *opts,
                                                     const rgq_log *log, rgq_error *err);

/** What a file says of a point spread function. Zero it; release with rgq_psf_file_release().
 */
typedef struct rgq_psf_file {
    rgq_psf psf;              /**< `psf.image` is `image` */
    rgq_volume *image;        /**< the measured kernel, or NULL */
    double uncertainty_mm[3]; /**< standard deviations of psf.fwhm_mm; NaN: not stated */
    double voxel_mm[3];       /**< of the image it was measured on; NaN: not stated */
    char method[160];         /**< how it was measured; "" if not stated */
    char source[160];         /**< "" for a kernel */
} rgq_psf_file;

/**
 * @brief Read the PSF of a scanner: psf.json, or a NIfTI image of a measured kernel; its
 * content decides which.
 *
 * psf.json is one object:
 *
 *     {"format": 1,
 *      "fwhm_mm": {"value": [4.1, 4.1, 4.6], "unit": "mm", "uncertainty": 0.2,
 *                  "source": "NEMA IEC phantom of 2026-01-31"},
 *      "voxel_mm": [2.0, 2.0, 2.0],
 *      "method": "edges of six spheres"}
 *
 * `fwhm_mm.value` is one number or three along the voxel axes x, y, z, each 0 to 1000 and not
 * all 0; it is the width of the PSF alone: the box of the voxel it was measured with is taken
 * out of it. `uncertainty` (standard deviation, one or three numbers of 0 or more), `voxel_mm`
 * and `method` may be absent. Any other key is refused.
 *
 * A kernel has one frame, an odd number of voxels along each axis, the centre of the PSF in the
 * middle voxel, and weights that add up to more than 0 (they are normalised where it is used).
 * A kernel whose centroid lies more than half a voxel from the middle is warned of.
 *
 * @param[out] out  zeroed or released; holds nothing on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (a key is missing, unknown or mistyped; neither JSON
 *         nor NIfTI; a kernel with an even side, several frames or a sum of 0); RGQ_E_UNIT (not
 *         mm); RGQ_E_NUMERIC (a voxel is not finite); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_psf_read(rgq_psf_file *out, const char *path,
                                               const rgq_log *log, rgq_error *err);

/** psf.json from memory; `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_psf_parse(rgq_psf_file *out, const char *text,
                                                size_t length, const char *name,
                                                rgq_error *err);

/** Frees what it holds and clears it; a zeroed one is allowed. */
RGQ_API void rgq_psf_file_release(rgq_psf_file *file);

typedef struct rgq_write_opts {
    bool force;              /**< replace existing files */
    const char *description; /**< one line for headers that have room for it, or NULL */
} rgq_write_opts;

/** Write NIfTI-1 (.nii or .nii.gz; NIfTI-2 where a side exceeds NIfTI-1), float32, and its BIDS
 *  side file (facts without identifiers). `facts` may be NULL: then no side file. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_write_nifti(const char *path,
                                                       const rgq_volume *volume,
                                                       const rgq_scan_facts *facts,
                                                       const rgq_write_opts *opts,
                                                       rgq_error *err);

/** Write an Interfile header (.hv or .h33), its float32 voxels (.v or .i33) and the BIDS side
 *  file. An oblique grid is refused. `facts` may be NULL: then no side file. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_write_interfile(const char *path,
                                                           const rgq_volume *volume,
                                                           const rgq_scan_facts *facts,
                                                           const rgq_write_opts *opts,
                                                           rgq_error *err);

/** Write a stack of float32 TIFF pages (.tif or .tiff), z before time, with OME-XML (sizes,
 *  times, affine), and the BIDS side file. `facts` may be NULL: then no side file. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_write_tiff(const char *path,
                                                      const rgq_volume *volume,
                                                      const rgq_scan_facts *facts,
                                                      const rgq_write_opts *opts,
                                                      rgq_error *err);

/**
 * @brief Write a folder of classic DICOM PET images, one a slice.
 *
 * Bq/mL becomes Units BQML, SUVbw GML with SUVType BW; another unit is refused. Signed 16 bit
 * with a slope of its own for each slice: voxels come back within half a slope, which is the
 * slice's largest absolute value / 32767. UIDs derive from the content, so that the same input
 * gives the same bytes. The patient is "ANONYMOUS".
 *
 * What the standard demands and the scan does not know is empty where that is allowed. Else:
 * series date and time are the earliest time known, 1970-01-01 without any; frame reference
 * time counts from there, 0 without times; factors of listed corrections are 1; DecayCorrection
 * of SUVbw is NONE. A nuclide without a standard code keeps its name under a private scheme.
 *
 * @return RGQ_OK; RGQ_E_UNIT; RGQ_E_MISSING (Bq/mL without decay_correction); RGQ_E_GEOMETRY
 *         (axes not perpendicular); RGQ_E_NUMERIC; RGQ_E_ARGUMENT (more than 65535 images);
 *         RGQ_E_IO (the folder holds files and not opts->force); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_write_dicom(const char *folder, const rgq_scan *scan,
                                                       const rgq_write_opts *opts,
                                                       rgq_error *err);

/** How a scan is called in a BIDS dataset, and what the scan itself does not know. */
typedef struct rgq_bids_opts {
    const char *subject;    /**< label of letters and digits; NULL = "01" */
    const char *session;    /**< label, or NULL for none */
    const char *task;       /**< label, or NULL */
    const char *tracer;     /**< label; NULL = letters and digits of the tracer's name */
    const char *name;       /**< of the dataset; NULL = "PET" */
    const char *authors;    /**< of the dataset, "A. Name; B. Name", or NULL */
    const char *set;        /**< "Key=Value;Key=Value" for the side file, or NULL */
    const char *source;     /**< JSON text of keys to take over where no fact holds them */
    const rgq_blood *blood; /**< tables that belong to the scan, or NULL */
    int n_blood;
    const char *description; /**< goes into the image and its side file, or NULL */
    const rgq_log *log;
} rgq_bids_opts;

/**
 * @brief Write a raw BIDS dataset of one scan into a new or empty folder, or add a participant
 *        or a session to a dataset.
 *
 * dataset_description.json, README, participants.tsv and its JSON (weight, height, sex where
 * known), sub-*[/ses-*]/pet/ with image, side file and blood. Times are those of the facts:
 * rgq_scan_forget_clock() before keeps the clock out. Required text nobody knows becomes "n/a",
 * with a warning that names the keys; required numbers are not made up.
 *
 * A folder with dataset_description.json is added to: its files stay but for participants.tsv,
 * which gets a row (other columns n/a); the new folder appears in one step, and the dataset is
 * locked meanwhile. Weight and height of a session go to sub-*_sessions.tsv.
 *
 * @return RGQ_OK; RGQ_E_MISSING with the options that supply what is missing; RGQ_E_ARGUMENT
 *         (a label, or `set`); RGQ_E_IO (the folder holds files but no dataset, or that
 *         participant and session); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_write_bids(const char *folder, const rgq_scan *scan,
                                                      const rgq_bids_opts *opts,
                                                      rgq_error *err);

/** Write a label map (int16, int32 where needed) and `<base>.tsv` with the names (BIDS dseg
 *  columns), or a 4-D float mask where regions overlap or are fractional. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_write(const char *path,
                                                    const rgq_regions *regions,
                                                    const rgq_write_opts *opts, rgq_error *err);

/** The same as a 4-D float mask, one region a frame, in any case. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_write_masks(const char *path,
                                                          const rgq_regions *regions,
                                                          const rgq_write_opts *opts,
                                                          rgq_error *err);

/** Write a table as TSV and its columns as JSON (".tsv" -> ".json"). `extra` is a JSON text
 *  merged into the companion at the top level, or NULL. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_table_write(const char *path, const rgq_table *table,
                                                  const char *extra, bool force,
                                                  rgq_error *err);

/** 8-bit RGB image, rows from the top; bytes depend on the pixels alone. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_png_write(const char *path, const unsigned char *rgb,
                                                int width, int height, bool force,
                                                rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
