/**
 * @file ecat.h
 * @brief ECAT 7 volumes (".v", also gzipped): 8- and 16-bit volume files of one or more frames.
 *
 * Values are stored * scale_factor of the frame * ecat_calibration_factor, the last applied
 * once and only where the header says that the file is calibrated:
 *
 *   calibration_units 1 (calibrated), factor > 0    factor applied; unit is data_units
 *   calibration_units 1, factor 0, < 0 or no number  no factor; unit is data_units; warning
 *   calibration_units 0 (uncalibrated) or 2 (processed)
 *                                                    no factor, unit native; warning where the
 *                                                    factor is not 1 or data_units names a unit
 *
 * Voxels run from the patient's right to the left, front to back, head to feet for a patient
 * who lies head first and supine (assumed, with a warning, where patient_orientation is
 * unknown or decubitus); the middle of the grid is at 0, reconstruction offsets are left out.
 * Pixel sizes are centimetres and contain the zoom already. A frame's start and duration are
 * milliseconds after scan_start_time, which becomes the scan's time zero. dose_start_time is
 * the injection if it lies within two days of the scan. `dosage` has no unit anybody agrees on:
 * it is told, never used. A frame that the directory lacks or marks as deleted is left out,
 * with a warning that names it.
 */
#ifndef RGQ_IO_ECAT_H
#define RGQ_IO_ECAT_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** True if these first bytes of a (decompressed) file are ECAT 7. */
bool rgq_ecat_is(const unsigned char *bytes, size_t length);

/**
 * @brief Voxels, frames and facts.
 *
 * @param[in,out] scan  zeroed; what it holds on failure is released by the caller. `units` is
 *                      the header's word; it is not yet applied to the volume.
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (also a directory that turns back on itself);
 *         RGQ_E_GEOMETRY; RGQ_E_UNSUPPORTED (sinograms, gates, several beds, VAX floats);
 *         RGQ_E_NUMERIC; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_ecat_read(rgq_scan *scan, const char *path, const rgq_log *log,
                                        rgq_error *err);

#endif
