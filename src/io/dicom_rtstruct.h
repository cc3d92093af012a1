/* Regions from DICOM objects: contours of an RTSTRUCT, frames of a SEG. DCMTK is behind this
 * header; no C++ exception crosses it. */
#ifndef RGQ_IO_DICOM_RTSTRUCT_H
#define RGQ_IO_DICOM_RTSTRUCT_H

#include "io/dicom_file.h"
#include "rgdquant/regions.h"
#include "volume/contour.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RGQ_DICOM_RTSTRUCT_UID "1.2.840.10008.5.1.4.1.1.481.3"

/* A structure of the structure set. */
typedef struct rgq_rtstruct_roi {
    long long number; /* as the file writes it */
    char name[RGQ_REGION_NAME_MAX];
    char frame_uid[RGQ_DICOM_UID_MAX];
    rgq_contour *contour; /* closed planar ones with at least 3 points */
    size_t n_contours, capacity;
    size_t n_open;  /* contours left out: POINT, OPEN_PLANAR, OPEN_NONPLANAR */
    size_t n_short; /* contours left out: fewer than 3 points */
} rgq_rtstruct_roi;

typedef struct rgq_rtstruct {
    rgq_rtstruct_roi *roi;
    size_t n_rois;
} rgq_rtstruct;

/**
 * Every structure and its contours, in RAS+ mm. Zero `out`; it holds nothing on failure.
 * RGQ_E_FORMAT names the structure and the contour; numbers that a file claims are held against
 * its length before memory is asked for.
 */
rgq_status rgq_rtstruct_read(rgq_rtstruct *out, const char *path, rgq_error *err);
void rgq_rtstruct_release(rgq_rtstruct *set);

/** The structures on the voxels of a scan. `frame_uid` is the scan's frame of reference, or
 *  NULL where it is not known. */
rgq_status rgq_rtstruct_regions(rgq_regions **out, const rgq_rtstruct *set,
                                const rgq_grid *grid, const char *frame_uid, const rgq_log *log,
                                rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
