/* Main header and image subheader of ECAT 7, big-endian, checked. Private to ecat*.c. */
#ifndef RGQ_IO_ECAT_HEADER_H
#define RGQ_IO_ECAT_HEADER_H

#include "io/samples.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

enum { RGQ_ECAT_BLOCK = 512 };

/* What reading voxels needs of the main header. */
typedef struct rgq_ecat_main {
    int n_frames; /* as the header claims */
    int orientation;
    double plane_separation_mm;
    double factor; /* to apply to every voxel */
} rgq_ecat_main;

typedef struct rgq_ecat_image {
    rgq_sample sample;
    bool swapped;
    int n[3];
    double spacing_mm[3];
    double scale;
    double start_s;
    double duration_s;
    double decay_factor; /* NaN if not stated */
    bool decay_corrected;
} rgq_ecat_image;

/* Also fills the facts that stand in the main header. */
RGQ_MUST_CHECK rgq_status rgq_ecat_main_parse(rgq_ecat_main *out, rgq_scan *scan,
                                              const unsigned char *bytes, const rgq_log *log,
                                              rgq_error *err);

RGQ_MUST_CHECK rgq_status rgq_ecat_image_parse(rgq_ecat_image *out, const rgq_ecat_main *header,
                                               const unsigned char *bytes, rgq_error *err);

/* One number of 4 bytes. */
uint32_t rgq_ecat_u32(const unsigned char *bytes);

#endif
