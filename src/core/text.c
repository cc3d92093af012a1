#include "core/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

static bool make_room(rgq_text *text, size_t extra)
{
    const size_t need = text->length + extra + 1;

    if (text->out_of_memory)
        return false;
    if (need <= text->capacity)
        return true;
    size_t capacity = text->capacity > 0 ? text->capacity : 256;
    while (capacity < need)
        capacity *= 2;
    if (rgq_realloc(&text->data, capacity, 1, NULL) != RGQ_OK) {
        text->out_of_memory = true;
        return false;
    }
    text->capacity = capacity;
    return true;
}

void rgq_text_append(rgq_text *text, const char *bytes, size_t length)
{
    if (!make_room(text, length))
        return;
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void rgq_text_printf(rgq_text *text, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && make_room(text, (size_t)length)) {
        (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void rgq_text_append_html(rgq_text *text, const char *words)
{
    for (const char *c = words; *c != '\0'; c++) {
        switch (*c) {
        case '&':
            rgq_text_append(text, "&amp;", 5);
            break;
        case '<':
            rgq_text_append(text, "&lt;", 4);
            break;
        case '>':
            rgq_text_append(text, "&gt;", 4);
            break;
        case '"':
            rgq_text_append(text, "&quot;", 6);
            break;
        case '\'':
            rgq_text_append(text, "&#39;", 5);
            break;
        default:
            rgq_text_append(text, c, 1);
        }
    }
}

rgq_status rgq_text_check(const rgq_text *text, rgq_error *err)
{
    if (text->out_of_memory)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for a text of more than %zu bytes",
                         text->length);
    return RGQ_OK;
}

void rgq_text_release(rgq_text *text)
{
    rgq_free(text->data);
    *text = (rgq_text)RGQ_TEXT_INIT;
}

void rgq_text_copy(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--; /* do not leave half a UTF-8 sequence */
    }
    memcpy(out, text, length);
    out[length] = '\0';
}

bool rgq_text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return tolower((unsigned char)*a) == tolower((unsigned char)*b);
}

bool rgq_text_ends_with(const char *text, const char *ending)
{
    const size_t n = strlen(text);
    const size_t m = strlen(ending);

    return n >= m && memcmp(text + n - m, ending, m) == 0;
}

int rgq_text_distance(const char *a, const char *b)
{
    enum { MAX = 63 };
    int row[MAX + 1];
    const size_t n = strnlen(a, MAX);
    const size_t m = strnlen(b, MAX);

    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            const int replace = diagonal + (a[i - 1] != b[j - 1]);
            const int insert = row[j - 1] + 1;
            const int drop = row[j] + 1;
            diagonal = row[j];
            row[j] = replace < insert ? replace : insert;
            row[j] = drop < row[j] ? drop : row[j];
        }
    }
    return row[m];
}
