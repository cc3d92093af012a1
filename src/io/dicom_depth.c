/* How deep do sequences nest? Found without recursion, before a recursive parser sees the file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "io/dicom_file.h"

enum { HEADER = 12, META_AT = 132 };

static const long long FOREVER = 0x7fffffffffffffffLL;

/* A sequence or an item that is not closed yet. */
typedef struct open_part {
    long long end;
    bool is_sequence;
} open_part;

typedef struct walk {
    FILE *file;
    long long at, size;
    bool big, explicit_vr, in_meta;
    unsigned group, number;
    unsigned long length;
    char vr[3];
    open_part open[RGQ_DICOM_DEPTH_MAX];
    int depth;
} walk;

static unsigned long number_at(const unsigned char *b, int bytes, bool big)
{
    unsigned long value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | b[big ? i : bytes - 1 - i];
    return value;
}

static bool take_bytes(walk *w, unsigned char *bytes, size_t n)
{
    return fseeko(w->file, (off_t)w->at, SEEK_SET) == 0 && fread(bytes, 1, n, w->file) == n;
}

/* Tag, VR and length of what stands at the cursor, which moves behind them. */
static bool take_header(walk *w)
{
    unsigned char b[HEADER] = {0};
    const bool plain = !w->in_meta;

    if (w->at + 8 > w->size || !take_bytes(w, b, 8))
        return false;
    w->group = (unsigned)number_at(b, 2, w->big && plain);
    if (w->in_meta && w->group != 2) {
        w->in_meta = false;
        return take_header(w);
    }
    w->number = (unsigned)number_at(b + 2, 2, w->big && plain);
    w->vr[0] = w->vr[1] = '\0';
    w->at += 8;
    if (w->group == 0xfffe || (plain && !w->explicit_vr)) {
        w->length = number_at(b + 4, 4, w->big && plain);
        return true;
    }
    memcpy(w->vr, b + 4, 2);
    const bool wide =
        strchr("OU", w->vr[0]) != NULL
            ? strcmp(w->vr, "UI") != 0 && strcmp(w->vr, "UL") != 0 && strcmp(w->vr, "US") != 0
            : strcmp(w->vr, "SQ") == 0 || strcmp(w->vr, "SV") == 0;
    if (!wide) {
        w->length = number_at(b + 6, 2, w->big && plain);
        return true;
    }
    if (w->at + 4 > w->size || !take_bytes(w, b, 4))
        return false;
    w->length = number_at(b, 4, w->big && plain);
    w->at += 4;
    return true;
}

static rgq_status push(walk *w, bool is_sequence, rgq_error *err)
{
    if (w->depth == RGQ_DICOM_DEPTH_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "sequences nest deeper than %d levels: the file is damaged",
                         RGQ_DICOM_DEPTH_MAX / 2);
    w->open[w->depth++] = (open_part){
        w->length == 0xffffffffUL ? FOREVER : w->at + (long long)w->length, is_sequence};
    return RGQ_OK;
}

/* Does the value at the cursor begin like a sequence? Implicit VR names no types. */
static bool begins_with_item(walk *w)
{
    unsigned char b[4];
    return w->length >= 8 && w->at + 8 <= w->size && take_bytes(w, b, 4) &&
           number_at(b, 2, w->big) == 0xfffe && number_at(b + 2, 2, w->big) == 0xe000;
}

static rgq_status step(walk *w, rgq_error *err)
{
    const bool undefined = w->length == 0xffffffffUL;

    if (w->group == 0xfffe && w->number == 0xe000)
        return push(w, false, err);
    if (w->group == 0xfffe) { /* a delimiter closes the nearest part without a length */
        while (w->depth > 0 && w->open[w->depth - 1].end != FOREVER)
            w->depth--;
        if (w->depth > 0)
            w->depth--;
        return RGQ_OK;
    }
    if (w->group == 0x7fe0) { /* pixels: nothing nests behind them */
        w->at = undefined ? w->size : w->at + (long long)w->length;
        return RGQ_OK;
    }
    if (undefined || strcmp(w->vr, "SQ") == 0 ||
        ((w->vr[0] == '\0' || strcmp(w->vr, "UN") == 0) && begins_with_item(w)))
        return push(w, true, err);
    w->at += (long long)w->length;
    return RGQ_OK;
}

static rgq_status walk_file(walk *w, rgq_error *err)
{
    while (take_header(w)) {
        RGQ_PASS(err, step(w, err));
        /* a part ends where its length says, but not before what is inside it has ended */
        while (w->depth > 0 && w->at >= w->open[w->depth - 1].end)
            w->depth--;
    }
    return RGQ_OK;
}

static bool looks_explicit(walk *w)
{
    unsigned char b[8];
    return w->at + 8 <= w->size && take_bytes(w, b, 8) && b[4] >= 'A' && b[4] <= 'Z' &&
           b[5] >= 'A' && b[5] <= 'Z';
}

rgq_status rgq_dicom_check_depth(const char *path, const rgq_dicom_sniff *sniff, rgq_error *err)
{
    walk w = {.size = sniff->bytes, .in_meta = sniff->has_meta};
    unsigned char mark[4];

    if (strcmp(sniff->syntax_uid, "1.2.840.10008.1.2.1.99") == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the transfer syntax is Deflated Explicit VR Little Endian, which is "
                         "not read for this kind of object; dcmconv +te rewrites the file");
    w.file = fopen(path, "rb");
    if (w.file == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    w.at = META_AT - 4;
    w.at = take_bytes(&w, mark, 4) && memcmp(mark, "DICM", 4) == 0 ? META_AT : 0;
    w.big = strcmp(sniff->syntax_uid, "1.2.840.10008.1.2.2") == 0;
    w.explicit_vr = sniff->has_meta ? strcmp(sniff->syntax_uid, "1.2.840.10008.1.2") != 0
                                    : looks_explicit(&w);
    const rgq_status st = walk_file(&w, err);
    (void)fclose(w.file);
    return st;
}
