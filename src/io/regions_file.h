/* Parts of the reader of regions that the reader of label maps shares. */
#ifndef RGQ_IO_REGIONS_FILE_H
#define RGQ_IO_REGIONS_FILE_H

#include "core/file.h"
#include "io/region_names.h"
#include "rgdquant/scan_file.h"

/** `*path` becomes that of the one file of regions if it is a folder (`inside` then holds it);
 *  is the file DICOM? What cannot be opened is left to the reader of NIfTI, which says why. */
RGQ_MUST_CHECK rgq_status rgq_regions_locate(const char **path, char inside[RGQ_PATH_MAX],
                                             bool *dicom, rgq_error *err);

/** A volume of one frame that holds weights between 0 and 1, and no label above 1? */
bool rgq_volume_holds_fractions(const rgq_volume *volume);

/** Masks, one a frame; rounding above 1 is cut in `volume`. */
RGQ_MUST_CHECK rgq_status rgq_regions_from_masks(rgq_regions **out, rgq_volume *volume,
                                                 const rgq_region_names *names, rgq_error *err);

/** The one text for a voxel that is no label. */
RGQ_MUST_CHECK rgq_status rgq_label_refuse(size_t voxel, float value, rgq_error *err);
/** The label a voxel means, which may be off by 0.01; false if it is none. */
bool rgq_label_of(int32_t *label, float value);

/** rgq_regions_place() with the words of the reader. */
RGQ_MUST_CHECK rgq_status rgq_regions_put_on(rgq_regions **regions, const char *path,
                                             const rgq_grid *grid,
                                             const rgq_regions_read_opts *opts,
                                             const rgq_log *log, rgq_error *err);

/** In front of RGQ_E_GEOMETRY: the command that resamples. */
void rgq_regions_explain_mismatch(rgq_error *err, const char *path,
                                  const rgq_regions_read_opts *opts);

/** Tell that voxels were reordered. */
void rgq_regions_tell_moved(const rgq_log *log, const char *path);

#endif
