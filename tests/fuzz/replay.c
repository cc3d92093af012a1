/* Stand-in for libFuzzer in ordinary builds: feed every file of a corpus and mutations of it to
 * the target, in passes until the seconds are over; the first pass is always whole.
 * usage: fuzz_<name> CORPUS_FOLDER [MUTATIONS_PER_FILE [SECONDS]]
 *        fuzz_<name> FILE
 *
 * A mutation follows from the bytes of its file and its number alone. The input that ends the
 * program, or on which it does not end, is written to crash-fuzz_<name> in the working folder;
 * the second form feeds it again. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both come with AddressSanitizer, or not at all. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* UndefinedBehaviorSanitizer asks for this; an abort is seen by on_signal(), an exit is not. */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    return "abort_on_error=1";
}

enum { LARGEST = 1 << 16, DEFAULT_MUTATIONS = 300, HANGS_AFTER_S = 60 };

static uint64_t state;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* FNV-1a of the file, then the number: xorshift must not start at 0. */
static void seed(const uint8_t *data, size_t size, uint64_t number)
{
    state = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        state = (state ^ data[i]) * 0x100000001b3u;
    state = (state ^ (number * 0x9e3779b97f4a7c15u)) | 1u;
    for (int i = 0; i < 8; i++)
        (void)next_random();
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

/* ---- the input that ends the program ---- */

static struct {
    const uint8_t *data; /* NULL: none is being fed */
    size_t size;
    const char *file;
    long number;
    char path[256];
} current;

static void say(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* Called once the process is lost: nothing but system calls. */
static void keep_input(void)
{
    char digits[24];
    char *digit = digits + sizeof digits - 1;
    long n = current.number;

    if (current.data == NULL)
        return;
    const int fd = open(current.path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, current.data, current.size) != (ssize_t)current.size)
        say("\nthe input could not be written\n");
    if (fd >= 0)
        (void)close(fd);
    for (*digit = '\0'; n > 0 || *digit == '\0'; n /= 10)
        *--digit = (char)('0' + n % 10);
    say("\ninput: ");
    say(current.file);
    say(", mutation ");
    say(digit);
    say(" (0: as it is); written to ");
    say(current.path);
    say("\n");
    current.data = NULL;
}

static void on_signal(int number)
{
    if (number == SIGALRM)
        say("\nthe input has not ended after a minute\n");
    keep_input();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* AddressSanitizer takes the faults and calls back; an abort comes as a signal. */
static void watch(const char *program)
{
    static const int faults[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    const size_t first = 2;
    const char *base = strrchr(program, '/');

    (void)snprintf(current.path, sizeof current.path, "crash-%.200s",
                   base != NULL ? base + 1 : program);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (i < first || __sanitizer_set_death_callback == NULL)
            (void)signal(faults[i], on_signal);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(keep_input);
}

/* ---- feeding ---- */

static size_t load(const char *path, uint8_t *data)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return 0;
    const size_t size = fread(data, 1, LARGEST, file);
    (void)fclose(file);
    return size;
}

/* An exact heap copy lets ASan see a read past the end. */
static void feed(const uint8_t *data, size_t size, const char *file, long number)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);

    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    current.file = file;
    current.number = number;
    current.size = size;
    current.data = data;
    (void)alarm(HANGS_AFTER_S);
    (void)LLVMFuzzerTestOneInput(exact, size);
    (void)alarm(0);
    current.data = NULL;
    free(exact);
}

static double now_s(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The file itself if `from` is 0, then mutations from + 1 to from + count; beyond the first
 * pass no longer than until `end_s`. */
static long feed_file(const char *folder, const char *name, long from, long count, double end_s)
{
    static uint8_t original[LARGEST];
    static uint8_t changed[LARGEST];
    char path[4096];
    long fed = 0;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const size_t size = load(path, original);
    if (from == 0) {
        feed(original, size, name, 0);
        fed++;
    }
    for (long m = from + 1; m <= from + count && (from == 0 || now_s() < end_s); m++) {
        memcpy(changed, original, size);
        seed(original, size, (uint64_t)m);
        feed(changed, mutate(changed, size), name, m);
        fed++;
    }
    if (__lsan_do_recoverable_leak_check != NULL && from == 0 &&
        __lsan_do_recoverable_leak_check() != 0) {
        fprintf(stderr, "memory is lost by %s or one of its first %ld mutations\n", path,
                count);
        exit(1);
    }
    return fed;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int feed_one(const char *path)
{
    static uint8_t data[LARGEST];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fprintf(stderr, "%s: no such corpus folder or file\n", path);
        return 1;
    }
    (void)fclose(file);
    feed(data, load(path, data), path, 0);
    return 0;
}

int main(int argc, char **argv)
{
    const long mutations = argc > 2 ? strtol(argv[2], NULL, 10) : DEFAULT_MUTATIONS;
    const double end_s = now_s() + (argc > 3 ? strtod(argv[3], NULL) : 0.0);
    struct dirent **entry = NULL;
    long inputs = 0;
    long passes = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTATIONS_PER_FILE [SECONDS]]\n", argv[0]);
        return 1;
    }
    watch(argv[0]);
    const int files = scandir(argv[1], &entry, is_visible, alphasort);
    if (files < 0)
        return feed_one(argv[1]);
    do {
        for (int i = 0; i < files; i++)
            inputs +=
                feed_file(argv[1], entry[i]->d_name, passes * mutations, mutations, end_s);
        passes++;
    } while (files > 0 && mutations > 0 && now_s() < end_s);
    printf("%d corpus files, %ld inputs in %ld passes\n", files, inputs, passes);
    for (int i = 0; i < files; i++)
        free(entry[i]);
    free(entry);
    return files > 0 ? 0 : 1;
}
