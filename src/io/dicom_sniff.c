/* Is it DICOM, and which kind? Decided from the first bytes, before DCMTK sees the file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom.h"
#include "io/dicom_file.h"

enum { HEAD_MAX = 16384, PREAMBLE = 128 };

typedef struct element {
    unsigned group, number;
    size_t value; /* offset of the value */
    size_t length;
} element;

static unsigned word(const unsigned char *b, bool big)
{
    return big ? (unsigned)b[0] << 8 | b[1] : (unsigned)b[1] << 8 | b[0];
}

static size_t dword(const unsigned char *b, bool big)
{
    return big ? (size_t)word(b, big) << 16 | word(b + 2, big)
               : (size_t)word(b + 2, big) << 16 | word(b, big);
}

bool rgq_dicom_is_vr(const unsigned char *b)
{
    static const char known[] = "AEASATCSDADSDTFDFLISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNUR"
                                "USUTUV";
    for (size_t i = 0; i + 1 < sizeof known; i += 2)
        if (b[0] == (unsigned char)known[i] && b[1] == (unsigned char)known[i + 1])
            return true;
    return false;
}

bool rgq_dicom_vr_is_long(const unsigned char *vr)
{
    return (vr[0] == 'O' && vr[1] != ' ') || (vr[0] == 'S' && (vr[1] == 'Q' || vr[1] == 'V')) ||
           (vr[0] == 'U' && strchr("CNRTV", vr[1]) != NULL);
}

/* Tag and length of the element at `at`; false if they are not all in the buffer. */
static bool take_element(element *out, const unsigned char *b, size_t size, size_t at, bool big)
{
    if (at + 12 > size)
        return false;
    out->group = word(b + at, big);
    out->number = word(b + at + 2, big);
    if (!rgq_dicom_is_vr(b + at + 4)) {
        out->length = dword(b + at + 4, big);
        out->value = at + 8;
    } else if (rgq_dicom_vr_is_long(b + at + 4)) {
        out->length = dword(b + at + 8, big);
        out->value = at + 12;
    } else {
        out->length = word(b + at + 6, big);
        out->value = at + 8;
    }
    return true;
}

static void copy_uid(char out[RGQ_DICOM_UID_MAX], const unsigned char *b, size_t length)
{
    size_t n = 0;
    for (; n < length && n + 1 < RGQ_DICOM_UID_MAX && b[n] > 0x20 && b[n] < 0x7f; n++)
        out[n] = (char)b[n];
    out[n] = '\0';
}

/* Group 0002 from `at`; false if it does not end inside the buffer. */
static bool take_meta(rgq_dicom_sniff *out, const unsigned char *b, size_t size, size_t at)
{
    element e = {0};
    while (take_element(&e, b, size, at, false)) {
        if (e.group != 2) {
            out->dataset_at = (long long)at;
            return true;
        }
        if (e.length > size - e.value)
            return false;
        if (e.number == 0x0002)
            copy_uid(out->class_uid, b + e.value, e.length);
        if (e.number == 0x0010)
            copy_uid(out->syntax_uid, b + e.value, e.length);
        at = e.value + e.length;
    }
    return false;
}

/* Without the letters DICM: two elements of group 0002 or 0008 in rising order. */
static bool looks_like_dataset(const unsigned char *b, size_t size)
{
    if (size < 24)
        return false;
    const bool big = b[0] == 0 && b[1] != 0;
    element first = {0};
    element next = {0};
    if (!take_element(&first, b, size, 0, big) || (first.group != 8 && first.group != 2) ||
        first.number > 0x70 || first.length > 256)
        return false;
    if (!take_element(&next, b, size, first.value + first.length, big))
        return false;
    return (next.group == first.group && next.number > first.number && next.number < 0x2300) ||
           (next.group > first.group && next.group <= 0x10);
}

static rgq_status sniff_bytes(rgq_dicom_sniff *out, const unsigned char *b, size_t size,
                              rgq_error *err)
{
    const bool marked = size >= PREAMBLE + 4 && memcmp(b + PREAMBLE, "DICM", 4) == 0;
    const size_t at = marked ? PREAMBLE + 4 : 0;

    out->dataset_at = (long long)at;
    out->is_dicom = marked || looks_like_dataset(b, size);
    if (!out->is_dicom || at + 12 > size) {
        if (!marked)
            return RGQ_OK;
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file ends after the letters DICM (%lld bytes); it is cut short",
                         out->bytes);
    }
    if (word(b + at, false) != 2)
        return RGQ_OK;
    out->has_meta = take_meta(out, b, size, at);
    if (!out->has_meta)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file meta information (group 0002) does not end within the first "
                         "%zu bytes; the file is cut short or damaged",
                         size);
    return RGQ_OK;
}

rgq_status rgq_dicom_sniff_file(rgq_dicom_sniff *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    unsigned char *head = NULL;
    struct stat info;
    FILE *file = NULL;

    memset(out, 0, sizeof *out);
    RGQ_TRY(err, rgq_alloc(&head, HEAD_MAX, 1, err));
    if (stat(path, &info) != 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
        goto out;
    }
    if (!S_ISREG(info.st_mode)) { /* a pipe would never end, and cannot be read twice */
        st = RGQ_RAISE(err, RGQ_E_IO, "this is not a regular file");
        goto out;
    }
    out->bytes = (long long)info.st_size;
    file = fopen(path, "rb");
    if (file == NULL) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
        goto out;
    }
    const size_t got = fread(head, 1, HEAD_MAX, file);
    if (ferror(file) != 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
        goto out;
    }
    RGQ_TRY(err, sniff_bytes(out, head, got, err));
out:
    if (file != NULL)
        (void)fclose(file);
    rgq_free(head);
    return st;
}

static bool file_is_dicom(const char *path)
{
    rgq_dicom_sniff sniff;
    const rgq_status st = rgq_dicom_sniff_file(&sniff, path, NULL);
    return (st == RGQ_OK || st == RGQ_E_FORMAT) && sniff.is_dicom;
}

bool rgq_dicom_is(const char *path)
{
    rgq_names names = {NULL, 0};
    bool found = false;

    if (!rgq_path_is_folder(path))
        return file_is_dicom(path);
    if (rgq_dicom_tree_list(&names, path, NULL) != RGQ_OK)
        return false;
    for (size_t i = 0; i < names.count && !found; i++) {
        char file[RGQ_PATH_MAX];
        found = rgq_path_join(file, path, names.name[i], NULL) == RGQ_OK && file_is_dicom(file);
    }
    rgq_names_release(&names);
    return found;
}
