/* What the C files of the DICOM reader and the C++ files around DCMTK tell each other. */
#ifndef RGQ_IO_DICOM_FILE_H
#define RGQ_IO_DICOM_FILE_H

#include "core/file.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RGQ_DICOM_UID_MAX = 72,    /* 64 by the standard; some files exceed it by a blank */
    RGQ_DICOM_WORD_MAX = 20,   /* CS: 16 */
    RGQ_DICOM_ITEMS_MAX = 2000 /* sequence items in a PET image; real ones have about 40 */
};

enum { RGQ_DICOM_DEPTH_MAX = 200 }; /* sequences and items inside each other */

#define RGQ_DICOM_PET_UID "1.2.840.10008.5.1.4.1.1.128"

/* ---- dicom_sniff.c: what a file is, without DCMTK ---- */

typedef struct rgq_dicom_sniff {
    bool is_dicom;
    bool has_meta;                      /* a complete group 0002 */
    char class_uid[RGQ_DICOM_UID_MAX];  /* (0002,0002), "" if it has none */
    char syntax_uid[RGQ_DICOM_UID_MAX]; /* (0002,0010), "" if it has none */
    long long bytes;                    /* size of the file */
} rgq_dicom_sniff;

/** RGQ_E_IO if the file cannot be read, RGQ_E_FORMAT if "DICM" is followed by a broken group
 *  0002. */
rgq_status rgq_dicom_sniff_file(rgq_dicom_sniff *out, const char *path, rgq_error *err);

/** Refuse a file with so many item tags that nested sequences could exhaust the stack of a
 *  recursive parser. Reads the whole file. */
rgq_status rgq_dicom_check_nesting(const char *path, rgq_error *err);

/** Refuse a file whose sequences nest deeper than any real object's (about 10 levels), for
 *  objects with many items side by side. Follows the elements; deflated files are refused. */
rgq_status rgq_dicom_check_depth(const char *path, const rgq_dicom_sniff *sniff,
                                 rgq_error *err);

/* ---- dicom_slice.cc: the header of one image ---- */

typedef struct rgq_dicom_slice {
    size_t file; /* index in the list of names */
    long long bytes;
    char class_uid[RGQ_DICOM_UID_MAX];
    char series_uid[RGQ_DICOM_UID_MAX];
    char modality[RGQ_DICOM_WORD_MAX];
    char units[RGQ_DICOM_WORD_MAX];
    char decay_correction[RGQ_DICOM_WORD_MAX];
    int rows, columns;
    int bits_allocated, bits_stored, high_bit;
    bool is_signed;
    bool is_float; /* (7FE0,0008) */
    bool is_compressed;
    double position_mm[3];   /* LPS, centre of the first pixel */
    double orientation[6];   /* unit vectors: along a row, along a column */
    double spacing_mm[2];    /* between rows, between columns */
    double thickness_mm;     /* NaN where unknown, as all below */
    double between_mm;       /* SpacingBetweenSlices */
    double slope, intercept; /* 1 and 0 where absent */
    bool slope_missing;
    double acquisition_s;
    double duration_s;
    double reference_s;
    double temporal_index; /* (0020,0100) */
    double image_index;    /* (0054,1330) */
    int n_slices_stated;   /* (0054,0081), 0 = absent */
    bool identifiers;
    double along_mm; /* set by the series: position along the normal */
    double order;    /* set by the series: what sorts the frames */
} rgq_dicom_slice;

/**
 * Read and check the header of one file. `out->class_uid` and `modality` are set for any
 * DICOM file; the rest only if it is a PET image (rgq_dicom_slice_is_pet).
 */
rgq_status rgq_dicom_slice_read(rgq_dicom_slice *out, const char *path, rgq_error *err);

/** Name of a SOP class ("RTStructureSetStorage"), or the UID itself. */
const char *rgq_dicom_class_name(const char *uid);

/* ---- dicom_facts.cc ---- */

/** Fill out->facts from one file of the series; voxels and slice times are not touched. */
rgq_status rgq_dicom_facts_read(rgq_scan *out, const char *path, const rgq_log *log,
                                rgq_error *err);

/* ---- dicom_pixels.cc ---- */

/** rows * columns voxels after slope and intercept; `work` has room for that many of
 *  bits_allocated. */
rgq_status rgq_dicom_pixels_read(float *out, void *work, const rgq_dicom_slice *slice,
                                 const char *path, rgq_error *err);

/* ---- dicom_series.c: slices to a grid ---- */

/** Sort the slices (frames outside, positions inside) and find the grid. */
rgq_status rgq_dicom_series_arrange(rgq_grid *grid, int *n_frames, rgq_dicom_slice *slice,
                                    size_t count, const rgq_names *names, const rgq_log *log,
                                    rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
