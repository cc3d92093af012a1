#include "io/interfile_keys.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

static char *trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && is_blank(text[length - 1]))
        text[--length] = '\0';
    while (is_blank(*text))
        text++;
    return text;
}

/* Cut the index "[3]" out of a key; 0 if there is none or it is no small number. */
static int take_index(char *key)
{
    char *open = strchr(key, '[');
    char *close = open != NULL ? strchr(open, ']') : NULL;
    long long value = 0;

    if (close == NULL)
        return 0;
    *close = '\0';
    if (rgq_parse_int(&value, open + 1, 1, 1000000, NULL) != RGQ_OK)
        value = 0;
    memmove(open, close + 1, strlen(close + 1) + 1);
    return (int)value;
}

static void normalise(char *key)
{
    char *to = key;

    for (const char *from = key; *from != '\0'; from++)
        if (!is_blank(*from) && *from != '_' && *from != '!' && *from != '%')
            *to++ = lower(*from);
    *to = '\0';
}

/* The next line of `*text`, or NULL; any of \n, \r, \r\n ends one. */
static char *next_line(char **text)
{
    char *line = *text;

    if (line == NULL || *line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\r\n");
    *text = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return line;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++)
        count += *text == '\n' || *text == '\r';
    return count;
}

rgq_status rgq_interfile_keys_parse(rgq_interfile_keys *out, char *text, rgq_error *err)
{
    const size_t lines = count_lines(text);
    rgq_interfile_keys keys = {NULL, 0};
    bool begun = false;

    *out = keys;
    if (lines > RGQ_INTERFILE_KEYS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the header has %zu lines, more than %d", lines,
                         (int)RGQ_INTERFILE_KEYS_MAX);
    RGQ_PASS(err, rgq_alloc(&keys.key, lines, sizeof *keys.key, err));
    for (char *line = next_line(&text); line != NULL; line = next_line(&text)) {
        char *equals = strstr(line, ":=");
        char *name = trim(line);
        if (*name == ';' || equals == NULL)
            continue;
        *equals = '\0';
        char *value = trim(equals + 2);
        const int index = take_index(name);
        normalise(name);
        if (!begun && strcmp(name, "interfile") != 0)
            break;
        begun = true;
        if (strcmp(name, "endofinterfile") == 0)
            break;
        keys.key[keys.count++] = (rgq_interfile_key){name, value, index};
    }
    if (!begun) {
        rgq_interfile_keys_release(&keys);
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "an Interfile header begins with the line '!INTERFILE :='");
    }
    *out = keys;
    return RGQ_OK;
}

void rgq_interfile_keys_release(rgq_interfile_keys *keys)
{
    rgq_free(keys->key);
    *keys = (rgq_interfile_keys){NULL, 0};
}

const char *rgq_interfile_get(const rgq_interfile_keys *keys, const char *name, int index)
{
    for (size_t i = keys->count; i-- > 0;) {
        const rgq_interfile_key *key = &keys->key[i];
        if ((key->index == index || (index == 1 && key->index == 0)) &&
            strcmp(key->name, name) == 0)
            return *key->value != '\0' ? key->value : NULL;
    }
    return NULL;
}

rgq_status rgq_interfile_get_real(double *out, const rgq_interfile_keys *keys, const char *name,
                                  int index, const double range[2], rgq_error *err)
{
    const char *value = rgq_interfile_get(keys, name, index);
    rgq_error why = RGQ_ERROR_INIT;

    if (value == NULL || rgq_parse_real(out, value, range[0], range[1], &why) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT, "the key '%s [%d]': %s", name, index, why.message);
}

rgq_status rgq_interfile_get_int(long long *out, const rgq_interfile_keys *keys,
                                 const char *name, int index, const long long range[2],
                                 rgq_error *err)
{
    const char *value = rgq_interfile_get(keys, name, index);
    rgq_error why = RGQ_ERROR_INIT;

    if (value == NULL || rgq_parse_int(out, value, range[0], range[1], &why) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT, "the key '%s [%d]': %s", name, index, why.message);
}

bool rgq_interfile_word_is(const char *value, const char *word)
{
    if (value == NULL)
        return false;
    for (;; value++, word++) {
        while (is_blank(*value) || *value == '_' || *value == '-')
            value++;
        while (is_blank(*word))
            word++;
        if (lower(*value) != lower(*word))
            return false;
        if (*value == '\0')
            return true;
    }
}
