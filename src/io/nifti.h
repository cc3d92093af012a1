/**
 * @file nifti.h
 * @brief NIfTI-1, NIfTI-2 and Analyze 7.5 volumes: ".nii", ".nii.gz", pairs of ".hdr" and
 * ".img".
 *
 * The header is taken apart here with every number checked; niftilib does the quaternion
 * algebra and the byte swapping of headers. Its own loader is not used: it allocates what a
 * header claims and turns NaN into 0.
 */
#ifndef RGQ_IO_NIFTI_H
#define RGQ_IO_NIFTI_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/log.h"
#include "rgdquant/volume.h"

/** True if these first bytes of a (decompressed) file are a NIfTI or Analyze 7.5 header. */
bool rgq_nifti_is(const unsigned char *bytes, size_t length);

typedef struct rgq_nifti_facts {
    char format[32];    /**< "NIfTI-1", "NIfTI-2" or "Analyze 7.5" */
    int n_files;        /**< 1, or 2 for a pair */
    bool whole_numbers; /**< stored as integers and not scaled */
    double step_s; /**< from frame to frame, pixdim[4]; NaN where no unit of time is stated,
                        for one frame, and for a step of 1, which states nothing */
} rgq_nifti_facts;

/**
 * @brief Read every voxel of a file into a float volume of unit native.
 *
 * @param[out] out    caller frees it with rgq_volume_free(); NULL on failure
 * @param[out] facts  may be NULL
 * @param[in]  path   ".nii", ".nii.gz", or either half of a pair, in upper or lower case; gzip
 * is found by content
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (header or length); RGQ_E_GEOMETRY; RGQ_E_UNSUPPORTED
 *         (complex, RGB, more than one axis beyond space); RGQ_E_NUMERIC (voxels
 *         that are not finite, with their number); RGQ_E_NOMEM
 *
 * sform before qform before pixdim; the last is told as a warning, and so are two forms that
 * disagree by more than a tenth of a voxel. For Analyze 7.5 see io/analyze.h. A slope of 0 or
 * NaN means none. Memory: the volume and 1 MiB. What a header claims is held against the length
 * of the file before anything is allocated (1032 times the length for gzip, the most deflate
 * can do).
 */
RGQ_MUST_CHECK rgq_status rgq_nifti_read(rgq_volume **out, rgq_nifti_facts *facts,
                                         const char *path, const rgq_log *log, rgq_error *err);

/** What the voxels of an output are. */
typedef struct rgq_nifti_voxels {
    const rgq_volume *volume; /**< float32 of these, or ... */
    const int32_t *labels;    /**< ... a label map: int16 where the largest fits, else int32 */
} rgq_nifti_voxels;

/**
 * @brief Write NIfTI-1, little-endian, ".nii" or ".nii.gz" by the ending of `path`.
 *
 * A side of a grid is at most 32767 voxels and there are at most 10000 frames, so that
 * NIfTI-1 always suffices. sform (code 1) holds the affine; qform (code 1) too where the axes
 * are perpendicular, else it has code 0. mm and s, slope 1. gzip level 1 without a time stamp:
 * the bytes depend on the content alone.
 *
 * @param[in] grid         of the voxels
 * @param[in] description  up to 79 bytes go into `descrip`; NULL for none
 */
RGQ_MUST_CHECK rgq_status rgq_nifti_write(const char *path, const rgq_grid *grid,
                                          const rgq_nifti_voxels *voxels,
                                          const char *description, bool force, rgq_error *err);

#endif
