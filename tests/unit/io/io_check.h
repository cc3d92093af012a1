/* A folder of its own for each test, and NIfTI files put together byte by byte. */
#ifndef IO_CHECK_H
#define IO_CHECK_H

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "rgq_check.h"

static char folder[64];

static void folder_begin(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/rgq-io-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void folder_end(void)
{
    char path[512];
    DIR *dir = opendir(folder);

    ck_assert_ptr_nonnull(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        (void)unlink(path);
    }
    (void)closedir(dir);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* Path inside the folder; a few live at the same time. */
__attribute__((unused)) static const char *at(const char *name)
{
    static char paths[8][512];
    static int next;

    next = (next + 1) % 8;
    (void)snprintf(paths[next], sizeof paths[next], "%s/%s", folder, name);
    return paths[next];
}

__attribute__((unused)) static int count_files(void)
{
    int count = 0;
    DIR *dir = opendir(folder);

    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    (void)closedir(dir);
    return count;
}

__attribute__((unused)) static void save(const char *path, const void *bytes, size_t length)
{
    (void)unlink(path); /* cutting a file short and writing it anew waits for the disk */
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

__attribute__((unused)) static void save_text(const char *path, const char *text)
{
    save(path, text, strlen(text));
}

__attribute__((unused)) static void save_gz(const char *path, const void *bytes, size_t length)
{
    gzFile file = gzopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)length), (int)length);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

/* Bytes of a file, decompressed if need be; returns how many there were. */
__attribute__((unused)) static size_t load(const char *path, unsigned char *bytes, size_t size)
{
    gzFile file = gzopen(path, "rb");

    ck_assert_ptr_nonnull(file);
    const int n = gzread(file, bytes, (unsigned)size);
    ck_assert_int_ge(n, 0);
    ck_assert_int_eq(gzclose(file), Z_OK);
    return (size_t)n;
}

/* A NIfTI file in the making; the offsets are those of nifti1.h and nifti2.h. */
typedef struct maker {
    int version;
    bool big;
    unsigned char bytes[8192];
    size_t length;
} maker;

__attribute__((unused)) static void put(maker *m, size_t offset, size_t size, uint64_t bits)
{
    for (size_t i = 0; i < size; i++) {
        const size_t place = m->big ? size - 1 - i : i;
        m->bytes[offset + place] = (unsigned char)(bits >> (8 * i) & 0xff);
    }
    if (offset + size > m->length)
        m->length = offset + size;
}

__attribute__((unused)) static uint64_t bits_32(double value)
{
    const float narrow = (float)value;
    uint32_t bits = 0;
    memcpy(&bits, &narrow, sizeof bits);
    return bits;
}

__attribute__((unused)) static uint64_t bits_64(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A real field of the header: 4 bytes in version 1, 8 in version 2. */
__attribute__((unused)) static void put_real(maker *m, size_t at_1, size_t at_2, double value)
{
    if (m->version == 1)
        put(m, at_1, 4, bits_32(value));
    else
        put(m, at_2, 8, bits_64(value));
}

__attribute__((unused)) static void put_dim(maker *m, int i, long value)
{
    if (m->version == 1)
        put(m, 40 + 2 * (size_t)i, 2, (uint64_t)value);
    else
        put(m, 16 + 8 * (size_t)i, 8, (uint64_t)value);
}

__attribute__((unused)) static void put_pixdim(maker *m, int i, double value)
{
    put_real(m, 76 + 4 * (size_t)i, 104 + 8 * (size_t)i, value);
}

__attribute__((unused)) static void put_code(maker *m, size_t at_1, size_t at_2, int value)
{
    if (m->version == 1)
        put(m, at_1, 2, (uint64_t)value);
    else
        put(m, at_2, 4, (uint64_t)value);
}

__attribute__((unused)) static void put_type(maker *m, int code, int bits)
{
    put(m, m->version == 1 ? 70 : 12, 2, (uint64_t)code);
    put(m, m->version == 1 ? 72 : 14, 2, (uint64_t)bits);
}

/* One row of the sform. */
__attribute__((unused)) static void put_row(maker *m, int row, double a, double b, double c,
                                            double d)
{
    const double values[4] = {a, b, c, d};
    for (size_t i = 0; i < 4; i++)
        put_real(m, 280 + 16 * (size_t)row + 4 * i, 400 + 32 * (size_t)row + 8 * i, values[i]);
}

/* 3 x 2 x 2 voxels of float32, 1.5 x 2 x 3 mm, sform with the origin at (-10, 20, -30); room
 * for voxels follows, which the caller fills. */
__attribute__((unused)) static maker make_header(int version, bool big)
{
    maker m = {.version = version, .big = big};
    const double spacing[3] = {1.5, 2.0, 3.0};
    const int n[3] = {3, 2, 2};

    m.length = version == 1 ? 352 : 544;
    put(&m, 0, 4, version == 1 ? 348 : 540);
    memcpy(m.bytes + (version == 1 ? 344 : 4), version == 1 ? "n+1" : "n+2\0\r\n\032\n",
           version == 1 ? 4 : 8);
    put_dim(&m, 0, 3);
    put_pixdim(&m, 0, 1.0);
    for (int i = 0; i < 3; i++) {
        put_dim(&m, i + 1, n[i]);
        put_pixdim(&m, i + 1, spacing[i]);
    }
    put_type(&m, 16, 32);
    if (version == 1)
        put(&m, 108, 4, bits_32(352));
    else
        put(&m, 168, 8, 544);
    put_code(&m, 254, 348, 1);
    put_row(&m, 0, 1.5, 0, 0, -10);
    put_row(&m, 1, 0, 2, 0, 20);
    put_row(&m, 2, 0, 0, 3, -30);
    return m;
}

/* Append voxels i = 0 .. count-1 of float32 with value i + 0.5. */
__attribute__((unused)) static void put_floats(maker *m, int count)
{
    for (int i = 0; i < count; i++)
        put(m, m->length, 4, bits_32(i + 0.5));
}

#endif
