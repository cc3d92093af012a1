/* Reading a DICOM folder into memory: seconds of each run, and the peak of memory over the size
 * of the float volume. usage: bench_dicom [FOLDER [RUNS]]; without a folder a small series is
 * made, read and removed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/parse.h"
#include "rgdquant/scan_file.h"

#include "core/banned.h"

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_bytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

static rgq_status measure(const char *folder, int runs, rgq_error *err)
{
    printf("run\tslices\tcolumns\trows\tseconds\tpeak_over_volume\n");
    for (int i = 0; i < runs; i++) {
        rgq_scan scan = {0};
        const double start_s = now_s();
        RGQ_PASS(err, rgq_scan_read(&scan, folder, NULL, NULL, err));
        const double took_s = now_s() - start_s;
        const int *n = rgq_volume_grid(scan.volume)->n;
        const double volume = 4.0 * (double)rgq_volume_count(scan.volume) *
                              (double)rgq_volume_n_frames(scan.volume);
        printf("%d\t%d\t%d\t%d\t%.4f\t%.3f\n", i + 1, n[2], n[0], n[1], took_s,
               peak_bytes() / volume);
        rgq_scan_release(&scan);
    }
    return RGQ_OK;
}

static rgq_status make_small(const char *folder, rgq_error *err)
{
    rgq_scan scan = {0};
    const rgq_write_opts opts = {true, NULL};
    const rgq_grid grid = rgq_grid_make((const int[3]){64, 64, 20}, (const double[3]){4, 4, 4},
                                        (const double[3]){0, 0, 0});
    rgq_status st = rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err);
    if (st == RGQ_OK) {
        rgq_fact_text_set(&scan.facts.decay_correction, "START", "benchmark");
        st = rgq_scan_write_dicom(folder, &scan, &opts, err);
    }
    rgq_scan_release(&scan);
    return st;
}

static void remove_small(const char *folder)
{
    rgq_names names;
    if (rgq_folder_list(&names, folder, NULL) != RGQ_OK)
        return;
    for (size_t i = 0; i < names.count; i++) {
        char path[RGQ_PATH_MAX];
        if (rgq_path_join(path, folder, names.name[i], NULL) == RGQ_OK)
            (void)unlink(path);
    }
    rgq_names_release(&names);
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    rgq_error err = RGQ_ERROR_INIT;
    char folder[] = "/tmp/rgq-bench-XXXXXX";
    double runs = 5.0;
    rgq_status st = RGQ_OK;

    if (argc > 2)
        st = rgq_parse_real(&runs, argv[2], 1.0, 1000.0, &err);
    if (st == RGQ_OK && argc > 1) {
        st = measure(argv[1], (int)runs, &err);
    } else if (st == RGQ_OK && mkdtemp(folder) != NULL) {
        st = make_small(folder, &err);
        if (st == RGQ_OK)
            st = measure(folder, (int)runs, &err);
        remove_small(folder);
    }
    if (st != RGQ_OK)
        fprintf(stderr, "bench_dicom: %s\n", err.message);
    return st == RGQ_OK ? 0 : 1;
}
