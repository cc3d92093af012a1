/* Richardson-Lucy.
 *
 * g <- g (h' * (f / (h * g))) is computed as g (1 + h' * (f / (h * g) - 1)), the same for a
 * kernel that adds up to 1, with fewer digits lost. With a border of zeros the ratio is then 1
 * outside the image, where nothing is known, and not 0, which would darken the rim. Counts are
 * kept from iteration to iteration with a periodic border, and with the others but for what
 * lies within the kernel's reach of the sides. PETPVC leaves out the second blur.
 */
#include "pvc/deconvolution.h"
#include "pvc/report.h"

#include "core/banned.h"

/* Voxels below 0, the first of them, the lowest and the largest voxel. */
typedef struct range {
    double negative;
    size_t first;
    float lowest;
    float largest;
} range;

/* What the first method of a pair leaves below 0 in a part that holds nothing: rounding, in
 * parts of the largest voxel. */
static const float ROUNDING = 1e-6F;

static range find_range(const float *data, size_t count)
{
    double n = 0.0;
    size_t first = count;
    float most = 0.0F;
    float lowest = 0.0F;

    /* whole numbers: the order of the sum changes nothing */
#pragma omp parallel for schedule(static) reduction(+ : n) reduction(min : first) reduction(max : most) \
    reduction(min : lowest)
    for (size_t b = 0; b < (count + 4095) / 4096; b++) {
        const size_t end = (b + 1) * 4096 < count ? (b + 1) * 4096 : count;
        float least = 0.0F;
        for (size_t i = b * 4096; i < end; i++) {
            most = data[i] > most ? data[i] : most;
            least = data[i] < least ? data[i] : least;
        }
        lowest = least < lowest ? least : lowest;
        for (size_t i = b * 4096; least < 0.0F && i < end; i++)
            if (data[i] < 0.0F) {
                n += 1.0;
                first = i < first ? i : first;
            }
    }
    return (range){n, first, lowest, most};
}

static rgq_status handle_negatives(rgq_pvc_frame *frame, range found, rgq_error *err)
{
    const size_t n_x = (size_t)frame->grid->n[0];
    const size_t n_y = (size_t)frame->grid->n[1];

    if (!(found.negative > 0.0))
        return RGQ_OK;
    const bool rounding = frame->then && found.lowest >= -ROUNDING * found.largest;
    if (frame->opts->negatives != RGQ_NEGATIVES_ZERO && !rounding)
        return RGQ_RAISE(
            err, RGQ_E_NUMERIC,
            "rl takes no values below 0, and %.0f voxels of frame %d%s%s are, the first is %g "
            "at voxel %zu, %zu, %zu; set them to 0 with --negatives zero, or take vc",
            found.negative, frame->index + 1, frame->then ? " after " : "",
            frame->then ? rgq_pvc_method_name(frame->opts->method) : "",
            (double)frame->data[found.first], found.first % n_x, found.first / n_x % n_y,
            found.first / n_x / n_y);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < frame->count; i++)
        frame->data[i] = frame->data[i] < 0.0F ? 0.0F : frame->data[i];
    if (!rounding)
        rgq_pvc_count_add(&frame->report->n_negative, found.negative);
    return RGQ_OK;
}

static void rl_compare(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    const rgq_deconvolution *d = context;

    d->loops.ratio(piece, d->observed + at, count, d->least, d->scale, sum);
}

static void rl_update(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    rgq_deconvolution *d = context;
    uint32_t most[2] = {0, 0};

    d->loops.multiply(piece, d->estimate + at, count, most);
    rgq_deconvolution_keep(d, piece, at, count, most);
    sum[0] += (double)count;
}

rgq_status rgq_pvc_rl(rgq_pvc_frame *frame, rgq_error *err)
{
    const rgq_deconvolution_rule rule = {rl_compare, rl_update, true};
    const range found = find_range(frame->data, frame->count);

    RGQ_PASS(err, handle_negatives(frame, found, err));
    return rgq_pvc_deconvolve(frame, &rule, found.largest, err);
}
