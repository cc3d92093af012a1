#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/ecat.h"
#include "io/ecat_header.h"
#include "io/input.h"
#include "io/patient_grid.h"

enum { ROWS_PER_BLOCK = 31, FRAMES_MAX = 511 }; /* a matrix number has 9 bits for its frame */

/* A row of the directory that holds voxels. */
typedef struct matrix {
    int frame; /* from 1 */
    uint64_t block;
} matrix;

typedef struct directory {
    matrix row[FRAMES_MAX];
    int count;
    bool dead[FRAMES_MAX + 1]; /* stated, but not there */
} directory;

static rgq_status read_block(unsigned char *bytes, rgq_input *in, uint64_t block,
                             const char *what, rgq_error *err)
{
    size_t length = 0;

    if (block < 1 || block * RGQ_ECAT_BLOCK > in->most)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s stands in block %llu of a file of at most %llu blocks; it is "
                         "truncated or damaged",
                         what, (unsigned long long)block,
                         (unsigned long long)(in->most / RGQ_ECAT_BLOCK));
    RGQ_PASS(err, rgq_input_seek(in, (block - 1) * RGQ_ECAT_BLOCK, err));
    RGQ_PASS(err, rgq_input_some(in, bytes, RGQ_ECAT_BLOCK, &length, err));
    if (length < RGQ_ECAT_BLOCK)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the file ends in %s; it is truncated", what);
    return RGQ_OK;
}

static rgq_status add_row(directory *dir, const unsigned char *row, rgq_error *err)
{
    const uint32_t id = rgq_ecat_u32(row);
    const uint32_t block = rgq_ecat_u32(row + 4);
    const uint32_t status = rgq_ecat_u32(row + 12);
    const int frame = (int)(id & 0x1ff);

    if (id == 0 || frame == 0)
        return RGQ_OK;
    if ((id >> 12 & 0xf) != 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the file has several bed positions; files of one are read");
    if ((id >> 24 & 0x3f) > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "the file has gates; ungated files are read");
    if ((status != 1 && status != 2) || block < 3) {
        dir->dead[frame] = true;
        return RGQ_OK;
    }
    for (int i = 0; i < dir->count; i++)
        if (dir->row[i].frame == frame)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "the directory has frame %d twice", frame);
    dir->row[dir->count++] = (matrix){frame, block}; /* 511 different ones at the most */
    return RGQ_OK;
}

/* Blocks of the chain follow each other upwards, so that it cannot run in a circle. */
static rgq_status read_directory(directory *dir, rgq_input *in, rgq_error *err)
{
    unsigned char bytes[RGQ_ECAT_BLOCK];
    uint64_t block = 2;

    *dir = (directory){.count = 0};
    for (;;) {
        RGQ_PASS(err, read_block(bytes, in, block, "the directory", err));
        const uint32_t next = rgq_ecat_u32(bytes + 4);
        const uint32_t used = rgq_ecat_u32(bytes + 12);
        if (used > ROWS_PER_BLOCK)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "block %llu of the directory claims %u rows, it has room for %d",
                             (unsigned long long)block, used, (int)ROWS_PER_BLOCK);
        for (uint32_t i = 0; i < used; i++)
            RGQ_PASS(err, add_row(dir, bytes + 16 * ((size_t)i + 1), err));
        if (next <= 2)
            return RGQ_OK;
        if (next <= block)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the directory goes back from block %llu to block %u: it is "
                             "circular or damaged",
                             (unsigned long long)block, next);
        block = next;
    }
}

static int by_frame(const void *a, const void *b)
{
    return ((const matrix *)a)->frame - ((const matrix *)b)->frame;
}

/* Name the frames that are not there; `slot[f]` is the place of frame f in the volume. */
static rgq_status order_frames(int slot[FRAMES_MAX + 1], directory *dir,
                               const rgq_ecat_main *header, const rgq_log *log, rgq_error *err)
{
    char names[160] = "";
    size_t used = 0;

    for (int f = 0; f <= FRAMES_MAX; f++)
        slot[f] = -1;
    qsort(dir->row, (size_t)dir->count, sizeof dir->row[0], by_frame);
    for (int i = 0; i < dir->count; i++)
        slot[dir->row[i].frame] = i;
    for (int f = 1; f <= FRAMES_MAX; f++)
        if (slot[f] < 0 && (dir->dead[f] || f <= header->n_frames)) {
            const int n =
                snprintf(names + used, sizeof names - used, "%s%d", used > 0 ? ", " : "", f);
            if (n > 0 && (size_t)n < sizeof names - used)
                used += (size_t)n;
        }
    if (dir->count == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the directory holds none of the %d frames the header claims",
                         header->n_frames);
    if (used > 0)
        RGQ_WARN(log,
                 "frame %s is missing or marked as deleted, and left out; %d frame%s of "
                 "the %d the header claims are read",
                 names, dir->count, dir->count == 1 ? "" : "s", header->n_frames);
    else if (dir->count != header->n_frames)
        RGQ_WARN(log, "the header claims %d frames, the directory has %d; these are read",
                 header->n_frames, dir->count);
    return RGQ_OK;
}

static rgq_grid grid_of(const rgq_ecat_image *image, const rgq_ecat_main *header,
                        const rgq_log *log)
{
    /* feet first: 0 2 4 6, prone: 0 1, decubitus: 4 to 7, unknown: 8 */
    const int code = header->orientation;
    const rgq_patient_position position = {code >= 0 && code < 8 && code % 2 == 0,
                                           code == 0 || code == 1};

    if (code < 0 || code > 3)
        RGQ_WARN(log, "patient_orientation is %d (%s); %s first and supine is assumed", code,
                 code >= 4 && code < 8 ? "decubitus" : "unknown",
                 position.feet_first ? "feet" : "head");
    return rgq_patient_grid(image->n, image->spacing_mm, NULL, position);
}

static rgq_status check_same(const rgq_ecat_image *image, const rgq_ecat_image *first,
                             int frame, rgq_error *err)
{
    for (int i = 0; i < 3; i++)
        if (image->n[i] != first->n[i] ||
            fabs(image->spacing_mm[i] - first->spacing_mm[i]) > 1e-4 * first->spacing_mm[i])
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "frame %d has %d voxels of %g mm along %c, an earlier one %d of "
                             "%g mm; frames of one size are read",
                             frame, image->n[i], image->spacing_mm[i], "xyz"[i], first -> n[i],
                             first -> spacing_mm[i]);
    return RGQ_OK;
}

static uint64_t bytes_of(const rgq_ecat_image *image)
{
    return (uint64_t)image->n[0] * (uint64_t)image->n[1] * (uint64_t)image->n[2] *
           (uint64_t)rgq_sample_bytes(image->sample);
}

static rgq_status check_length(const rgq_input *in, const rgq_ecat_image *image,
                               const matrix *row, int n_frames, rgq_error *err)
{
    const uint64_t bytes = bytes_of(image); /* < 2^48 */
    const uint64_t end = row->block * RGQ_ECAT_BLOCK + bytes;

    if (end > in->most || bytes * (uint64_t)n_frames > in->most)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "frame %d claims %d x %d x %d voxels of %s from byte %llu on; the "
            "file cannot hold more than %llu bytes, it is truncated or damaged",
            row->frame, image->n[0], image->n[1], image->n[2], rgq_sample_name(image->sample),
            (unsigned long long)(row->block * RGQ_ECAT_BLOCK), (unsigned long long)in->most);
    return RGQ_OK;
}

/* Everything that reading one frame after the other needs. */
typedef struct frames {
    rgq_scan *scan;
    rgq_input in;
    rgq_ecat_main header;
    rgq_ecat_image first;
    directory dir;
    int slot[FRAMES_MAX + 1];
    unsigned char *raw;
    bool finite;
    const rgq_log *log;
} frames;

static rgq_status begin_volume(frames *s, const rgq_ecat_image *image, rgq_error *err)
{
    const rgq_grid grid = grid_of(image, &s->header, s->log);

    s->first = *image;
    RGQ_PASS(err, rgq_grid_check(&grid, err));
    return rgq_volume_create(&s->scan->volume, &grid, s->dir.count, RGQ_UNIT_NATIVE, err);
}

static rgq_status read_frame(frames *s, const matrix *row, rgq_error *err)
{
    unsigned char bytes[RGQ_ECAT_BLOCK];
    rgq_ecat_image image;

    RGQ_PASS(err, read_block(bytes, &s->in, row->block, "a subheader", err));
    const rgq_status st = rgq_ecat_image_parse(&image, &s->header, bytes, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "frame %d: ", row->frame);
        return st;
    }
    RGQ_PASS(err, check_length(&s->in, &image, row, s->dir.count, err));
    if (s->scan->volume == NULL)
        RGQ_PASS(err, begin_volume(s, &image, err));
    RGQ_PASS(err, check_same(&image, &s->first, row->frame, err));
    if (image.scale == 0.0)
        RGQ_WARN(s->log, "frame %d has the scale factor 0: all its voxels are 0", row->frame);

    rgq_volume *volume = s->scan->volume;
    const int slot = s->slot[row->frame];
    rgq_sample_reader reader = {
        &s->in,
        {image.sample, image.swapped, image.scale * s->header.factor, 0.0},
        s->raw,
        0,
        bytes_of(&image)};
    RGQ_PASS(err, rgq_sample_reader_read(&reader, rgq_volume_data(volume, slot),
                                         rgq_volume_count(volume), &s->finite, err));
    rgq_volume_set_frame(volume, slot, (rgq_frame){image.start_s, image.duration_s});
    if (slot == 0) {
        rgq_scan_facts *f = &s->scan->facts;
        rgq_fact_set(&f->decay_factor, image.decay_factor, "decay_corr_fctr");
        if (f->time_zero_s.known)
            rgq_fact_set(&f->acquisition_time_s, f->time_zero_s.value + image.start_s,
                         "scan_start_time");
        if (image.decay_corrected) {
            rgq_fact_text_set(&f->decay_correction, "START", "processing_code");
            rgq_fact_set(&f->decay_reference_s,
                         f->time_zero_s.known ? f->time_zero_s.value : (double)NAN,
                         "scan_start_time");
        }
    }
    return RGQ_OK;
}

static int by_block(const void *a, const void *b)
{
    const uint64_t x = ((const matrix *)a)->block;
    const uint64_t y = ((const matrix *)b)->block;
    return (x > y) - (x < y);
}

static rgq_status read_all(frames *s, const char *path, rgq_error *err)
{
    unsigned char bytes[RGQ_ECAT_BLOCK];

    RGQ_PASS(err, rgq_input_open(&s->in, path, err));
    RGQ_PASS(err, read_block(bytes, &s->in, 1, "the main header", err));
    RGQ_PASS(err, rgq_ecat_main_parse(&s->header, s->scan, bytes, s->log, err));
    RGQ_PASS(err, read_directory(&s->dir, &s->in, err));
    RGQ_PASS(err, order_frames(s->slot, &s->dir, &s->header, s->log, err));
    RGQ_PASS(err, rgq_alloc(&s->raw, RGQ_SAMPLES_CHUNK_BYTES, 1, err));
    /* in the order of the file: gzip cannot go back */
    qsort(s->dir.row, (size_t)s->dir.count, sizeof s->dir.row[0], by_block);
    for (int i = 0; i < s->dir.count; i++) {
        RGQ_PASS(err, read_frame(s, &s->dir.row[i], err));
        rgq_log_progress(s->log, "reading", (double)(i + 1) / s->dir.count);
    }
    if (!s->finite)
        RGQ_PASS(err, rgq_volume_check_finite(s->scan->volume, "in the file", err));
    (void)snprintf(s->scan->format, sizeof s->scan->format, "ECAT 7");
    s->scan->n_files = 1;
    return RGQ_OK;
}

rgq_status rgq_ecat_read(rgq_scan *scan, const char *path, const rgq_log *log, rgq_error *err)
{
    frames *s = NULL;

    RGQ_PASS(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->scan = scan;
    s->log = log;
    s->finite = true;
    const rgq_status st = read_all(s, path, err);
    rgq_input_close(&s->in);
    rgq_free(s->raw);
    rgq_free(s);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}
