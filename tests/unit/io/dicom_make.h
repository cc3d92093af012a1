/* Multi-frame objects for the tests, made with DCMTK. Voxel (x, y, z) of frame t is worth
 * made_value(), so that each tells where it belongs. */
#ifndef RGQ_DICOM_MAKE_H
#define RGQ_DICOM_MAKE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct made {
    int n[4]; /* x, y, z, t */
    double spacing_mm[3];
    double origin_mm[3]; /* LPS, of voxel (0, 0, 0) */
    double direction[6]; /* LPS: along x, along y */
    /* Enhanced */
    bool is_legacy;     /* Legacy Converted: units, times and dose in the unassigned groups */
    bool is_mapped;     /* unit and slope in the real world value mapping */
    bool has_no_times;  /* temporal position indices alone */
    bool lies_in_index; /* dimension indices all 1 */
    bool is_gated;      /* phases of the heart instead of times */
    bool is_loose;      /* with is_legacy: the slopes among what the conversion left over */
    /* NM */
    const char *image_type;
    double between_mm; /* SpacingBetweenSlices; 0 = absent */
    const char *unit_code, *units;
    double slope; /* RescaleSlope; 0 = absent */
    double dose;
    bool has_vector;
    bool has_no_place, has_no_direction;
    int n_windows;       /* NumberOfEnergyWindows; 0 = absent */
    int n_sets;          /* volumes in the file, one after the other; 0 = 1 */
    int n_frames_stated; /* 0 = the truth */
    int pixel_kind;      /* 0 int16, 1 uint16, 2 int32, 3 float, 4 double */
} made;

#define MADE_INIT                                                                              \
    {                                                                                          \
        .n = {4, 3, 5, 1}, .spacing_mm = {2.5, 3.0, 4.0}, .origin_mm = {10.0, -20.0, 30.0},    \
        .direction = {1, 0, 0, 0, 1, 0},                                                       \
        .image_type = "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION", .between_mm = 4.0,            \
        .unit_code = "", .units = "", .dose = 370.0                                            \
    }

/* 6, 12, ...: whole numbers that slopes of 1, 2 and 3 divide. */
static inline double made_value(const made *m, int x, int y, int z, int t)
{
    return 6.0 * (1 + x + m->n[0] * (y + m->n[1] * (z + m->n[2] * t)));
}

/** Frames in a mixed order, slopes of 1, 2, 3 by frame. Returns 0 if written. */
int make_enhanced(const char *path, const made *m);

/** Slices in the order z = 0, 1, ..., each `between_mm` along the normal from the last. */
int make_nm(const char *path, const made *m);

/** Write `from` with another transfer syntax; "deflate", "rle", "jpeg", "jpegls", "big",
 *  "implicit". */
int recode(const char *from, const char *to, const char *syntax);

#ifdef __cplusplus
}
#endif

#endif
