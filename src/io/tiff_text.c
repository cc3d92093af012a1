#include "io/tiff_text.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"

enum { VALUE_MAX = 64 };

/* ---- as much of XML as OME needs: elements and their attributes, in one walk ---- */

typedef struct element {
    const char *begin; /* behind the name */
    const char *end;   /* at the '>' */
} element;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The '>' that ends a tag, not one in a quoted value; NULL at the end of the text. */
static const char *end_of_tag(const char *at)
{
    char quote = '\0';

    for (; *at != '\0'; at++) {
        if (quote != '\0' && *at == quote)
            quote = '\0';
        else if (quote != '\0')
            continue;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '>')
            return at;
    }
    return NULL;
}

/* The next element of that name from `at` on, whatever its prefix; where to go on, or NULL. */
static const char *next_element(element *out, const char *at, const char *name)
{
    const size_t length = strlen(name);

    while (at != NULL && (at = strchr(at, '<')) != NULL) {
        if (strncmp(at, "<!--", 4) == 0) {
            at = strstr(at, "-->");
            continue;
        }
        at++;
        const char *end = end_of_tag(at);
        if (end == NULL)
            return NULL;
        const size_t word = strcspn(at, " \t\r\n/>");
        const char *colon = memchr(at, ':', word);
        const char *local = colon != NULL ? colon + 1 : at;
        if ((size_t)(at + word - local) == length && strncmp(local, name, length) == 0) {
            *out = (element){at + word, end};
            return end;
        }
        at = end;
    }
    return NULL;
}

/* Value of an attribute; false if it is absent, empty or too long. */
static bool attribute(char value[VALUE_MAX], const element *e, const char *key)
{
    const char *at = e->begin;

    while (at < e->end) {
        while (at < e->end && (is_blank(*at) || *at == '/'))
            at++;
        const char *name = at;
        while (at < e->end && *at != '=' && !is_blank(*at))
            at++;
        const size_t length = (size_t)(at - name);
        while (at < e->end && *at != '"' && *at != '\'')
            at++;
        if (at >= e->end)
            return false;
        const char *begin = at + 1;
        const char *end = memchr(begin, *at, (size_t)(e->end - begin));
        if (end == NULL)
            return false;
        at = end + 1;
        if (length != strlen(key) || strncmp(name, key, length) != 0)
            continue;
        if (end == begin || end - begin >= VALUE_MAX)
            return false;
        memcpy(value, begin, (size_t)(end - begin));
        value[end - begin] = '\0';
        return true;
    }
    return false;
}

static long long whole(const element *e, const char *key, long long fallback)
{
    char value[VALUE_MAX];
    long long number = fallback;

    if (attribute(value, e, key) &&
        rgq_parse_int(&number, value, 0, 1000000000, NULL) != RGQ_OK)
        return fallback;
    return number;
}

static double real(const element *e, const char *key)
{
    char value[VALUE_MAX];
    double number = (double)NAN;

    if (!attribute(value, e, key) ||
        rgq_parse_real(&number, value, -1e12, 1e12, NULL) != RGQ_OK)
        return (double)NAN;
    return number;
}

/* ---- units ---- */

typedef struct unit {
    const char *word;
    double factor;
} unit;

static double factor_of(const unit *units, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, units[i].word) == 0)
            return units[i].factor;
    return (double)NAN;
}

/* The micro sign and the Greek letter, in UTF-8 and as one byte, and how ImageJ escapes them.
 */
static double length_mm(const char *word)
{
    static const unit units[] = {{"mm", 1.0},       {"\xc2\xb5m", 1e-3}, {"\xce\xbcm", 1e-3},
                                 {"\xb5m", 1e-3},   {"um", 1e-3},        {"micron", 1e-3},
                                 {"microns", 1e-3}, {"\\u00B5m", 1e-3},  {"micrometer", 1e-3},
                                 {"nm", 1e-6},      {"cm", 10.0},        {"m", 1e3},
                                 {"inch", 25.4},    {"in", 25.4},        {"millimeter", 1.0}};

    return factor_of(units, sizeof units / sizeof units[0], word);
}

static double time_s(const char *word)
{
    static const unit units[] = {
        {"s", 1.0},     {"ms", 1e-3},      {"\xc2\xb5s", 1e-6}, {"us", 1e-6},    {"ns", 1e-9},
        {"min", 60.0},  {"h", 3600.0},     {"d", 86400.0},      {"sec", 1.0},    {"msec", 1e-3},
        {"usec", 1e-6}, {"minutes", 60.0}, {"minute", 60.0},    {"hour", 3600.0}};

    return factor_of(units, sizeof units / sizeof units[0], word);
}

/* A number whose unit stands in an attribute of its own. */
static double measured(const element *e, const char *key, const char *unit_key,
                       double (*in)(const char *), const char *fallback)
{
    char word[VALUE_MAX];

    return real(e, key) * in(attribute(word, e, unit_key) ? word : fallback);
}

/* ---- OME ---- */

/* The grid of a file that this program wrote. */
static void take_affine(rgq_tiff_text *out, const char *text)
{
    element e;
    char key[VALUE_MAX];
    char numbers[512];
    double values[12];
    int count = 0;

    for (const char *at = next_element(&e, text, "M"); at != NULL;
         at = next_element(&e, at, "M")) {
        const size_t length = strcspn(at + 1, "<");
        if (!attribute(key, &e, "K") || strcmp(key, "AffineRAS") != 0 ||
            length >= sizeof numbers)
            continue;
        rgq_text_copy(numbers, length + 1, at + 1);
        if (rgq_parse_reals(values, &count, 12, numbers, ' ', NULL) != RGQ_OK || count != 12)
            continue;
        memcpy(out->affine, values, sizeof values);
        out->has_affine = true;
        return;
    }
}

static rgq_status parse_ome(rgq_tiff_text *out, const char *text, rgq_error *err)
{
    static const char *const sizes[] = {"SizeX", "SizeY", "SizeZ", "SizeC", "SizeT"};
    static const char *const voxel[3][2] = {{"PhysicalSizeX", "PhysicalSizeXUnit"},
                                            {"PhysicalSizeY", "PhysicalSizeYUnit"},
                                            {"PhysicalSizeZ", "PhysicalSizeZUnit"}};
    element e;
    element second;
    char order[VALUE_MAX] = "XYZCT";

    const char *at = next_element(&e, text, "Pixels");
    if (at == NULL)
        return RGQ_OK;
    out->is_ome = true;
    if (next_element(&second, at, "Pixels") != NULL)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the OME-XML describes several images; a file of one is read");
    for (int i = 0; i < 5; i++)
        out->size[i] = (int)whole(&e, sizes[i], 0);
    for (int i = 0; i < 3; i++) {
        const double mm = measured(&e, voxel[i][0], voxel[i][1], length_mm, "\xc2\xb5m");
        out->voxel_mm[i] = mm > 0.0 ? mm : (double)NAN;
    }
    out->increment_s = measured(&e, "TimeIncrement", "TimeIncrementUnit", time_s, "s");
    (void)attribute(order, &e, "DimensionOrder");
    const char *z = strchr(order, 'Z');
    const char *t = strchr(order, 'T');
    if (z == NULL || t == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the OME-XML has the DimensionOrder '%.20s'",
                         order);
    out->time_first = t < z;
    take_affine(out, text);
    return RGQ_OK;
}

/* The planes of one TiffData, which runs on through slices and frames in the file's order.
 * `*named` counts them all: more than there are would be work without end. */
static rgq_status place_planes(int *page, long long *named, const element *e,
                               const rgq_tiff_text *layout, int n_z, int n_pages,
                               rgq_error *err)
{
    const int n_t = n_pages / n_z;
    const long long first = whole(e, "IFD", -1);
    const long long count = whole(e, "PlaneCount", first >= 0 ? 1 : n_pages);
    const long long ifd = first >= 0 ? first : 0;
    long long z = whole(e, "FirstZ", 0);
    long long t = whole(e, "FirstT", 0);
    long long *fast = layout->time_first ? &t : &z;
    long long *slow = layout->time_first ? &z : &t;
    const int wrap = layout->time_first ? n_t : n_z;

    for (long long i = 0; i < count && i < n_pages; i++) {
        if (*fast >= wrap && i > 0) {
            *fast = 0;
            ++*slow;
        }
        if (z >= n_z || t >= n_t || ifd + i >= n_pages)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the OME-XML puts page %lld to slice %lld of frame %lld; there "
                             "are %d pages, %d slices and %d frames",
                             ifd + i, z, t, n_pages, n_z, n_t);
        page[z + (long long)n_z * t] = (int)(ifd + i);
        ++*fast;
        if (++*named > n_pages)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the TiffData of the OME-XML name more planes than the %d pages",
                             n_pages);
    }
    return RGQ_OK;
}

rgq_status rgq_tiff_text_place(int *page, const rgq_tiff_text *layout, int n_z, int n_pages,
                               const char *text, rgq_error *err)
{
    element e;
    long long named = 0;

    if (!layout->is_ome)
        return RGQ_OK;
    for (const char *at = next_element(&e, text, "TiffData"); at != NULL;
         at = next_element(&e, at, "TiffData"))
        RGQ_PASS(err, place_planes(page, &named, &e, layout, n_z, n_pages, err));
    return RGQ_OK;
}

/* A frame starts with its first slice; the time of one plane is its exposure. */
static void take_planes(rgq_volume *volume, const char *text)
{
    element e;

    for (const char *at = next_element(&e, text, "Plane"); at != NULL;
         at = next_element(&e, at, "Plane")) {
        const long long t = whole(&e, "TheT", 0);
        const double start = measured(&e, "DeltaT", "DeltaTUnit", time_s, "s");
        const double duration = measured(&e, "ExposureTime", "ExposureTimeUnit", time_s, "s");
        if (t >= rgq_volume_n_frames(volume) || whole(&e, "TheZ", 0) != 0)
            continue;
        rgq_frame time = rgq_volume_frame(volume, (int)t);
        if (isfinite(start))
            time.start_s = start;
        if (duration >= 0.0)
            time.duration_s = duration;
        rgq_volume_set_frame(volume, (int)t, time);
    }
}

void rgq_tiff_text_times(rgq_volume *volume, const rgq_tiff_text *layout, const char *text)
{
    const int n = rgq_volume_n_frames(volume);

    if (n > 1 && layout->increment_s > 0.0)
        for (int f = 0; f < n; f++)
            rgq_volume_set_frame(volume, f, (rgq_frame){f * layout->increment_s, (double)NAN});
    if (layout->is_ome)
        take_planes(volume, text);
}

/* ---- ImageJ: lines of key=value ---- */

static bool line_value(char value[VALUE_MAX], const char *text, const char *key)
{
    const size_t length = strlen(key);

    for (const char *line = text; line != NULL && *line != '\0';) {
        const size_t whole_line = strcspn(line, "\n");
        if (strncmp(line, key, length) == 0 && line[length] == '=' &&
            whole_line - length - 1 < VALUE_MAX) {
            rgq_text_copy(value, whole_line - length, line + length + 1);
            return value[0] != '\0';
        }
        line += whole_line + (line[whole_line] == '\n');
    }
    return false;
}

static int line_count(const char *text, const char *key)
{
    char value[VALUE_MAX];
    long long number = 0;

    if (!line_value(value, text, key) ||
        rgq_parse_int(&number, value, 1, 1000000000, NULL) != RGQ_OK)
        return 0;
    return (int)number;
}

static double line_real(const char *text, const char *key)
{
    char value[VALUE_MAX];
    double number = (double)NAN;

    if (!line_value(value, text, key) ||
        rgq_parse_real(&number, value, 0, 1e12, NULL) != RGQ_OK)
        return (double)NAN;
    return number;
}

/* Signed 16 bit is stored as unsigned with "cf=0 c0=-32768 c1=1"; cf 20 is no function. */
static rgq_status take_greys(rgq_tiff_text *out, const char *text, rgq_error *err)
{
    char word[VALUE_MAX];
    double c[2] = {0.0, 1.0};

    if (line_value(word, text, "vunit") && !rgq_text_equal_nocase(word, "gray value"))
        rgq_text_copy(out->value_unit, sizeof out->value_unit, word);
    if (!line_value(word, text, "cf") || strcmp(word, "20") == 0)
        return RGQ_OK;
    if (strcmp(word, "0") != 0)
        return RGQ_RAISE(
            err, RGQ_E_UNSUPPORTED,
            "ImageJ's calibration function %.20s of the grey values is no straight "
            "line; store the calibrated values as 32 bit",
            word);
    for (int i = 0; i < 2; i++) {
        const char key[3] = {'c', i == 0 ? '0' : '1', '\0'};
        if (!line_value(word, text, key))
            continue;
        if (rgq_parse_real(&c[i], word, -1e30, 1e30, NULL) != RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "ImageJ's coefficient %s of the grey values is '%.20s', a number "
                             "was needed",
                             key, word);
    }
    out->intercept = c[0];
    out->slope = c[1];
    return RGQ_OK;
}

static rgq_status parse_imagej(rgq_tiff_text *out, const char *text,
                               const double pixels_per_unit[2], rgq_error *err)
{
    char word[VALUE_MAX] = "";
    const double spacing = line_real(text, "spacing");

    out->is_imagej = true;
    out->size[2] = line_count(text, "slices");
    out->size[3] = line_count(text, "channels");
    out->size[4] = line_count(text, "frames");
    if (out->size[2] == 0 && out->size[4] == 0 && out->size[3] <= 1)
        out->size[2] = line_count(text, "images");
    RGQ_PASS(err, take_greys(out, text, err));
    out->increment_s =
        line_real(text, "finterval") * time_s(line_value(word, text, "tunit") ? word : "sec");
    if (!line_value(word, text, "unit"))
        return RGQ_OK;
    const double mm = length_mm(word);
    for (int i = 0; i < 2; i++)
        if (pixels_per_unit[i] > 0.0)
            out->voxel_mm[i] = mm / pixels_per_unit[i];
    if (spacing > 0.0)
        out->voxel_mm[2] = mm * spacing;
    return RGQ_OK;
}

rgq_status rgq_tiff_text_parse(rgq_tiff_text *out, const char *text,
                               const double pixels_per_unit[2], rgq_error *err)
{
    *out = (rgq_tiff_text){.increment_s = (double)NAN, .slope = 1.0};
    for (int i = 0; i < 3; i++)
        out->voxel_mm[i] = (double)NAN;
    if (text == NULL)
        return RGQ_OK;
    if (strncmp(text, "ImageJ=", 7) == 0)
        return parse_imagej(out, text, pixels_per_unit, err);
    if (strstr(text, "Pixels") != NULL)
        return parse_ome(out, text, err);
    return RGQ_OK;
}
