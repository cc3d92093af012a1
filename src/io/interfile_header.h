/* What the keys of an Interfile header say about voxels, checked. Private to interfile*.c. */
#ifndef RGQ_IO_INTERFILE_HEADER_H
#define RGQ_IO_INTERFILE_HEADER_H

#include "core/file.h"
#include "io/interfile_keys.h"
#include "io/samples.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

typedef struct rgq_interfile_header {
    char data_name[RGQ_PATH_MAX]; /* beside the header; "" = behind the header itself */
    uint64_t offset;              /* of the first voxel */
    rgq_grid grid;
    int n_frames;
    rgq_samples how; /* slope and intercept that every frame has */
    uint64_t data_bytes;
} rgq_interfile_header;

RGQ_MUST_CHECK rgq_status rgq_interfile_header_take(rgq_interfile_header *out,
                                                    const rgq_interfile_keys *keys,
                                                    const rgq_log *log, rgq_error *err);

/* Facts, and the frame times of scan->volume. */
RGQ_MUST_CHECK rgq_status rgq_interfile_facts_take(rgq_scan *scan,
                                                   const rgq_interfile_keys *keys,
                                                   const rgq_log *log, rgq_error *err);

#endif
