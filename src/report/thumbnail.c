#include "report/thumbnail.h"

#include <stdint.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/png_rows.h"

enum { SIDE_MAX = 20000 };

typedef struct shrinking {
    rgq_png *from;
    int in_width, in_height, width, height;
    uint8_t *row;  /* of the picture */
    uint64_t *sum; /* of a row of the thumbnail, 3 a pixel */
    unsigned char *rgb;
} shrinking;

/* Begin of the pixels of the picture that pixel `i` of `n` covers. */
static int edge(int i, int n, int length)
{
    return (int)((int64_t)i * length / n);
}

static void add_row(shrinking *s)
{
    for (int x = 0; x < s->width; x++)
        for (int i = edge(x, s->width, s->in_width); i < edge(x + 1, s->width, s->in_width);
             i++)
            for (int c = 0; c < 3; c++)
                s->sum[3 * x + c] += s->row[3 * (size_t)i + (size_t)c];
}

static void end_row(const shrinking *s, int y, int rows)
{
    for (int x = 0; x < s->width; x++) {
        const int columns = edge(x + 1, s->width, s->in_width) - edge(x, s->width, s->in_width);
        const uint64_t count = (uint64_t)columns * (uint64_t)rows;
        for (int c = 0; c < 3; c++) {
            const size_t at = 3 * ((size_t)y * (size_t)s->width + (size_t)x) + (size_t)c;
            s->rgb[at] = (unsigned char)((s->sum[3 * x + c] + count / 2) / count);
            s->sum[3 * x + c] = 0;
        }
    }
}

static rgq_status shrink(shrinking *s, rgq_error *err)
{
    for (int y = 0; y < s->height; y++) {
        const int rows =
            edge(y + 1, s->height, s->in_height) - edge(y, s->height, s->in_height);
        for (int i = 0; i < rows; i++) {
            RGQ_PASS(err, rgq_png_row(s->from, s->row, err));
            add_row(s);
        }
        end_row(s, y, rows);
    }
    return RGQ_OK;
}

rgq_status rgq_thumbnail_make(unsigned char **png, size_t *length, const char *path, int width,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    shrinking s = {.from = NULL};
    rgq_png_info info;

    *png = NULL;
    *length = 0;
    RGQ_TRY(err, rgq_png_open(&s.from, &info, path, false, err));
    if (info.width < 1 || info.height < 1 || info.width > SIDE_MAX || info.height > SIDE_MAX) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "a picture of more than %d pixels a side", SIDE_MAX);
        goto out;
    }
    s.in_width = (int)info.width;
    s.in_height = (int)info.height;
    s.width = s.in_width < width ? s.in_width : width;
    s.height = (int)((int64_t)s.in_height * s.width / s.in_width);
    s.height = s.height > 0 ? s.height : 1;
    RGQ_TRY(err, rgq_alloc(&s.row, 3 * (size_t)s.in_width, 1, err));
    RGQ_TRY(err, rgq_alloc(&s.sum, 3 * (size_t)s.width, sizeof *s.sum, err));
    RGQ_TRY(err, rgq_alloc(&s.rgb, 3 * (size_t)s.width * (size_t)s.height, 1, err));
    RGQ_TRY(err, shrink(&s, err));
    RGQ_TRY(err, rgq_png_encode(png, length, s.rgb, s.width, s.height, err));
out:
    rgq_png_close(s.from);
    rgq_free(s.row);
    rgq_free(s.sum);
    rgq_free(s.rgb);
    return st;
}
