#include "pipeline/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"

typedef struct needle {
    char *path;
    size_t length;
    char label[32];
} needle;

struct rgq_redactor {
    needle *needle; /* longest first */
    size_t count;
    size_t capacity;
};

rgq_status rgq_redactor_create(rgq_redactor **out, rgq_error *err)
{
    return rgq_alloc(out, 1, sizeof **out, err);
}

void rgq_redactor_free(rgq_redactor *redactor)
{
    if (redactor == NULL)
        return;
    for (size_t i = 0; i < redactor->count; i++)
        rgq_free(redactor->needle[i].path);
    rgq_free(redactor->needle);
    rgq_free(redactor);
}

static rgq_status add_needle(rgq_redactor *redactor, const char *path, size_t length,
                             const char *label, rgq_error *err)
{
    char *copy = NULL;

    for (size_t i = 0; i < redactor->count; i++)
        if (redactor->needle[i].length == length &&
            memcmp(redactor->needle[i].path, path, length) == 0)
            return RGQ_OK; /* the first label stays */
    if (redactor->count == redactor->capacity) {
        const size_t capacity = redactor->capacity > 0 ? 2 * redactor->capacity : 16;
        RGQ_PASS(err, rgq_realloc(&redactor->needle, capacity, sizeof *redactor->needle, err));
        redactor->capacity = capacity;
    }
    RGQ_PASS(err, rgq_alloc(&copy, length + 1, 1, err));
    memcpy(copy, path, length);
    size_t at = redactor->count++;
    for (; at > 0 && redactor->needle[at - 1].length < length; at--)
        redactor->needle[at] = redactor->needle[at - 1];
    redactor->needle[at] = (needle){.path = copy, .length = length};
    (void)snprintf(redactor->needle[at].label, sizeof redactor->needle[at].label, "%s", label);
    return RGQ_OK;
}

/* A plain word ("image", "PET") is left alone: it would vanish from every sentence. */
static bool is_telling(const char *name, size_t length)
{
    for (size_t i = 1; i < length; i++)
        if (isupper((unsigned char)name[i - 1]) && islower((unsigned char)name[i]))
            return true;
    for (size_t i = 0; i < length; i++)
        if (name[i] == '_' || name[i] == '.' || name[i] == ' ' || name[i] == '-' ||
            isdigit((unsigned char)name[i]))
            return length > 2;
    return false;
}

rgq_status rgq_redactor_add(rgq_redactor *redactor, const char *path, const char *label,
                            rgq_error *err)
{
    char folder[32];
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0)
        return RGQ_OK;
    RGQ_PASS(err, add_needle(redactor, path, length, label, err));
    size_t base = length;
    while (base > 0 && path[base - 1] != '/')
        base--;
    if (base < length && is_telling(path + base, length - base))
        RGQ_PASS(err, add_needle(redactor, path + base, length - base, label, err));
    if (base > 1) {
        (void)snprintf(folder, sizeof folder, "%s/..", label);
        RGQ_PASS(err, add_needle(redactor, path, base - 1, folder, err));
    }
    return RGQ_OK;
}

/* May this byte stand inside a file name? Sentences end names with blanks and punctuation. */
static bool is_name_byte(char c)
{
    return c != '\0' && strchr(" \t\n,;:'\"()<>=", c) == NULL;
}

static bool starts_word(const char *text, size_t i)
{
    return i == 0 || !is_name_byte(text[i - 1]);
}

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (is_name_byte(at[n]))
        n++;
    while (n > 1 && at[n - 1] == '.') /* the full stop of the sentence */
        n--;
    return n;
}

static size_t match_needle(rgq_text *out, const rgq_redactor *redactor, const char *at)
{
    for (size_t k = 0; k < redactor->count; k++) {
        const needle *n = &redactor->needle[k];
        if (strncmp(at, n->path, n->length) != 0)
            continue;
        const char *behind = at + n->length;
        if (*behind == '/' && is_name_byte(behind[1])) { /* the name inside may tell, too */
            rgq_text_printf(out, "%s/...", n->label);
            return n->length + word_length(behind);
        }
        const bool ends = (*behind == '.' || *behind == '/') && !is_name_byte(behind[1]);
        if (!is_name_byte(*behind) || ends) {
            rgq_text_printf(out, "%s", n->label);
            return n->length;
        }
    }
    return 0;
}

/* "/x", "./x", "../x", "~/x" */
static bool looks_like_path(const char *at)
{
    const char *slash = at;

    if (*slash == '~')
        slash++;
    else
        for (int dots = 0; *slash == '.' && dots < 2; dots++)
            slash++;
    return *slash == '/' && is_name_byte(slash[1]);
}

static size_t match_path(rgq_text *out, const char *at)
{
    if (!looks_like_path(at))
        return 0;
    rgq_text_printf(out, "<path>");
    return word_length(at);
}

/* Length of what `pattern` describes at `at`: '0' a digit, everything else itself. */
static size_t match_pattern(const char *at, const char *pattern)
{
    size_t i = 0;
    for (; pattern[i] != '\0'; i++)
        if (pattern[i] == '0' ? !isdigit((unsigned char)at[i]) : at[i] != pattern[i])
            return 0;
    return i;
}

static size_t skip_fraction(const char *at)
{
    size_t n = 0;
    if (at[0] != '.' || !isdigit((unsigned char)at[1]))
        return 0;
    for (n = 1; isdigit((unsigned char)at[n]);)
        n++;
    return n;
}

static size_t match_clock(const char *at)
{
    size_t n = match_pattern(at, "00:00:00");
    if (n > 0)
        n += skip_fraction(at + n);
    else
        n = match_pattern(at, "00:00");
    if (n > 0 &&
        (at[n] == 'Z' || match_pattern(at + n, "+00:00") || match_pattern(at + n, "-00:00")))
        n += at[n] == 'Z' ? 1 : 6;
    return n;
}

/* 8 digits that can be YYYYMMDD, perhaps with the rest of a DICOM DT */
static size_t match_compact_date(const char *at)
{
    size_t n = match_pattern(at, "00000000");
    if (n == 0 || (memcmp(at, "19", 2) != 0 && memcmp(at, "20", 2) != 0))
        return 0;
    const int month = (at[4] - '0') * 10 + at[5] - '0';
    const int day = (at[6] - '0') * 10 + at[7] - '0';
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    const size_t more = match_pattern(at + n, "000000");
    n += more > 0 ? more + skip_fraction(at + n + more) : 0;
    return isdigit((unsigned char)at[n]) ? 0 : n;
}

static size_t match_time(rgq_text *out, const char *text, size_t i)
{
    const char *at = text + i;

    if (i > 0 && (isdigit((unsigned char)at[-1]) || at[-1] == '.'))
        return 0;
    size_t n = match_pattern(at, "0000-00-00");
    if (n == 0)
        n = match_pattern(at, "0000.00.00");
    if (n > 0 && (at[n] == 'T' || at[n] == ' ')) {
        const size_t clock = match_clock(at + n + 1);
        n += clock > 0 ? clock + 1 : 0;
    }
    if (n == 0)
        n = match_clock(at);
    if (n == 0)
        n = match_compact_date(at);
    if (n > 0)
        rgq_text_printf(out, "<time>");
    return n;
}

/* A DICOM UID leads to its series in the archive it came from. */
static size_t match_uid(rgq_text *out, const char *at)
{
    size_t n = 0;
    int dots = 0;

    for (; isdigit((unsigned char)at[n]) || (at[n] == '.' && isdigit((unsigned char)at[n + 1]));
         n++)
        dots += at[n] == '.';
    /* 2.25.UUID has two dots; a number has one, and a version is short */
    const bool is_uid = (dots >= 4 && n >= 16) || (dots >= 2 && n >= 24);
    if (!is_uid || (is_name_byte(at[n]) && at[n] != '.'))
        return 0;
    rgq_text_printf(out, "<uid>");
    return n;
}

rgq_status rgq_redact_text(char **out, const rgq_redactor *redactor, const char *text,
                           rgq_error *err)
{
    rgq_text words = RGQ_TEXT_INIT;

    *out = NULL;
    rgq_text_append(&words, "", 0);
    for (size_t i = 0; text[i] != '\0';) {
        size_t used = 0;
        if (starts_word(text, i))
            used = match_needle(&words, redactor, text + i);
        if (used == 0 && starts_word(text, i))
            used = match_path(&words, text + i);
        if (used == 0 && starts_word(text, i))
            used = match_uid(&words, text + i);
        if (used == 0)
            used = match_time(&words, text, i);
        if (used == 0) {
            rgq_text_append(&words, text + i, 1);
            used = 1;
        }
        i += used;
    }
    const rgq_status st = rgq_text_check(&words, err);
    if (st == RGQ_OK)
        *out = words.data;
    else
        rgq_text_release(&words);
    return st;
}

static rgq_status redact_value(char **out, const rgq_redactor *redactor, const char *value,
                               rgq_error *err)
{
    for (size_t k = 0; k < redactor->count; k++) /* whole: a path may hold blanks and colons */
        if (strcmp(value, redactor->needle[k].path) == 0)
            return rgq_strdup(out, redactor->needle[k].label, err);
    if (looks_like_path(value) && strchr(value, ' ') != NULL)
        return rgq_strdup(out, "<path>", err);
    RGQ_PASS(err, rgq_redact_text(out, redactor, value, err));
    if (strcmp(*out, value) != 0 || strchr(value, '/') == NULL || !rgq_path_exists(value))
        return RGQ_OK;
    rgq_free(*out); /* a relative path nobody has named */
    *out = NULL;
    return rgq_strdup(out, "<path>", err);
}

rgq_status rgq_redact_word(char **out, const rgq_redactor *redactor, const char *word,
                           rgq_error *err)
{
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    rgq_text joined = RGQ_TEXT_INIT;
    char *value = NULL;

    *out = NULL;
    if (equals == NULL)
        return redact_value(out, redactor, word, err);
    RGQ_PASS(err, redact_value(&value, redactor, equals + 1, err));
    rgq_text_append(&joined, word, (size_t)(equals + 1 - word));
    rgq_text_printf(&joined, "%s", value);
    rgq_free(value);
    const rgq_status st = rgq_text_check(&joined, err);
    if (st == RGQ_OK)
        *out = joined.data;
    else
        rgq_text_release(&joined);
    return st;
}
