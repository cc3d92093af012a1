/* Stand-in for libFuzzer in ordinary builds: feed every corpus file, then mutations of each
 * made with a fixed seed, to the target. Under ASan this is the smoke run of the test suite.
 * usage: fuzz_<name> CORPUS_FOLDER [MUTATIONS_PER_FILE] */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 16, DEFAULT_MUTATIONS = 300 };

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* Flip, overwrite, blank, repeat or cut: what a damaged file looks like. */
static size_t mutate(uint8_t *data, size_t size)
{
    const uint32_t changes = 1 + next_random() % 4;

    for (uint32_t c = 0; c < changes && size > 0; c++) {
        const size_t at = next_random() % size;
        switch (next_random() % 5) {
        case 0:
            data[at] ^= (uint8_t)(1u << next_random() % 8);
            break;
        case 1:
            data[at] = (uint8_t)next_random();
            break;
        case 2:
            size = at;
            break;
        case 3:
            memset(data + at, (next_random() & 1) != 0 ? 0xff : 0x00,
                   size - at < 4 ? size - at : 4);
            break;
        default:
            memmove(data + at, data, size - at);
            break;
        }
    }
    return size;
}

static size_t load(const char *folder, const char *name, uint8_t *data)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    const size_t size = fread(data, 1, LARGEST, file);
    (void)fclose(file);
    return size;
}

/* An exact heap copy lets ASan see a read past the end. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);

    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

int main(int argc, char **argv)
{
    static uint8_t original[LARGEST];
    static uint8_t changed[LARGEST];
    const long mutations = argc > 2 ? strtol(argv[2], NULL, 10) : DEFAULT_MUTATIONS;
    long files = 0;

    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    if (dir == NULL) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTATIONS_PER_FILE]\n", argv[0]);
        return 1;
    }
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        const size_t size = load(argv[1], e->d_name, original);
        files++;
        feed(original, size);
        for (long m = 0; m < mutations; m++) {
            memcpy(changed, original, size);
            feed(changed, mutate(changed, size));
        }
    }
    (void)closedir(dir);
    printf("%ld corpus files, %ld mutations each\n", files, mutations);
    return files > 0 ? 0 : 1;
}
