/* The structure of a data set, followed element by element with a stack of bounded depth. What
 * it accepts a recursive parser can follow too; where a file does not keep to the rules, the
 * items are counted byte by byte instead. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom_file.h"

enum { WINDOW = 65536 };
static const long long UNDEFINED = 0xffffffffLL;

typedef enum level_kind { LEVEL_ITEM, LEVEL_SEQUENCE, LEVEL_FRAGMENTS } level_kind;

typedef struct level {
    level_kind kind;
    long long end; /* -1: until its delimiter */
} level;

typedef struct walker {
    FILE *file;
    long long bytes;
    unsigned char *window;
    long long window_at;
    size_t window_size;
    bool is_implicit, is_big;
    level stack[2 * RGQ_DICOM_WALK_MAX];
    int depth;
    long long at;
    rgq_dicom_layout *out;
} walker;

typedef struct header {
    unsigned group, number;
    char vr[2]; /* blanks where there is none */
    long long length;
    long long value_at;
} header;

/* `size` bytes at `at`, or NULL beyond the end of the file. */
static const unsigned char *bytes_at(walker *w, long long at, size_t size)
{
    if (at < 0 || at + (long long)size > w->bytes)
        return NULL;
    if (at < w->window_at || at + (long long)size > w->window_at + (long long)w->window_size) {
        if (fseeko(w->file, (off_t)at, SEEK_SET) != 0)
            return NULL;
        w->window_size = fread(w->window, 1, WINDOW, w->file);
        w->window_at = at;
        if (w->window_size < size)
            return NULL;
    }
    return w->window + (at - w->window_at);
}

static unsigned word(const unsigned char *b, bool big)
{
    return big ? (unsigned)b[0] << 8 | b[1] : (unsigned)b[1] << 8 | b[0];
}

static long long dword(const unsigned char *b, bool big)
{
    const long long first = word(b, big);
    const long long second = word(b + 2, big);
    return big ? first << 16 | second : second << 16 | first;
}

static bool take_header(header *h, walker *w)
{
    const unsigned char *b = bytes_at(w, w->at, 8);

    if (b == NULL)
        return false;
    h->group = word(b, w->is_big);
    h->number = word(b + 2, w->is_big);
    h->vr[0] = h->vr[1] = ' ';
    h->value_at = w->at + 8;
    h->length = dword(b + 4, w->is_big);
    if (h->group == 0xfffe || w->is_implicit)
        return true;
    if (!rgq_dicom_is_vr(b + 4))
        return false;
    memcpy(h->vr, b + 4, 2);
    h->length = word(b + 6, w->is_big);
    if (!rgq_dicom_vr_is_long(b + 4))
        return true;
    b = bytes_at(w, w->at, 12);
    if (b == NULL)
        return false;
    h->value_at = w->at + 12;
    h->length = dword(b + 8, w->is_big);
    return true;
}

static bool push(walker *w, level_kind kind, const header *h)
{
    const level *top = &w->stack[w->depth - 1];
    const long long end = h->length == UNDEFINED ? -1 : h->value_at + h->length;

    if (w->depth == 2 * RGQ_DICOM_WALK_MAX || end > w->bytes ||
        (top->end >= 0 && end > top->end))
        return false;
    w->stack[w->depth++] = (level){kind, end};
    w->at = h->value_at;
    return true;
}

static bool is_vr(const header *h, const char *vr)
{
    return memcmp(h->vr, vr, 2) == 0;
}

static bool is_pixels(const header *h)
{
    return h->group == 0x7fe0 &&
           (h->number == 0x0010 || h->number == 0x0008 || h->number == 0x0009);
}

/* Without a VR a value is a sequence if it begins like one. */
static bool begins_with_item(walker *w, const header *h)
{
    const unsigned char *b = h->length >= 8 ? bytes_at(w, h->value_at, 4) : NULL;
    return b != NULL && word(b, w->is_big) == 0xfffe && word(b + 2, w->is_big) == 0xe000;
}

static bool step_over(walker *w, const header *h)
{
    const level *top = &w->stack[w->depth - 1];
    const long long end = h->value_at + h->length;

    if (h->length == UNDEFINED || h->length % 2 != 0 || end > w->bytes ||
        (top->end >= 0 && end > top->end))
        return false;
    w->at = end;
    return true;
}

static bool walk_element(walker *w, const header *h)
{
    const bool is_open = h->length == UNDEFINED;

    if (is_pixels(h) && w->depth == 1) {
        if (is_open)
            return push(w, LEVEL_FRAGMENTS, h);
        if (w->out->pixels_at < 0) {
            w->out->pixels_at = h->value_at;
            w->out->pixels_bytes = h->length;
            w->out->pixels_element = h->number;
        }
        return step_over(w, h);
    }
    if (is_vr(h, "SQ") || (w->is_implicit && (is_open || begins_with_item(w, h))))
        return push(w, LEVEL_SEQUENCE, h);
    return step_over(w, h);
}

/* The next element, item or delimiter; false where the file breaks the rules. */
static bool walk_one(walker *w)
{
    header h;
    const level top = w->stack[w->depth - 1];

    if (!take_header(&h, w))
        return false;
    const bool is_item = h.group == 0xfffe && h.number == 0xe000;
    const unsigned closing = top.kind == LEVEL_ITEM ? 0xe00d : 0xe0dd;
    if (h.group == 0xfffe && h.number == closing && h.length == 0 && top.end < 0) {
        w->depth--;
        w->at = h.value_at;
        return true;
    }
    if (top.kind == LEVEL_ITEM)
        return h.group != 0xfffe && walk_element(w, &h);
    if (!is_item || ++w->out->items > RGQ_DICOM_ITEMS_MAX)
        return false;
    return top.kind == LEVEL_SEQUENCE ? push(w, LEVEL_ITEM, &h) : step_over(w, &h);
}

static bool walk(walker *w, long long from)
{
    w->at = from;
    w->stack[0] = (level){LEVEL_ITEM, w->bytes};
    w->depth = 1;
    for (;;) {
        while (w->depth > 0 && w->stack[w->depth - 1].end == w->at)
            w->depth--;
        if (w->depth == 0)
            return true;
        if (!walk_one(w))
            return false;
    }
}

static bool is_item_tag(const unsigned char *b)
{
    return (b[0] == 0xfe && b[1] == 0xff && b[2] == 0x00 && b[3] == 0xe0) ||
           (b[0] == 0xff && b[1] == 0xfe && b[2] == 0xe0 && b[3] == 0x00);
}

/* Every item tag in the file, also what only looks like one. */
static long count_items(walker *w)
{
    long items = 0;
    size_t kept = 0; /* bytes of the last block that may begin a tag */

    rewind(w->file);
    for (;;) {
        const size_t size = kept + fread(w->window + kept, 1, WINDOW - kept, w->file);
        if (size == kept)
            return items;
        for (size_t i = 0; i + 4 <= size; i++)
            items += is_item_tag(w->window + i);
        kept = size < 3 ? size : 3;
        memmove(w->window, w->window + size - kept, kept);
    }
}

static rgq_status walk_file(walker *w, const rgq_dicom_sniff *sniff, rgq_error *err)
{
    const char *uid = sniff->syntax_uid;

    w->is_implicit = strcmp(uid, "1.2.840.10008.1.2") == 0;
    w->is_big = strcmp(uid, "1.2.840.10008.1.2.2") == 0;
    w->out->is_big = w->is_big;
    /* without a named syntax a parser guesses; that is not followed here */
    w->out->is_strict = uid[0] != '\0' && walk(w, sniff->dataset_at);
    if (w->out->is_strict)
        return RGQ_OK;
    w->out->pixels_at = -1;
    w->out->items = count_items(w);
    if (w->out->items > RGQ_DICOM_LOOSE_ITEMS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%ld sequence items in a file whose structure is broken or nested "
                         "deeper than %d levels; up to %d are read: the file is damaged",
                         w->out->items, RGQ_DICOM_WALK_MAX, RGQ_DICOM_LOOSE_ITEMS_MAX);
    return RGQ_OK;
}

rgq_status rgq_dicom_walk(rgq_dicom_layout *out, const char *path, const rgq_dicom_sniff *sniff,
                          rgq_error *err)
{
    walker w = {.bytes = sniff->bytes, .out = out};

    *out = (rgq_dicom_layout){.pixels_at = -1};
    RGQ_PASS(err, rgq_alloc(&w.window, WINDOW, 1, err));
    w.file = fopen(path, "rb");
    if (w.file == NULL) {
        rgq_free(w.window);
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    }
    (void)setvbuf(w.file, NULL, _IONBF, 0);
    const rgq_status st = walk_file(&w, sniff, err);
    (void)fclose(w.file);
    rgq_free(w.window);
    return st;
}
