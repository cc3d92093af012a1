/* DICOM objects by hand, explicit little endian: structure sets and segmentations small enough
 * to know every voxel. */
#ifndef RGQ_DICOM_BYTES_H
#define RGQ_DICOM_BYTES_H

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "rgq_check.h"

enum { BYTES_MOST = 1 << 16 };

typedef struct dicom_bytes {
    unsigned char byte[BYTES_MOST];
    size_t n;
} dicom_bytes;

static inline void add_bytes(dicom_bytes *d, const void *bytes, size_t n)
{
    ck_assert(d->n + n <= BYTES_MOST);
    memcpy(d->byte + d->n, bytes, n);
    d->n += n;
}

static inline void add_number(dicom_bytes *d, unsigned long value, int n)
{
    for (int i = 0; i < n; i++)
        add_bytes(d, &(unsigned char){(unsigned char)(value >> 8 * i & 255UL)}, 1);
}

static inline void add_tag(dicom_bytes *d, unsigned group, unsigned element)
{
    add_number(d, group, 2);
    add_number(d, element, 2);
}

/* Text, padded to an even length. */
static inline void add_text(dicom_bytes *d, unsigned group, unsigned element, const char *vr,
                            const char *value)
{
    const size_t n = strlen(value);
    add_tag(d, group, element);
    add_bytes(d, vr, 2);
    if (strcmp(vr, "UN") == 0) {
        add_number(d, 0, 2);
        add_number(d, n + n % 2, 4);
    } else {
        add_number(d, n + n % 2, 2);
    }
    add_bytes(d, value, n);
    if (n % 2 != 0)
        add_bytes(d, strcmp(vr, "UI") == 0 ? "" : " ", 1);
}

static inline void add_us(dicom_bytes *d, unsigned group, unsigned element, unsigned value)
{
    add_tag(d, group, element);
    add_bytes(d, "US", 2);
    add_number(d, 2, 2);
    add_number(d, value, 2);
}

/* OB or OW; `claim` is the length that is written. */
static inline void add_pixels(dicom_bytes *d, const char *vr, const void *bytes, size_t n,
                              unsigned long claim)
{
    add_tag(d, 0x7fe0, 0x0010);
    add_bytes(d, vr, 2);
    add_number(d, 0, 2);
    add_number(d, claim, 4);
    add_bytes(d, bytes, n);
}

static inline void begin_sequence(dicom_bytes *d, unsigned group, unsigned element)
{
    add_tag(d, group, element);
    add_bytes(d, "SQ", 2);
    add_number(d, 0, 2);
    add_number(d, 0xffffffffUL, 4);
}

static inline void end_sequence(dicom_bytes *d)
{
    add_tag(d, 0xfffe, 0xe0dd);
    add_number(d, 0, 4);
}

static inline void begin_item(dicom_bytes *d)
{
    add_tag(d, 0xfffe, 0xe000);
    add_number(d, 0xffffffffUL, 4);
}

static inline void end_item(dicom_bytes *d)
{
    add_tag(d, 0xfffe, 0xe00d);
    add_number(d, 0, 4);
}

/* Preamble and group 0002. */
static inline void begin_file(dicom_bytes *d, const char *class_uid, const char *syntax)
{
    memset(d, 0, sizeof *d);
    d->n = 128;
    add_bytes(d, "DICM", 4);
    const size_t length =
        8 + strlen(class_uid) + strlen(class_uid) % 2 + 8 + strlen(syntax) + strlen(syntax) % 2;
    add_tag(d, 2, 0);
    add_bytes(d, "UL", 2);
    add_number(d, 4, 2);
    add_number(d, length, 4);
    add_text(d, 2, 2, "UI", class_uid);
    add_text(d, 2, 0x10, "UI", syntax);
}

/* The same in Explicit VR Little Endian, and the SOP class. */
static inline void begin_object(dicom_bytes *d, const char *class_uid)
{
    begin_file(d, class_uid, "1.2.840.10008.1.2.1");
    add_text(d, 8, 0x16, "UI", class_uid);
}

static inline void save_object(const dicom_bytes *d, const char *path)
{
    MUST(rgq_file_write(path, d->byte, d->n, true, err));
}

/* ---- structure sets ---- */

typedef struct made_contour {
    int roi; /* index in the list of names */
    const char *kind;
    int n_points;     /* as stated */
    const char *data; /* LPS mm */
} made_contour;

typedef struct made_set {
    const char *name[4];
    int number[4];
    const char *frame_uid;
    const made_contour *contour;
    int n_contours;
    const char *data_vr; /* DS, or UN as writers do for long ones */
} made_set;

static inline void add_names(dicom_bytes *d, const made_set *set)
{
    char number[16];

    begin_sequence(d, 0x3006, 0x0020);
    for (int r = 0; r < 4 && set->name[r] != NULL; r++) {
        begin_item(d);
        (void)snprintf(number, sizeof number, "%d", set->number[r]);
        add_text(d, 0x3006, 0x0022, "IS", number);
        if (set->frame_uid != NULL)
            add_text(d, 0x3006, 0x0024, "UI", set->frame_uid);
        add_text(d, 0x3006, 0x0026, "LO", set->name[r]);
        end_item(d);
    }
    end_sequence(d);
}

static inline void make_rtstruct(dicom_bytes *d, const made_set *set)
{
    char number[16];

    begin_object(d, "1.2.840.10008.5.1.4.1.1.481.3");
    add_text(d, 8, 0x60, "CS", "RTSTRUCT");
    add_names(d, set);
    begin_sequence(d, 0x3006, 0x0039);
    for (int r = 0; r < 4 && set->name[r] != NULL; r++) {
        begin_item(d);
        begin_sequence(d, 0x3006, 0x0040);
        for (int c = 0; c < set->n_contours; c++) {
            if (set->contour[c].roi != r)
                continue;
            begin_item(d);
            add_text(d, 0x3006, 0x0042, "CS", set->contour[c].kind);
            (void)snprintf(number, sizeof number, "%d", set->contour[c].n_points);
            add_text(d, 0x3006, 0x0046, "IS", number);
            add_text(d, 0x3006, 0x0050, set->data_vr != NULL ? set->data_vr : "DS",
                     set->contour[c].data);
            end_item(d);
        }
        end_sequence(d);
        (void)snprintf(number, sizeof number, "%d", set->number[r]);
        add_text(d, 0x3006, 0x0084, "IS", number);
        end_item(d);
    }
    end_sequence(d);
}

/* ---- segmentations ---- */

typedef struct made_seg {
    const char *type;
    int rows, columns;
    int fraction_max;
    int n_segments; /* "part 1", "part 2", ... */
    int n_frames;
    int stated_frames;   /* 0: as many as there are */
    const int *segment;  /* of each frame */
    const double *z_mm;  /* of each frame */
    const char *between; /* SpacingBetweenSlices, or NULL */
    const unsigned char *pixels;
    size_t n_bytes;
    unsigned long claim; /* length of the pixels as written; 0: as it is */
    const char *class_uid;
} made_seg;

static inline void add_measures(dicom_bytes *d, const made_seg *s)
{
    begin_sequence(d, 0x5200, 0x9229);
    begin_item(d);
    begin_sequence(d, 0x0020, 0x9116);
    begin_item(d);
    add_text(d, 0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0");
    end_item(d);
    end_sequence(d);
    begin_sequence(d, 0x0028, 0x9110);
    begin_item(d);
    add_text(d, 0x0018, 0x0050, "DS", "3");
    if (s->between != NULL)
        add_text(d, 0x0018, 0x0088, "DS", s->between);
    add_text(d, 0x0028, 0x0030, "DS", "2\\2");
    end_item(d);
    end_sequence(d);
    end_item(d);
    end_sequence(d);
}

static inline void add_frames(dicom_bytes *d, const made_seg *s)
{
    char words[64];

    begin_sequence(d, 0x5200, 0x9230);
    for (int f = 0; f < s->n_frames; f++) {
        begin_item(d);
        begin_sequence(d, 0x0020, 0x9113);
        begin_item(d);
        (void)snprintf(words, sizeof words, "10\\20\\%g", s->z_mm[f]);
        add_text(d, 0x0020, 0x0032, "DS", words);
        end_item(d);
        end_sequence(d);
        begin_sequence(d, 0x0062, 0x000a);
        begin_item(d);
        add_us(d, 0x0062, 0x000b, (unsigned)s->segment[f]);
        end_item(d);
        end_sequence(d);
        end_item(d);
    }
    end_sequence(d);
}

/* First pixel at (10, 20, z) LPS, 2 mm pixels, slices 3 mm thick. */
static inline void make_seg(dicom_bytes *d, const made_seg *s)
{
    char words[64];
    const bool binary = strcmp(s->type, "BINARY") == 0;

    begin_object(d, s->class_uid != NULL ? s->class_uid : "1.2.840.10008.5.1.4.1.1.66.4");
    add_text(d, 8, 0x60, "CS", "SEG");
    add_text(d, 0x0020, 0x0052, "UI", "1.2.3.4");
    add_us(d, 0x0028, 0x0002, 1);
    (void)snprintf(words, sizeof words, "%d",
                   s->stated_frames > 0 ? s->stated_frames : s->n_frames);
    add_text(d, 0x0028, 0x0008, "IS", words);
    add_us(d, 0x0028, 0x0010, (unsigned)s->rows);
    add_us(d, 0x0028, 0x0011, (unsigned)s->columns);
    add_us(d, 0x0028, 0x0100, binary ? 1 : 8);
    add_us(d, 0x0028, 0x0101, binary ? 1 : 8);
    add_us(d, 0x0028, 0x0102, binary ? 0 : 7);
    add_us(d, 0x0028, 0x0103, 0);
    add_text(d, 0x0062, 0x0001, "CS", s->type);
    begin_sequence(d, 0x0062, 0x0002);
    for (int i = 1; i <= s->n_segments; i++) {
        begin_item(d);
        add_us(d, 0x0062, 0x0004, (unsigned)i);
        (void)snprintf(words, sizeof words, "part %d", i);
        add_text(d, 0x0062, 0x0005, "LO", words);
        end_item(d);
    }
    end_sequence(d);
    if (!binary)
        add_us(d, 0x0062, 0x000e, (unsigned)s->fraction_max);
    add_measures(d, s);
    add_frames(d, s);
    add_pixels(d, "OB", s->pixels, s->n_bytes, s->claim > 0 ? s->claim : s->n_bytes);
}

#endif
