/* TIFF files put together byte by byte, and their encodings in the simplest legal form. */
#ifndef TIFF_CHECK_H
#define TIFF_CHECK_H

#include "io_check.h"

typedef struct tiff_page {
    int width, height;
    int bits, format; /* format 1 unsigned, 2 signed, 3 float */
    int compression;
    int channels, photometric, planar;
    int rows_per_strip; /* 0: one strip */
    int tile[2];        /* width and length; 0: strips */
    int subfile;        /* bit 0: a reduced copy */
    const char *description;
    uint32_t resolution; /* pixels per unit, whole; 0: none */
} tiff_page;

#define TIFF_PAGE_PLAIN                                                                        \
    {                                                                                          \
        .width = 3, .height = 2, .bits = 8, .format = 1, .compression = 1, .channels = 1,      \
        .photometric = 1, .planar = 1                                                          \
    }

typedef struct tiff_maker {
    maker m;
    bool bigtiff;
    size_t link; /* where the offset of the next page goes */
} tiff_maker;

__attribute__((unused)) static tiff_maker tiff_begin(bool big_endian, bool bigtiff)
{
    tiff_maker t = {.m = {.version = 1, .big = big_endian}, .bigtiff = bigtiff};

    memcpy(t.m.bytes, big_endian ? "MM" : "II", 2);
    put(&t.m, 2, 2, bigtiff ? 43 : 42);
    if (bigtiff)
        put(&t.m, 4, 2, 8);
    t.link = bigtiff ? 8 : 4;
    t.m.length = bigtiff ? 16 : 8;
    return t;
}

/* Bits from the highest on, as LZW of TIFF has them. */
__attribute__((unused)) static size_t put_lzw(unsigned char *to, const unsigned char *from,
                                              size_t count)
{
    size_t bit = 0;
    memset(to, 0, 2 * count + 64);
#define PUT_CODE(code)                                                                         \
    for (int b = 8; b >= 0; b--, bit++)                                                        \
        if (((code) >> b & 1) != 0)                                                            \
    to[bit / 8] |= (unsigned char)(0x80 >> bit % 8)
    for (size_t i = 0; i < count; i++) {
        if (i % 100 == 0) /* before a code needs 10 bits */
            PUT_CODE(256);
        PUT_CODE(from[i]);
    }
    PUT_CODE(257);
#undef PUT_CODE
    return (bit + 7) / 8;
}

/* Up to 127 bytes a portion; compression as in the tag. */
__attribute__((unused)) static size_t encode(unsigned char *to, const unsigned char *from,
                                             size_t count, int compression)
{
    uLongf packed = 4096;

    switch (compression) {
    case 5:
        return put_lzw(to, from, count);
    case 8:
    case 32946:
        ck_assert_int_eq(compress(to, &packed, from, (uLong)count), Z_OK);
        return packed;
    case 32773:
        ck_assert_uint_le(count, 128);
        to[0] = (unsigned char)(count - 1);
        memcpy(to + 1, from, count);
        return count + 1;
    case 50000: /* one frame of one raw block */
        ck_assert_uint_lt(count, 256);
        memcpy(to, "\x28\xb5\x2f\xfd\x20", 5);
        to[5] = (unsigned char)count;
        to[6] = (unsigned char)((count << 3 | 1) & 0xff);
        to[7] = (unsigned char)(count << 3 >> 8);
        to[8] = 0;
        memcpy(to + 9, from, count);
        return count + 9;
    default:
        memcpy(to, from, count);
        return count;
    }
}

enum { TIFF_PORTIONS = 16 };

typedef struct tiff_portions {
    size_t offset[TIFF_PORTIONS];
    size_t bytes[TIFF_PORTIONS];
    int count;
} tiff_portions;

static void tiff_portion(tiff_maker *t, tiff_portions *list, const unsigned char *bytes,
                         size_t count, int compression)
{
    ck_assert_int_lt(list->count, TIFF_PORTIONS);
    list->offset[list->count] = t->m.length;
    list->bytes[list->count] = encode(t->m.bytes + t->m.length, bytes, count, compression);
    t->m.length += list->bytes[list->count++];
    t->m.length += t->m.length & 1;
    ck_assert_uint_lt(t->m.length, sizeof t->m.bytes - 512);
}

static void tiff_tiles(tiff_maker *t, tiff_portions *list, const tiff_page *p,
                       const unsigned char *data)
{
    const int pixel = p->bits / 8 * p->channels;
    unsigned char tile[1024];

    for (int y = 0; y < p->height; y += p->tile[1])
        for (int x = 0; x < p->width; x += p->tile[0]) {
            memset(tile, 0xee, sizeof tile);
            for (int r = 0; r < p->tile[1] && y + r < p->height; r++)
                for (int c = 0; c < p->tile[0] && x + c < p->width; c++)
                    memcpy(tile + (r * p->tile[0] + c) * pixel,
                           data + ((y + r) * p->width + x + c) * pixel, (size_t)pixel);
            tiff_portion(t, list, tile, (size_t)(p->tile[0] * p->tile[1] * pixel),
                         p->compression);
        }
}

/* One entry of a directory; `type` 3 short, 4 long, 16 long8. Values that do not fit lie before
 * the directory, at `values`. */
static void tiff_entry(tiff_maker *t, size_t *at, int tag, int type, size_t count,
                       uint64_t value)
{
    put(&t->m, *at, 2, (uint64_t)tag);
    put(&t->m, *at + 2, 2, (uint64_t)type);
    put(&t->m, *at + 4, t->bigtiff ? 8 : 4, count);
    const size_t room = t->bigtiff ? 8 : 4;
    const size_t width = count > 1 || type == 2 || type == 5 ? room
                         : type == 3                         ? 2
                         : type == 4                         ? 4
                                                             : 8;
    put(&t->m, *at + 4 + room, width, value);
    *at += t->bigtiff ? 20 : 12;
}

static void tiff_tile_entries(tiff_maker *t, size_t *at, const tiff_page *p,
                              const tiff_portions *list, size_t offsets)
{
    const size_t wide = t->bigtiff ? 8 : 4;
    const int type = t->bigtiff ? 16 : 4;
    const bool one = list->count == 1; /* its value fits into the entry */

    tiff_entry(t, at, 322, 4, 1, (uint64_t)p->tile[0]);
    tiff_entry(t, at, 323, 4, 1, (uint64_t)p->tile[1]);
    tiff_entry(t, at, 324, type, (size_t)list->count, one ? list->offset[0] : offsets);
    tiff_entry(t, at, 325, type, (size_t)list->count,
               one ? list->bytes[0] : offsets + wide * (size_t)list->count);
}

static void tiff_bits_entry(tiff_maker *t, size_t *at, const tiff_page *p, size_t bits)
{
    const uint64_t value = (uint64_t)p->bits;

    if (p->channels == 1)
        tiff_entry(t, at, 258, 3, 1, value);
    else if (p->channels == 2) /* both fit into the entry */
        tiff_entry(t, at, 258, 3, 2, value << 16 | value);
    else
        tiff_entry(t, at, 258, 3, (size_t)p->channels, bits);
}

/* Data in front, then arrays, then the directory; links it to the one before. */
__attribute__((unused)) static void tiff_add(tiff_maker *t, const tiff_page *p,
                                             const unsigned char *data)
{
    tiff_portions list = {.count = 0};
    const size_t row = (size_t)(p->width * p->channels * p->bits / 8);
    const int step = p->rows_per_strip > 0 ? p->rows_per_strip : p->height;
    const size_t wide = t->bigtiff ? 8 : 4;
    const int type = t->bigtiff ? 16 : 4;

    if (p->tile[0] > 0)
        tiff_tiles(t, &list, p, data);
    else
        for (int y = 0; y < p->height; y += step)
            tiff_portion(t, &list, data + (size_t)y * row,
                         (size_t)(p->height - y < step ? p->height - y : step) * row,
                         p->compression);
    t->m.length += 16 - t->m.length % 8;
    if (p->photometric == 3)
        t->m.length += (size_t)6 << p->bits;
    const size_t offsets = t->m.length;
    for (int i = 0; i < list.count; i++) {
        put(&t->m, offsets + wide * (size_t)i, wide, list.offset[i]);
        put(&t->m, offsets + wide * (size_t)(i + list.count), wide, list.bytes[i]);
    }
    const size_t rational = t->m.length;
    put(&t->m, rational, 4, p->resolution);
    put(&t->m, rational + 4, 4, 1);
    const size_t bits = t->m.length;
    for (int i = 0; i < p->channels; i++)
        put(&t->m, bits + 2 * (size_t)i, 2, (uint64_t)p->bits);
    t->m.length += t->m.length & 1;
    const size_t text = t->m.length;
    if (p->description != NULL) {
        memcpy(t->m.bytes + text, p->description, strlen(p->description) + 1);
        t->m.length += strlen(p->description) + 1;
    }
    t->m.length += 16 - t->m.length % 8;
    put(&t->m, t->link, wide, t->m.length);
    const size_t start = t->m.length;
    size_t at_entry = start + (t->bigtiff ? 8 : 2);
    uint64_t n = 11;
    if (p->subfile != 0) {
        tiff_entry(t, &at_entry, 254, 4, 1, (uint64_t)p->subfile);
        n++;
    }
    tiff_entry(t, &at_entry, 256, 4, 1, (uint64_t)p->width);
    tiff_entry(t, &at_entry, 257, 4, 1, (uint64_t)p->height);
    tiff_bits_entry(t, &at_entry, p, bits);
    tiff_entry(t, &at_entry, 259, 3, 1, (uint64_t)p->compression);
    tiff_entry(t, &at_entry, 262, 3, 1, (uint64_t)p->photometric);
    if (p->description != NULL) {
        tiff_entry(t, &at_entry, 270, 2, strlen(p->description) + 1, text);
        n++;
    }
    if (p->tile[0] == 0)
        tiff_entry(t, &at_entry, 273, type, (size_t)list.count,
                   list.count > 1 ? offsets : list.offset[0]);
    tiff_entry(t, &at_entry, 277, 3, 1, (uint64_t)p->channels);
    if (p->tile[0] == 0) {
        tiff_entry(t, &at_entry, 278, 4, 1, (uint64_t)step);
        tiff_entry(t, &at_entry, 279, type, (size_t)list.count,
                   list.count > 1 ? offsets + wide * (size_t)list.count : list.bytes[0]);
    }
    if (p->resolution >
        0) { /* in BigTIFF a rational lies in the entry itself; not used there */
        tiff_entry(t, &at_entry, 282, 5, 1, rational);
        tiff_entry(t, &at_entry, 283, 5, 1, rational);
        n += 2;
    }
    tiff_entry(t, &at_entry, 284, 3, 1, (uint64_t)p->planar);
    if (p->tile[0] > 0) {
        tiff_tile_entries(t, &at_entry, p, &list, offsets);
        n++;
    }
    if (p->photometric == 3) { /* a map of colours, any bytes */
        tiff_entry(t, &at_entry, 320, 3, (size_t)3 << p->bits, 8);
        n++;
    }
    tiff_entry(t, &at_entry, 339, 3, 1, (uint64_t)p->format);
    put(&t->m, start, t->bigtiff ? 8 : 2, n);
    t->link = at_entry;
    put(&t->m, t->link, wide, 0);
}

#endif
