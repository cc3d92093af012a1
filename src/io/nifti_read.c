#include <nifti2_io.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/input.h"
#include "io/nifti.h"
#include "io/nifti_header.h"
#include "io/samples.h"

static rgq_sample sample_of(int datatype)
{
    switch (datatype) {
    case NIFTI_TYPE_UINT8:
        return RGQ_SAMPLE_UINT8;
    case NIFTI_TYPE_INT8:
        return RGQ_SAMPLE_INT8;
    case NIFTI_TYPE_UINT16:
        return RGQ_SAMPLE_UINT16;
    case NIFTI_TYPE_INT16:
        return RGQ_SAMPLE_INT16;
    case NIFTI_TYPE_UINT32:
        return RGQ_SAMPLE_UINT32;
    case NIFTI_TYPE_INT32:
        return RGQ_SAMPLE_INT32;
    case NIFTI_TYPE_UINT64:
        return RGQ_SAMPLE_UINT64;
    case NIFTI_TYPE_INT64:
        return RGQ_SAMPLE_INT64;
    case NIFTI_TYPE_FLOAT64:
        return RGQ_SAMPLE_FLOAT64;
    default: /* the header was checked */
        return RGQ_SAMPLE_FLOAT32;
    }
}

static rgq_status read_voxels(rgq_volume *volume, rgq_input *in, const rgq_nifti_header *h,
                              const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_sample_reader reader = {
        in, {sample_of(h->datatype), h->swapped, h->slope, h->inter}, NULL, 0, h->data_bytes};
    bool finite = true;

    RGQ_TRY(err, rgq_alloc(&reader.raw, RGQ_SAMPLES_CHUNK_BYTES, 1, err));
    for (int f = 0; f < h->n_frames; f++) {
        RGQ_TRY(err, rgq_sample_reader_read(&reader, rgq_volume_data(volume, f),
                                            rgq_volume_count(volume), &finite, err));
        rgq_log_progress(log, "reading", (double)(f + 1) / h->n_frames);
    }
    RGQ_TRY(err, rgq_input_end(in, err));
    if (!finite)
        RGQ_TRY(err, rgq_volume_check_finite(volume, "in the file", err));
out:
    rgq_free(reader.raw);
    return st;
}

static rgq_status check_length(const rgq_input *in, const rgq_nifti_header *h, rgq_error *err)
{
    const uint64_t need = h->vox_offset + h->data_bytes; /* each is < 2^62 */

    if (need > in->most)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the header claims %d x %d x %d x %d voxels of %s from byte %llu on, "
                         "%llu bytes; the file cannot hold more than %llu, it is truncated or "
                         "its header is damaged",
                         h->grid.n[0], h->grid.n[1], h->grid.n[2], h->n_frames,
                         rgq_nifti_type_name(h->datatype), (unsigned long long)h->vox_offset,
                         (unsigned long long)need, (unsigned long long)in->most);
    return RGQ_OK;
}

static rgq_status read_header(rgq_nifti_header *h, rgq_input *in, const rgq_log *log,
                              rgq_error *err)
{
    unsigned char bytes[RGQ_NIFTI_HEADER_MAX];
    size_t length = 0;

    RGQ_PASS(err, rgq_input_some(in, bytes, sizeof bytes, &length, err));
    return rgq_nifti_header_parse(h, bytes, length, log, err);
}

/* The other half of a pair: same base. */
static rgq_status find_half(char *out, const char *path, const char *ending, rgq_error *err)
{
    if (rgq_path_find_beside(out, path, ending))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_IO,
                     "half of a NIfTI or Analyze pair; its %s file was not found beside it",
                     ending);
}

static rgq_status read_file(rgq_volume **out, rgq_nifti_facts *facts, const char *path,
                            const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char half[RGQ_PATH_MAX];
    rgq_nifti_header h;
    rgq_volume *volume = NULL;
    rgq_input in = {NULL, 0, false};

    if (rgq_path_has_ending(path, ".img") || rgq_path_has_ending(path, ".img.gz")) {
        RGQ_TRY(err, find_half(half, path, ".hdr", err));
        path = half;
    }
    RGQ_TRY(err, rgq_input_open(&in, path, err));
    RGQ_TRY(err, read_header(&h, &in, log, err));
    if (h.analyze &&
        (rgq_path_has_ending(path, ".nii") || rgq_path_has_ending(path, ".nii.gz"))) {
        st = RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                       "a header of 348 bytes without a NIfTI magic word, as Analyze 7.5 has "
                       "it, in a file named .nii; a pair of .hdr and .img was needed");
        goto out;
    }
    if (h.pair) {
        char image[RGQ_PATH_MAX];
        rgq_input_close(&in);
        RGQ_TRY(err, find_half(image, path, ".img", err));
        RGQ_TRY(err, rgq_input_open(&in, image, err));
    }
    RGQ_TRY(err, check_length(&in, &h, err));
    RGQ_TRY(err, rgq_input_seek(&in, h.vox_offset, err));
    RGQ_TRY(err, rgq_volume_create(&volume, &h.grid, h.n_frames, RGQ_UNIT_NATIVE, err));
    RGQ_TRY(err, read_voxels(volume, &in, &h, log, err));
    *facts = (rgq_nifti_facts){.n_files = h.pair ? 2 : 1,
                               .step_s = h.step_s,
                               .whole_numbers = !h.scaled && h.datatype != NIFTI_TYPE_FLOAT32 &&
                                                h.datatype != NIFTI_TYPE_FLOAT64};
    if (h.analyze)
        (void)snprintf(facts->format, sizeof facts->format, "Analyze 7.5");
    else
        (void)snprintf(facts->format, sizeof facts->format, "NIfTI-%d", h.version);
    *out = volume;
    volume = NULL;
out:
    rgq_volume_free(volume);
    rgq_input_close(&in);
    return st;
}

rgq_status rgq_nifti_read(rgq_volume **out, rgq_nifti_facts *facts, const char *path,
                          const rgq_log *log, rgq_error *err)
{
    rgq_nifti_facts unused;

    *out = NULL;
    const rgq_status st = read_file(out, facts != NULL ? facts : &unused, path, log, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}
