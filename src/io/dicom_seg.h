/* DICOM segmentation objects: frames of masks. DCMTK is behind this header; no C++ exception
 * crosses it. */
#ifndef RGQ_IO_DICOM_SEG_H
#define RGQ_IO_DICOM_SEG_H

#include "io/dicom_file.h"
#include "rgdquant/regions.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RGQ_DICOM_SEG_UID      "1.2.840.10008.5.1.4.1.1.66.4"
#define RGQ_DICOM_LABELMAP_UID "1.2.840.10008.5.1.4.1.1.66.7"

typedef struct rgq_seg_segment {
    int number; /* 1 .. 65535; 0 also in a label map */
    char name[RGQ_REGION_NAME_MAX];
} rgq_seg_segment;

typedef struct rgq_seg_frame {
    int segment;           /* index in rgq_seg.segment; 0 in a label map */
    double position_mm[3]; /* LPS, centre of the first pixel */
} rgq_seg_frame;

typedef struct rgq_seg {
    int rows, columns;
    bool is_fractional; /* 8 bits a pixel, else 1 */
    int label_bytes;    /* of a label map: 1 or 2 a pixel, which hold segment numbers; else 0 */
    int background;     /* of a label map: what stands for no segment */
    int fraction_max;   /* value that means 1 */
    double orientation[6]; /* LPS unit vectors: along a row, along a column */
    double spacing_mm[2];  /* between rows, between columns */
    double thickness_mm;   /* NaN where unknown */
    double between_mm;     /* SpacingBetweenSlices; NaN where unknown */
    char frame_uid[RGQ_DICOM_UID_MAX];
    rgq_seg_segment *segment;
    int n_segments;
    int *by_number; /* 65536: index of the segment of that number + 1, or 0 */
    rgq_seg_frame *frame;
    int n_frames;
    unsigned char *pixels; /* n_frames * rows * columns of bits (from the lowest) or bytes,
                              or of 2 bytes, the lower first */
} rgq_seg;

/**
 * Read a segmentation of type BINARY, FRACTIONAL or LABELMAP. Zero `out`; it holds nothing on
 * failure. RGQ_E_UNSUPPORTED for compressed pixels; RGQ_E_FORMAT for what is cut
 * short or contradicts itself. What the header claims is held against the length of the file
 * before memory is asked for.
 */
rgq_status rgq_seg_read(rgq_seg *out, const char *path, rgq_error *err);
void rgq_seg_release(rgq_seg *seg);

/**
 * The segments as regions on the grid of the frames: rows and columns as they are, slices at
 * the positions of the frames and evenly between them. `near` is the grid of a scan whose
 * spacing of slices is tried first, or NULL.
 *
 * Cost: one box of floats a segment, from its first to its last frame.
 */
rgq_status rgq_seg_regions(rgq_regions **out, const rgq_seg *seg, const rgq_grid *near,
                           const char *frame_uid, const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
