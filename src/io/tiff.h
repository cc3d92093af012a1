/**
 * @file tiff.h
 * @brief TIFF stacks: several pages of one size, OME-TIFF and ImageJ stacks among them.
 *
 * Samples: 8, 16, 32 and 64 bit, signed or not, and 32- and 64-bit float, in strips or tiles,
 * classic TIFF and BigTIFF, uncompressed or with LZW, deflate, PackBits or Zstandard. A picture
 * of three contiguous samples (RGB) is read as the mean of the three, with a warning; palettes,
 * alpha, several channels and pages of different sizes are refused. ImageJ's linear calibration
 * of grey values (signed 16 bit is stored so) is applied. Pages that are marked as
 * reduced copies are left out.
 *
 * Voxel size, in this order: the side file ("VoxelSize": [x, y, z] in mm; or BIDS microscopy's
 * "PixelSize" of three numbers with "PixelSizeUnits" nm, um or mm), OME-XML (PhysicalSizeX, Y,
 * Z), ImageJ (spacing, unit and the resolution tags). Without one of them the file is refused:
 * the resolution tags alone say nothing of z.
 *
 * Order of pages: OME's DimensionOrder and TiffData; ImageJ's slices before frames; else all
 * pages are slices, unless the side file's FrameTimesStart has more than one entry, which then
 * is the number of frames, each with all its slices in a row.
 *
 * TIFF names no directions: the first pixel is taken for the right, front and lowest, rows run
 * to the left, pages to the head, and the middle of the grid is at 0, with a warning. What
 * rgq_tiff_write() made carries its own affine in the OME-XML.
 */
#ifndef RGQ_IO_TIFF_H
#define RGQ_IO_TIFF_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** True if these first bytes of a file are TIFF or BigTIFF. */
bool rgq_tiff_is(const unsigned char *bytes, size_t length);

enum { RGQ_TIFF_VERSION_MAX = 32 };

/** Version of the library behind it, e.g. "4.5.0"; returns `buffer`. */
RGQ_API const char *rgq_tiff_version(char buffer[RGQ_TIFF_VERSION_MAX]);

/**
 * @brief Voxels, and the frame times that OME or ImageJ state.
 *
 * @param[in,out] scan       zeroed; what it holds on failure is released by the caller
 * @param[in]     side_file  for the voxel size alone; the caller reads the rest. NULL = none
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (also a chain of pages that runs in a circle);
 *         RGQ_E_MISSING (voxel size; the text says which key to add); RGQ_E_GEOMETRY;
 *         RGQ_E_UNSUPPORTED; RGQ_E_NUMERIC; RGQ_E_NOMEM
 *
 * What the pages claim is held against the length of the file and the best its compression can
 * do before memory is asked for.
 */
RGQ_MUST_CHECK rgq_status rgq_tiff_read(rgq_scan *scan, const char *path, const char *side_file,
                                        const rgq_log *log, rgq_error *err);

/** Write float32 pages, little-endian and uncompressed, z before time, with OME-XML that states
 *  sizes, frame times and the affine; BigTIFF from 4 GB on. The bytes depend on the content
 *  alone. */
RGQ_MUST_CHECK rgq_status rgq_tiff_write(const char *path, const rgq_volume *volume, bool force,
                                         rgq_error *err);

#endif
