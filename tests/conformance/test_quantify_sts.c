/* The main job on a real scan: STS_002 of the IBSI's set, DICOM, with its NIfTI mask. The
 * figures are those of the files themselves (555 voxels under the mask of the GML image). */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "num/threads.h"
#include "rgdquant/quantify.h"
#include "rgq_check.h"
#include "rgq_reference.h"

static const char *const names[] = {
    "measures.json", "measures.tsv",   "overview.png",     "regions.nii.gz", "regions.tsv",
    "report.html",   "surrogate.json", "calibrate.nii.gz", "calibrate.json", "run.json"};

enum { N_NAMES = sizeof names / sizeof names[0], MAX_BYTES = 1 << 24 };

static char folder[] = "quantify-sts-XXXXXX";

static void run_once(rgq_quantify_result *result, int threads)
{
    static char path[2][4096];
    static char out[64];
    static char words[][32] = {"rgdquant", "quantify", "--tracer", "18F-fluciclatide"};
    char *argv[] = {words[0], words[1], path[0], words[2], words[3], path[1]};
    rgq_quantify_opts opts = RGQ_QUANTIFY_OPTS_INIT;

    (void)snprintf(path[0], sizeof path[0], "%s",
                   reference_path("sts-pet/STS_002-dicom/PET/image"));
    (void)snprintf(path[1], sizeof path[1], "%s",
                   reference_path("sts-pet/STS_002-nifti/PET_mask.nii.gz"));
    (void)snprintf(out, sizeof out, "%s/%d", folder, threads);
    opts.scan = path[0];
    opts.regions = path[1];
    opts.out = out;
    opts.tracers = RGQ_SOURCE_DIR "/tracers";
    opts.tracer = "18F-fluciclatide";
    opts.keep = "calibrate";
    opts.argc = ROWS(argv);
    opts.argv = argv;
    rgq_threads_set(threads);
    MUST(rgq_quantify(result, &opts, NULL, err));
}

static double cell(const rgq_quantify_result *r, const char *column)
{
    return rgq_table_real(r->measures, 0, rgq_table_find(r->measures, column));
}

static char *read_output(int threads, const char *name, size_t *length)
{
    char path[160];
    char *bytes = NULL;
    (void)snprintf(path, sizeof path, "%s/%d/%s", folder, threads, name);
    MUST(rgq_file_read(&bytes, length, path, MAX_BYTES, err));
    return bytes;
}

/* Value of a top-level element of a file in implicit little-endian, by its first place. */
static void element(char *out, size_t size, const char *bytes, size_t length, unsigned group,
                    unsigned tag)
{
    const unsigned char key[4] = {(unsigned char)(group & 255U), (unsigned char)(group >> 8),
                                  (unsigned char)(tag & 255U), (unsigned char)(tag >> 8)};
    out[0] = '\0';
    for (size_t i = 132; i + 8 < length; i++) {
        const unsigned char *at = (const unsigned char *)bytes + i;
        if (memcmp(at, key, 4) != 0 || at[5] != 0 || at[6] != 0 || at[7] != 0)
            continue;
        size_t n = at[4];
        if (n >= size || i + 8 + n > length)
            continue;
        memcpy(out, at + 8, n);
        out[n] = '\0';
        while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\0'))
            out[--n] = '\0';
        return;
    }
}

static bool holds(const char *bytes, size_t length, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= length; i++)
        if (memcmp(bytes + i, word, n) == 0)
            return true;
    return false;
}

/* Compressed images are looked at unpacked. */
static char *unpacked(int threads, const char *name, size_t *length)
{
    char command[320];
    const size_t n = strlen(name);

    if (strcmp(name + n - 3, ".gz") != 0)
        return read_output(threads, name, length);
    (void)snprintf(command, sizeof command, "gzip -dc %s/%d/%s > %s/%d/unpacked", folder,
                   threads, name, folder, threads);
    ck_assert_int_eq(system(command), 0);
    return read_output(threads, "unpacked", length);
}

START_TEST(figures)
{
    rgq_quantify_result r;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    run_once(&r, 1);
    ck_assert_int_eq(rgq_table_n_rows(r.measures), 1);
    ck_assert_int_eq((int)cell(&r, "n_voxels"), 555);
    /* four decimals, as they are quoted */
    ck_assert_double_eq_tol(cell(&r, "mean"), 7.3696, 0.00005);
    ck_assert_double_eq_tol(cell(&r, "max"), 21.6757, 0.00005);
    ck_assert_double_eq_tol(cell(&r, "volume_ml"), 54.2771, 0.00005);
    ck_assert_int_eq(r.unit, RGQ_UNIT_SUV_BW);
    ck_assert(strstr(r.warnings_json, "another tracer, 'FDG -- fluorodeoxyglucose'") != NULL);
    /* this file dates the injection after the scan */
    ck_assert(strstr(r.warnings_json, "uptake time is not known") != NULL);
    ck_assert(isnan(r.uptake_time_min));
    rgq_quantify_result_release(&r);
}
END_TEST

START_TEST(nobody_is_named)
{
    static const struct {
        unsigned group;
        unsigned tag;
    } tags[] = {{0x0010, 0x0010}, {0x0010, 0x0020}, {0x0008, 0x0018}, {0x0020, 0x000D},
                {0x0020, 0x000E}, {0x0008, 0x0050}, {0x0008, 0x0020}, {0x0008, 0x0031}};
    rgq_quantify_result r;
    rgq_names files;
    size_t length = 0;
    char *header = NULL;
    char path[4096];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    run_once(&r, 1);
    rgq_quantify_result_release(&r);
    MUST(rgq_folder_list(&files, reference_path("sts-pet/STS_002-dicom/PET/image"), err));
    MUST(rgq_path_join(path, reference_path("sts-pet/STS_002-dicom/PET/image"), files.name[0],
                       err));
    MUST(rgq_file_read(&header, &length, path, MAX_BYTES, err));
    for (int t = 0; t < ROWS(tags); t++) {
        char word[128];
        element(word, sizeof word, header, length, tags[t].group, tags[t].tag);
        ck_assert_msg(strlen(word) >= 6, "(%04x,%04x) is '%s'", tags[t].group, tags[t].tag,
                      word);
        for (int i = 0; i < N_NAMES; i++) {
            size_t n = 0;
            char *bytes = unpacked(1, names[i], &n);
            ck_assert_msg(!holds(bytes, n, word), "%s is in %s", word, names[i]);
            ck_assert_msg(!holds(bytes, n, files.name[0]), "%s is in %s", files.name[0],
                          names[i]);
            ck_assert_msg(!holds(bytes, n, "PET_mask"), "in %s", names[i]);
            rgq_free(bytes);
        }
    }
    rgq_free(header);
    rgq_names_release(&files);
}
END_TEST

START_TEST(threads_give_the_same_bytes)
{
    rgq_quantify_result r;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (int t = 1; t <= 2; t++) {
        run_once(&r, t);
        rgq_quantify_result_release(&r);
    }
    for (int i = 0; i < N_NAMES; i++) {
        size_t n[2] = {0, 0};
        char *bytes[2];
        for (int t = 0; t < 2; t++)
            bytes[t] = read_output(t + 1, names[i], &n[t]);
        if (strcmp(names[i], "run.json") == 0) /* its part "run" differs */
            n[0] = n[1] = (size_t)(strstr(bytes[0], "\"run\": {") - bytes[0]);
        ck_assert_uint_eq(n[0], n[1]);
        ck_assert_msg(memcmp(bytes[0], bytes[1], n[0]) == 0, "%s", names[i]);
        rgq_free(bytes[0]);
        rgq_free(bytes[1]);
    }
}
END_TEST

static void clean_up(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
}

int main(void)
{
    RGQ_NEED_REFERENCE();
    RGQ_CHECK_RUN("quantify-sts", tcase_add_checked_fixture(tc, NULL, clean_up);
                  tcase_add_test(tc, figures); tcase_add_test(tc, nobody_is_named);
                  tcase_add_test(tc, threads_give_the_same_bytes));
}
