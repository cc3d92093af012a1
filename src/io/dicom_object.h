/* What dicom_write.c hands to the file that builds a DICOM object from it. */
#ifndef RGQ_IO_DICOM_OBJECT_H
#define RGQ_IO_DICOM_OBJECT_H

#include <stdint.h>

#include "io/dicom_file.h"
#include "rgdquant/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_DICOM_LO_MAX = 64 };

/** All images of a series share it. Times are NaN where unknown. */
typedef struct rgq_dicom_series {
    const rgq_scan_facts *facts;
    const char *units;            /* BQML or GML */
    const char *decay_correction; /* START, ADMIN or NONE */
    char description[RGQ_DICOM_LO_MAX + 1];
    char study_uid[RGQ_DICOM_UID_MAX];
    char series_uid[RGQ_DICOM_UID_MAX];
    char frame_of_reference_uid[RGQ_DICOM_UID_MAX];
    double series_time_s; /* always known */
    int n_frames, n_slices;
    int columns, rows;
    double row_direction[3], column_direction[3]; /* LPS unit vectors */
    double spacing_mm[3];                         /* along i, j, k */
    double origin_mm[3], step_mm[3];              /* LPS: first voxel, from slice to slice */
} rgq_dicom_series;

typedef struct rgq_dicom_image {
    const rgq_dicom_series *series;
    char instance_uid[RGQ_DICOM_UID_MAX];
    int frame, slice;
    char slope[RGQ_DICOM_WORD_MAX]; /* DS: what the pixels were divided by */
    const int16_t *pixels;
    int smallest, largest; /* of the pixels */
    double acquisition_s, duration_s, reference_s;
} rgq_dicom_image;

/** Write one object, explicit little endian. */
rgq_status rgq_dicom_image_write(const rgq_dicom_image *image, const char *path,
                                 rgq_error *err);

/** Standard code of a nuclide; NULLs if it is not in the table. */
typedef struct rgq_dicom_nuclide {
    const char *code, *meaning;
} rgq_dicom_nuclide;

/** Find a nuclide by any usual spelling ("F-18", "18F", "^18^Fluorine", "C-111A1"). */
rgq_dicom_nuclide rgq_dicom_nuclide_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
