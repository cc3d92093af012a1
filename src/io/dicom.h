/* DICOM scans: PET with one image a slice, Enhanced PET, reconstructed tomograms of Nuclear
 * Medicine. DCMTK is behind this header and nowhere else; no C++ exception crosses it. */
#ifndef RGQ_IO_DICOM_H
#define RGQ_IO_DICOM_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** True for a DICOM file ("DICM" after a preamble of 128 bytes, or a data set without them) and
 *  for a folder that holds at least one, four folders deep at most. Reads 16 KB of a file at
 *  most. */
RGQ_API bool rgq_dicom_is(const char *path);

/**
 * @brief Read a series of PET images, or a reconstructed tomogram of Nuclear Medicine.
 *
 * Enhanced and Legacy Converted Enhanced PET: position, orientation, slope and times of each
 * frame from its functional groups; the unit from Units, RescaleType or, where neither says it,
 * the real world value mapping with its own slope. Dimension indices are not looked at.
 *
 * NM: RECON TOMO alone is a volume. Position and orientation from the Detector Information
 * Sequence, a negative SpacingBetweenSlices puts the slices on the other side of the first;
 * counts without a slope unless Units or a real world value mapping says otherwise; a dose in
 * MBq. A file is a volume by itself, or one slice of a series of such. Projections, planar and
 * gated images and maps of attenuation beside it are ignored. Without a position the middle of
 * the volume is the origin, without an orientation the slices are transverse (warnings).
 *
 * Slices are ordered by their position along the slice normal; InstanceNumber is not looked at.
 * Slope and intercept count slice by slice. MONOCHROME1 says how to display and changes no
 * number. Positions must be evenly spaced within 1 %; several images at each position are the
 * frames of a dynamic series, told apart by acquisition time, frame reference time, temporal
 * position, image index or trigger time (the first of these that differs everywhere); gated
 * images are refused. Where acquisition times do not grow with the frames, reference or trigger
 * times put their starts after the first; else those are NaN (warnings). An image stored in two
 * files (same SOP instance, times and voxels) is taken once; localizers and projections among
 * the slices are ignored (warnings). Pixels with the padding value are 0.
 *
 * @param[out] out   zeroed or released scan; caller releases it with rgq_scan_release(); holds
 *                   nothing on failure. k grows along the slice normal (row x column
 *                   direction); unit Bq/mL for BQML, SUVbw for GML with SUVType BW or none;
 *                   else native
 * @param[in] path   a folder and those below it (four deep; its DICOMDIR stands for it), or one
 *                   file: then its series, from its folder
 * @param[in] series_uid  which series, or NULL where there is one only
 * @param[in] log    what was ignored (INFO) or assumed (WARNING); may be NULL
 * @return RGQ_OK
 *         RGQ_E_ARGUMENT: several PET series (the message lists them), or not this one
 *         RGQ_E_GEOMETRY: missing, duplicate or mixed slices
 *         RGQ_E_FORMAT: a file is cut short, lacks what PET needs or contradicts itself
 *         RGQ_E_UNSUPPORTED: NM projections, planar and gated images, colour images, a
 *         compression that cannot be decoded; RGQ_E_NUMERIC, RGQ_E_IO, RGQ_E_NOMEM
 *
 * Doses below 1e4 are taken for MBq with a warning (no PET image comes from less than 10 kBq);
 * the origin of the fact says so.
 *
 * A damaged file stops the run, unless it says that it belongs to another series than the one
 * chosen. A slice that lacks at an end leaves no gap: NumberOfSlices is compared and a
 * difference told as a warning.
 *
 * Cost: each file is read twice (headers, then pixels); one slice of workspace.
 * A deflated data set is written to a temporary file (TMPDIR, else /tmp) while it is read.
 * Threads: the first call sets DCMTK up once, under a lock.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dicom_read(rgq_scan *out, const char *path,
                                                 const char *series_uid, const rgq_log *log,
                                                 rgq_error *err);

/** Version of DCMTK, e.g. "3.6.7"; never NULL. */
RGQ_API const char *rgq_dicom_version(void);

#ifdef __cplusplus
}
#endif

#endif
