/**
 * @file input.h
 * @brief A file of voxels on its way in, gzip undone, with the most bytes it can hold.
 *
 * What a header claims is held against `most` before anything is allocated.
 */
#ifndef RGQ_IO_INPUT_H
#define RGQ_IO_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/error.h"

struct gzFile_s;

/** gzip is found by its two magic bytes; anything else passes through. */
typedef struct rgq_input {
    struct gzFile_s *file;
    uint64_t most; /**< bytes it can hold: its length, for gzip 1032 times that */
    bool packed;   /**< gzip */
} rgq_input;

/** @return RGQ_OK; RGQ_E_IO if it is no readable regular file; RGQ_E_NOMEM. Texts name no path:
 *  the caller puts it in front. */
RGQ_MUST_CHECK rgq_status rgq_input_open(rgq_input *in, const char *path, rgq_error *err);

/** A zeroed or closed input is allowed. */
void rgq_input_close(rgq_input *in);

/** Up to `size` bytes (< 2^31); fewer at the end of the file. */
RGQ_MUST_CHECK rgq_status rgq_input_some(rgq_input *in, void *bytes, size_t size,
                                         size_t *length, rgq_error *err);

/** Exactly `size` bytes of the voxels, of which `done` of `whole` were read before. */
RGQ_MUST_CHECK rgq_status rgq_input_all(rgq_input *in, void *bytes, size_t size, uint64_t done,
                                        uint64_t whole, rgq_error *err);

/** Go to a byte of the (decompressed) file. Going back in gzip starts again from the front. */
RGQ_MUST_CHECK rgq_status rgq_input_seek(rgq_input *in, uint64_t offset, rgq_error *err);

/** At the end of the voxels: does gzip's checksum fit, if it stands here? */
RGQ_MUST_CHECK rgq_status rgq_input_end(rgq_input *in, rgq_error *err);

/** First bytes of a file, decompressed if it is gzip; `*length` is short for a short file.
 *  @return RGQ_OK; RGQ_E_IO if it is no readable regular file */
RGQ_MUST_CHECK rgq_status rgq_input_peek(unsigned char *bytes, size_t *length, size_t size,
                                         const char *path, rgq_error *err);

/** `path` without the ending of an image (.nii .hdr .img .hv .h33 .v .tif .tiff .ome.tif
 *  .ome.tiff .i33, in upper or lower case; NIfTI's and Interfile's also with .gz), plus
 *  `ending`; `out` holds RGQ_PATH_MAX bytes.
 *  @return RGQ_OK; RGQ_E_ARGUMENT if it does not fit */
RGQ_MUST_CHECK rgq_status rgq_path_beside(char *out, const char *path, const char *ending,
                                          rgq_error *err);

/** The same for a file that is there: `ending` as it is or in upper case, else with .gz behind.
 *  @return false if there is none; `out` is then undefined */
bool rgq_path_find_beside(char *out, const char *path, const char *ending);

/** Ends so, in upper or lower case. */
bool rgq_path_has_ending(const char *path, const char *ending);

#endif
