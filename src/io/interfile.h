/**
 * @file interfile.h
 * @brief Interfile 3.3 and STIR's dialect: a text header and a file of voxels beside it.
 *
 * Reconstructed volumes only: PET images, tomographic SPECT after reconstruction, static and
 * dynamic stacks. Projections, sinograms, gates and several energy windows are refused.
 *
 * Axes. x is the fastest, then y, then z, as in every dialect. For a patient who lies head
 * first and supine (assumed, with a warning, where the header is silent) x grows to the
 * patient's left, y to the back and z to the feet, which is STIR's scanner frame seen from the
 * bed; feet first turns x and z round, prone turns x and y round. `first pixel offset (mm)` is
 * the place of the first voxel in that frame; without it the middle of the grid is at 0.
 *
 * Values are stored * slope + intercept: `image scaling factor` of the frame, or
 * `rescale slope` / `rescale intercept`, or a `quantification units` that is a number; one of
 * them, never two. A `quantification units` that is a word is the unit. `calibration factor`
 * is not applied (STIR keeps it as a note); one that is not 1 is told as a warning.
 */
#ifndef RGQ_IO_INTERFILE_H
#define RGQ_IO_INTERFILE_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** True if these first bytes of a file are an Interfile header. */
bool rgq_interfile_is(const unsigned char *bytes, size_t length);

/**
 * @brief Voxels, frames and facts of the scan that a header describes.
 *
 * @param[in,out] scan  zeroed; what it holds on failure is released by the caller. `units` is
 *                      the header's word; it is not yet applied to the volume.
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (the key is named); RGQ_E_MISSING (a key that is
 *         needed); RGQ_E_GEOMETRY; RGQ_E_UNSUPPORTED (no volume); RGQ_E_NUMERIC; RGQ_E_NOMEM
 *
 * The data file must lie beside the header: of a name with folders in it the last part is
 * taken, with a warning. Frames begin where `data offset in bytes [f]` says. What the
 * header claims is held against the length of the data before memory is asked for.
 */
RGQ_MUST_CHECK rgq_status rgq_interfile_read(rgq_scan *scan, const char *path,
                                             const rgq_log *log, rgq_error *err);

/**
 * @brief Write a header (".hv", ".h33") and float32 little-endian voxels beside it (".v",
 *        ".i33").
 *
 * The slices are turned so that the patient lies head first and supine; positions are kept by
 * `first pixel offset (mm)`. No name, no date, no identifier.
 *
 * @param[in] spect  a tomographic nuclear medicine scan instead of PET
 * @return RGQ_OK; RGQ_E_ARGUMENT (name); RGQ_E_UNSUPPORTED (oblique grid); RGQ_E_IO;
 *         RGQ_E_NOMEM. Nothing is left behind on failure.
 */
RGQ_MUST_CHECK rgq_status rgq_interfile_write(const char *path, const rgq_volume *volume,
                                              bool spect, bool force, rgq_error *err);

#endif
