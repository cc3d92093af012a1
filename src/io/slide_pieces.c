#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/slide_inside.h"

enum { TILES_BYTES = 24 << 20, SLOTS_MAX = 4096 };

rgq_status rgq_pieces_init(rgq_pieces *p, int rows, rgq_error *err)
{
    p->piece_bytes = (size_t)p->piece_width * (size_t)p->piece_height * (size_t)p->channels;
    size_t slots = rows > 0 ? (size_t)rows / (size_t)p->piece_height + 2
                            : (size_t)TILES_BYTES / p->piece_bytes;
    const uint64_t pieces = (uint64_t)((p->width + p->piece_width - 1) / p->piece_width) *
                            (uint64_t)((p->height + p->piece_height - 1) / p->piece_height);
    if (slots < 2)
        slots = 2;
    if (slots > pieces)
        slots = (size_t)pieces;
    p->n_slots = slots > SLOTS_MAX ? SLOTS_MAX : (int)slots;
    RGQ_PASS(err, rgq_alloc(&p->held, (size_t)p->n_slots, sizeof *p->held, err));
    RGQ_PASS(err, rgq_alloc(&p->used, (size_t)p->n_slots, sizeof *p->used, err));
    RGQ_PASS(err, rgq_alloc(&p->bytes, (size_t)p->n_slots, p->piece_bytes, err));
    for (int i = 0; i < p->n_slots; i++)
        p->held[i] = -1;
    return RGQ_OK;
}

void rgq_pieces_release(rgq_pieces *p)
{
    rgq_free(p->held);
    rgq_free(p->used);
    rgq_free(p->bytes);
    p->held = NULL;
    p->used = NULL;
    p->bytes = NULL;
}

/* The bytes of a piece; the slot that was used longest ago makes room for a new one. */
static rgq_status find_piece(const uint8_t **bytes, rgq_pieces *p, int64_t column, int64_t row,
                             rgq_error *err)
{
    const int64_t columns = (p->width + p->piece_width - 1) / p->piece_width;
    const int64_t number = row * columns + column;
    int oldest = 0;

    p->clock++;
    for (int i = 0; i < p->n_slots; i++) {
        if (p->held[i] == number) {
            p->used[i] = p->clock;
            *bytes = p->bytes + (size_t)i * p->piece_bytes;
            return RGQ_OK;
        }
        if (p->used[i] < p->used[oldest])
            oldest = i;
    }
    uint8_t *to = p->bytes + (size_t)oldest * p->piece_bytes;
    p->held[oldest] = -1;
    RGQ_PASS(err, p->decode(p->user, column, row, to, err));
    p->held[oldest] = number;
    p->used[oldest] = p->clock;
    *bytes = to;
    return RGQ_OK;
}

static uint8_t on_white(unsigned value, unsigned alpha, bool premultiplied)
{
    const unsigned sum = (premultiplied ? value * 255U : value * alpha) + 255U * (255U - alpha);
    const unsigned out = (sum + 127U) / 255U;

    return (uint8_t)(out > 255U ? 255U : out);
}

void rgq_pixels_to_rgb(uint8_t *rgb, const uint8_t *from, size_t count, int channels,
                       bool premultiplied, bool ignore_alpha)
{
    if (channels == 3) {
        memcpy(rgb, from, 3 * count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = from + i * (size_t)channels;
        const unsigned alpha = channels == 4 && !ignore_alpha ? pixel[3] : 255U;
        for (int c = 0; c < 3; c++) {
            const uint8_t value = pixel[channels == 1 ? 0 : c];
            rgb[3 * i + (size_t)c] =
                alpha == 255U ? value : on_white(value, alpha, premultiplied);
        }
    }
}

/* A rectangle of the slide. */
typedef struct area {
    int64_t x, y;
    int w, h;
} area;

/* What a piece, whose corner is at left, top, and the rectangle have in common. */
static void copy_part(const rgq_pieces *p, const uint8_t *piece, int64_t left, int64_t top,
                      const area *want, uint8_t *rgb)
{
    const int64_t x0 = left > want->x ? left : want->x;
    const int64_t y0 = top > want->y ? top : want->y;
    const int64_t right = left + p->piece_width;
    const int64_t bottom = top + p->piece_height;
    const int64_t x1 = right < want->x + want->w ? right : want->x + want->w;
    const int64_t y1 = bottom < want->y + want->h ? bottom : want->y + want->h;
    const size_t channels = (size_t)p->channels;
    const size_t stride = (size_t)p->piece_width * channels;

    for (int64_t row = y0; row < y1; row++)
        rgq_pixels_to_rgb(
            rgb + 3 * ((size_t)(row - want->y) * (size_t)want->w + (size_t)(x0 - want->x)),
            piece + (size_t)(row - top) * stride + (size_t)(x0 - left) * channels,
            (size_t)(x1 - x0), p->channels, p->premultiplied, p->ignore_alpha);
}

rgq_status rgq_pieces_read(rgq_pieces *p, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                           rgq_error *err)
{
    const area want = {x, y, w, h};

    for (int64_t row = y / p->piece_height; row * p->piece_height < y + h; row++)
        for (int64_t column = x / p->piece_width; column * p->piece_width < x + w; column++) {
            const uint8_t *piece = NULL;
            RGQ_PASS(err, find_piece(&piece, p, column, row, err));
            copy_part(p, piece, column * p->piece_width, row * p->piece_height, &want, rgb);
        }
    return RGQ_OK;
}
