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
    RGQ_DICOM_UID_MAX = 72,           /* 64 by the standard; some files exceed it by a blank */
    RGQ_DICOM_WORD_MAX = 20,          /* CS: 16 */
    RGQ_DICOM_LOOSE_ITEMS_MAX = 2000, /* sequence items in a file of unclear structure */
    RGQ_DICOM_ITEMS_MAX = 500000,     /* and in any other: ten for each of 50000 frames */
    RGQ_DICOM_WALK_MAX = 32           /* sequences within sequences; real files reach 6 */
};

#define RGQ_DICOM_PET_UID          "1.2.840.10008.5.1.4.1.1.128"
#define RGQ_DICOM_LEGACY_PET_UID   "1.2.840.10008.5.1.4.1.1.128.1"
#define RGQ_DICOM_ENHANCED_PET_UID "1.2.840.10008.5.1.4.1.1.130"
#define RGQ_DICOM_NM_UID           "1.2.840.10008.5.1.4.1.1.20"
#define RGQ_DICOM_FOLDER_UID       "1.2.840.10008.1.3.10"

typedef enum rgq_dicom_kind {
    RGQ_DICOM_OTHER,
    RGQ_DICOM_CLASSIC,  /* PET, one frame a file */
    RGQ_DICOM_ENHANCED, /* Enhanced and Legacy Converted Enhanced PET */
    RGQ_DICOM_NM
} rgq_dicom_kind;

/* ---- dicom_sniff.c: what a file is, without DCMTK ---- */

typedef struct rgq_dicom_sniff {
    bool is_dicom;
    bool has_meta;                      /* a complete group 0002 */
    char class_uid[RGQ_DICOM_UID_MAX];  /* (0002,0002), "" if it has none */
    char syntax_uid[RGQ_DICOM_UID_MAX]; /* (0002,0010), "" if it has none */
    long long bytes;                    /* size of the file */
    long long dataset_at;               /* where what follows group 0002 begins */
} rgq_dicom_sniff;

/** RGQ_E_IO if the file cannot be read, RGQ_E_FORMAT if "DICM" is followed by a broken group
 *  0002. */
rgq_status rgq_dicom_sniff_file(rgq_dicom_sniff *out, const char *path, rgq_error *err);

bool rgq_dicom_is_vr(const unsigned char *b);
bool rgq_dicom_vr_is_long(const unsigned char *vr);

/* ---- dicom_walk.c: the structure of a data set, without recursion and without DCMTK ---- */

typedef struct rgq_dicom_layout {
    bool is_strict; /* every length fits into what contains it */
    bool is_big;    /* Explicit VR Big Endian */
    long items;
    long long pixels_at; /* native pixel data on the top level; -1 if none was found */
    long long pixels_bytes;
    unsigned pixels_element; /* 0x0010, 0x0008 (float) or 0x0009 (double) of group 7FE0 */
} rgq_dicom_layout;

/** RGQ_E_FORMAT if nested sequences could exhaust the stack of a recursive parser, or if there
 *  are so many items that parsing them could exhaust the memory. Skips over the pixels. */
rgq_status rgq_dicom_walk(rgq_dicom_layout *out, const char *path, const rgq_dicom_sniff *sniff,
                          rgq_error *err);

/* ---- dicom_inflate.c: a deflated data set as a file that is not ---- */

/** `path` itself, or a temporary file with the same elements if `sniff` says that they are
 *  deflated; then `*is_temporary` and `sniff` describes that file. Release with
 *  rgq_dicom_plain_release(). */
rgq_status rgq_dicom_plain(char out[RGQ_PATH_MAX], bool *is_temporary, rgq_dicom_sniff *sniff,
                           const char *path, rgq_error *err);
void rgq_dicom_plain_release(const char *plain, bool is_temporary);

/* ---- dicom_slice.cc: the header of a file ---- */

/* One slice of one frame, wherever it is stored. */
typedef struct rgq_dicom_slice {
    size_t file; /* index in the list of names */
    int frame;   /* within that file, from 0 */
    int n_frames;
    long long bytes;     /* of the file */
    long long pixels_at; /* of this frame in the file; -1 if a decoder is needed */
    rgq_dicom_kind kind;
    char class_uid[RGQ_DICOM_UID_MAX];
    char series_uid[RGQ_DICOM_UID_MAX];
    char instance_uid[RGQ_DICOM_UID_MAX];
    char modality[RGQ_DICOM_WORD_MAX];
    char units[RGQ_DICOM_WORD_MAX];
    char suv_type[RGQ_DICOM_WORD_MAX]; /* only where a unit code says it */
    char decay_correction[RGQ_DICOM_WORD_MAX];
    int rows, columns;
    int bits_allocated, bits_stored, high_bit;
    bool is_signed;
    bool is_float; /* (7FE0,0008), or (7FE0,0009) if 64 bits are allocated */
    bool is_compressed;
    double position_mm[3];   /* LPS, centre of the first pixel */
    double orientation[6];   /* unit vectors: along a row, along a column */
    double spacing_mm[2];    /* between rows, between columns */
    double thickness_mm;     /* NaN where unknown, as all below */
    double between_mm;       /* SpacingBetweenSlices */
    double slope, intercept; /* 1 and 0 where absent; a slope of 0 for a slice of zeros */
    bool slope_missing;
    bool is_thickness_step; /* NM: the step between slices is SliceThickness */
    double acquisition_s;
    double duration_s;
    double reference_s;
    double temporal_index; /* (0020,0100), (0020,9128) */
    double image_index;    /* (0054,1330) */
    double trigger_s;      /* (0018,1060) */
    bool is_gated;         /* a phase of a cycle, if several lie at one position */
    bool is_no_volume;     /* NM: projections, planar or gated images; after a refusal */
    bool is_attenuation_corrected;
    bool is_view; /* a localizer or a maximum-intensity projection */
    bool is_place_assumed, is_direction_assumed; /* NM without them */
    double padding_from, padding_to;             /* stored numbers outside the image */
    int n_slices_stated;                         /* (0054,0081), 0 = absent */
    bool identifiers;
    double along_mm; /* set by the series: position along the normal */
    double order;    /* set by the series: what sorts the frames */
} rgq_dicom_slice;

typedef struct rgq_dicom_list {
    rgq_dicom_slice *slice;
    size_t count, capacity;
} rgq_dicom_list;

rgq_status rgq_dicom_list_add(rgq_dicom_list *list, const rgq_dicom_slice *slice,
                              rgq_error *err);

/**
 * Read and check the header of one file and append its slices. `head` holds class, series and
 * modality of any DICOM file, also after a refusal; kind RGQ_DICOM_OTHER appends nothing.
 */
rgq_status rgq_dicom_slices_read(rgq_dicom_list *list, rgq_dicom_slice *head, size_t file,
                                 const char *path, const rgq_dicom_sniff *sniff,
                                 rgq_error *err);

/** Name of a SOP class ("RTStructureSetStorage"), or the UID itself. */
const char *rgq_dicom_class_name(const char *uid);

/** RGQ_DICOM_OTHER for what is no image this program reads. */
rgq_dicom_kind rgq_dicom_kind_of(const char *class_uid, const char *modality);

/* ---- dicom_facts.cc ---- */

/** Fill out->facts from the file of `slice`; voxels and slice times are not touched. */
rgq_status rgq_dicom_facts_read(rgq_scan *out, const rgq_dicom_slice *slice, const char *path,
                                const rgq_log *log, rgq_error *err);

/* ---- dicom_jpeg.c ---- */

/** Refuse a fragment on which DCMTK's search for the frame header would never end; every other
 *  fault is left to the decoder. RGQ_OK or RGQ_E_FORMAT. */
rgq_status rgq_dicom_jpeg_check(const unsigned char *bytes, size_t length, rgq_error *err);

/* ---- dicom_rle.c ---- */

/** `count` samples of `bytes` bytes each, in the order of this machine, from one fragment. */
rgq_status rgq_dicom_rle_decode(unsigned char *out, size_t count, size_t bytes,
                                const unsigned char *in, size_t size, rgq_error *err);

/* ---- dicom_pixels.cc ---- */

typedef struct rgq_dicom_pixels rgq_dicom_pixels;

/** Open the file of a slice for its pixels and those of its other frames. */
rgq_status rgq_dicom_pixels_open(rgq_dicom_pixels **out, const rgq_dicom_slice *slice,
                                 const char *path, rgq_error *err);
void rgq_dicom_pixels_close(rgq_dicom_pixels *pixels);

/** rows * columns voxels after slope and intercept; `work` has room for that many of
 *  bits_allocated. */
rgq_status rgq_dicom_pixels_read(rgq_dicom_pixels *pixels, float *out, void *work,
                                 const rgq_dicom_slice *slice, rgq_error *err);

/* ---- dicom_folder.c: which files, which series ---- */

enum { RGQ_DICOM_KINDS_MAX = 8 };

/* What lies in the folder. */
typedef struct rgq_dicom_found {
    char folder[RGQ_PATH_MAX];
    rgq_names names; /* relative to the folder */
    rgq_dicom_list list;
    size_t n_foreign; /* not DICOM */
    size_t foreign;   /* index of the first of them */
    char other_uid[RGQ_DICOM_KINDS_MAX][RGQ_DICOM_UID_MAX];
    size_t n_other[RGQ_DICOM_KINDS_MAX];
    size_t n_kinds;
    size_t n_no_volume;  /* NM files that hold no volume */
    rgq_error no_volume; /* why, for the first of them */
} rgq_dicom_found;

/** Names of the files of a folder and of those below it, four deep at most, relative to it and
 *  sorted by byte; nothing that begins with a dot. */
rgq_status rgq_dicom_tree_list(rgq_names *out, const char *folder, rgq_error *err);

/** The slices of the series asked for, in no order. Release also after a failure. */
rgq_status rgq_dicom_find(rgq_dicom_found *out, const char *path, const char *series_uid,
                          const rgq_log *log, rgq_error *err);
void rgq_dicom_found_release(rgq_dicom_found *found);

/* ---- dicom_copies.c: the same image stored twice ---- */

/** Drop slices that repeat another one: same SOP instance, header and voxels. */
rgq_status rgq_dicom_copies_drop(rgq_dicom_found *found, const rgq_log *log, rgq_error *err);

/* ---- dicom_times.c ---- */

/** Slice times and frame starts from the slices of `found`; tells what was assumed. */
rgq_status rgq_dicom_times_set(rgq_scan *scan, const rgq_dicom_found *found, const rgq_log *log,
                               rgq_error *err);

/* ---- dicom_series.c: slices to a grid ---- */

/** Sort the slices (frames outside, positions inside) and find the grid. */
rgq_status rgq_dicom_series_arrange(rgq_grid *grid, int *n_frames, rgq_dicom_slice *slice,
                                    size_t count, const rgq_names *names, const rgq_log *log,
                                    rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
