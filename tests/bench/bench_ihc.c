/* A synthetic slide, written with libtiff in tiles and measured: how long, and how much memory.
 *
 * usage: bench_ihc [SIDE]                       all compressions, TSV
 *        bench_ihc --write FILE SIDE COMPRESSION  only the file; jpeg, deflate, lzw or raw */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tiffio.h>
#include <time.h>
#include <unistd.h>

#include "rgdquant/ihc.h"
#include "rgdquant/slide_file.h"

enum { TILE = 256, GRID = 28 };

static const struct {
    const char *name;
    uint16_t compression;
} kinds[] = {{"jpeg", COMPRESSION_JPEG},
             {"deflate", COMPRESSION_ADOBE_DEFLATE},
             {"lzw", COMPRESSION_LZW},
             {"raw", COMPRESSION_NONE}};

static uint32_t hash_of(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9e3779b1U ^ (b + 0x7f4a7c15U) * 0x85ebca6bU;

    h ^= h >> 15;
    h *= 0x2c1b3c6dU;
    return h ^ (h >> 13);
}

/* Optical density of hematoxylin and DAB: a round section, nuclei on a jittered grid. */
static void densities(double od[2], int x, int y, int side)
{
    const double u = (double)x / side - 0.5;
    const double v = (double)y / side - 0.5;
    const uint32_t cell = hash_of((uint32_t)(x / GRID), (uint32_t)(y / GRID));
    const double dx = x % GRID - GRID / 2.0 + (double)(cell % 7) - 3.0;
    const double dy = y % GRID - GRID / 2.0 + (double)(cell / 7 % 7) - 3.0;

    od[0] = od[1] = 0.0;
    if (u * u + v * v > 0.16)
        return;
    od[0] = 0.06;
    od[1] = (x / 700 + y / 900) % 3 == 0 ? 0.35 : 0.02;
    if (dx * dx + dy * dy < 49.0)
        od[0] = 0.6;
}

static void paint(uint8_t *rgb, int x0, int y0, int side)
{
    static const double vector[2][3] = {{0.65, 0.70, 0.29}, {0.27, 0.57, 0.78}};

    for (int j = 0; j < TILE; j++)
        for (int i = 0; i < TILE; i++) {
            double od[2];
            const uint32_t noise = hash_of((uint32_t)(x0 + i), (uint32_t)(y0 + j));
            densities(od, x0 + i, y0 + j, side);
            for (int c = 0; c < 3; c++) {
                const double value =
                    245.0 * exp(-2.302585 * (od[0] * vector[0][c] + od[1] * vector[1][c]));
                rgb[3 * (j * TILE + i) + c] =
                    (uint8_t)(value + (double)((noise >> (8 * c)) & 7U));
            }
        }
}

static int set_tags(TIFF *file, int side, uint16_t compression)
{
    int good = TIFFSetField(file, TIFFTAG_IMAGEWIDTH, (uint32_t)side) &
               TIFFSetField(file, TIFFTAG_IMAGELENGTH, (uint32_t)side) &
               TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 8) &
               TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 3) &
               TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &
               TIFFSetField(file, TIFFTAG_TILEWIDTH, TILE) &
               TIFFSetField(file, TIFFTAG_TILELENGTH, TILE) &
               TIFFSetField(file, TIFFTAG_COMPRESSION, compression) &
               TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER) &
               TIFFSetField(file, TIFFTAG_XRESOLUTION, 20000.0) &
               TIFFSetField(file, TIFFTAG_YRESOLUTION, 20000.0);

    if (compression == COMPRESSION_JPEG)
        good &= TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR) &
                TIFFSetField(file, TIFFTAG_JPEGQUALITY, 80) &
                TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    else
        good &= TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    if (compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_LZW)
        good &= TIFFSetField(file, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    return good;
}

static int write_slide(const char *path, int side, uint16_t compression)
{
    static uint8_t rgb[3 * TILE * TILE];
    TIFF *file = TIFFOpen(path, "w");
    int good = file != NULL && set_tags(file, side, compression);

    for (int y = 0; good && y < side; y += TILE)
        for (int x = 0; good && x < side; x += TILE) {
            paint(rgb, x, y, side);
            good = TIFFWriteEncodedTile(file,
                                        TIFFComputeTile(file, (uint32_t)x, (uint32_t)y, 0, 0),
                                        rgb, (tmsize_t)sizeof rgb) == (tmsize_t)sizeof rgb;
        }
    if (file != NULL)
        TIFFClose(file);
    return good;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In a process of its own, so that the peak is its own. */
static int measure(const char *path, const char *name, int side)
{
    const rgq_slide_opts how = RGQ_SLIDE_OPTS_INIT;
    rgq_ihc_opts opts = RGQ_IHC_OPTS_INIT;
    rgq_error err = RGQ_ERROR_INIT;
    rgq_slide *slide = NULL;
    rgq_table *table = NULL;
    struct rusage use;
    const double begin = seconds();

    if (rgq_stains_find(&opts.stains, "h-dab", &err) != RGQ_OK ||
        rgq_slide_open(&slide, path, &how, NULL, &err) != RGQ_OK ||
        rgq_ihc_measure(&table, NULL, rgq_slide_source(slide), NULL, &opts, NULL, &err) !=
            RGQ_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const double took = seconds() - begin;
    rgq_table_free(table);
    rgq_slide_close(slide);
    (void)getrusage(RUSAGE_SELF, &use);
    printf("%s\t%d\t%.2f\t%.0f\n", name, side, took, (double)use.ru_maxrss / 1024.0);
    return 0;
}

static int run(const char *name, uint16_t compression, int side)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int status = 1;

    (void)snprintf(path, sizeof path, "%s/bench-ihc-%d.tif", folder != NULL ? folder : "/tmp",
                   (int)getpid());
    (void)fflush(stdout);
    if (write_slide(path, side, compression)) {
        const pid_t child = fork();
        if (child == 0) {
            status = measure(path, name, side);
            (void)fflush(stdout);
            _exit(status);
        }
        if (child < 0 || waitpid(child, &status, 0) != child)
            status = 1;
    }
    (void)unlink(path);
    return status;
}

int main(int argc, char **argv)
{
    const bool only = argc == 5 && strcmp(argv[1], "--write") == 0;
    const char *number = only ? argv[3] : argc == 2 ? argv[1] : "4000";
    const int side = (int)strtol(number, NULL, 10);

    if (side < 1 || side > 100000 || (argc > 2 && !only)) {
        (void)fprintf(stderr, "usage: bench_ihc [SIDE] | --write FILE SIDE COMPRESSION\n");
        return 2;
    }
    if (!only)
        printf("compression\tside\tseconds\tpeak_mb\n");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (only && strcmp(argv[4], kinds[i].name) == 0)
            return write_slide(argv[2], side, kinds[i].compression) ? 0 : 1;
        else if (!only && run(kinds[i].name, kinds[i].compression, side) != 0)
            return 1;
    return only ? 2 : 0;
}
