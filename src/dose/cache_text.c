#include "dose/cache_text.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/parse.h"

static const char label[] = "sha256\t";

rgq_status rgq_cache_damaged(rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "a cached table is damaged; it is to be made anew");
}

rgq_status rgq_cache_seal(char **out, rgq_text *text, rgq_error *err)
{
    char hex[RGQ_SHA256_TEXT];

    RGQ_PASS(err, rgq_hash_bytes(hex, text->data, text->length, err));
    rgq_text_printf(text, "%s%s\n", label, hex);
    RGQ_PASS(err, rgq_text_check(text, err));
    *out = text->data;
    *text = (rgq_text)RGQ_TEXT_INIT;
    return RGQ_OK;
}

static char *next_word(rgq_cache_reader *r)
{
    char *word = r->at;

    if (r->at >= r->end)
        return NULL;
    while (r->at < r->end && *r->at != '\t' && *r->at != '\n')
        r->at++;
    if (r->at < r->end)
        *r->at++ = '\0';
    return word;
}

rgq_status rgq_cache_open(rgq_cache_reader *reader, const char *text, size_t length,
                          const char *version, rgq_error *err)
{
    const size_t tail = sizeof label - 1 + 64 + 1;
    char hex[RGQ_SHA256_TEXT];

    *reader = (rgq_cache_reader){NULL, NULL, NULL};
    if (length <= tail || memcmp(text + length - tail, label, sizeof label - 1) != 0 ||
        text[length - 1] != '\n' || memchr(text, '\0', length) != NULL)
        return rgq_cache_damaged(err);
    RGQ_PASS(err, rgq_hash_bytes(hex, text, length - tail, err));
    if (memcmp(hex, text + length - tail + sizeof label - 1, 64) != 0)
        return rgq_cache_damaged(err);
    RGQ_PASS(err, rgq_alloc(&reader->copy, length - tail + 1, 1, err));
    memcpy(reader->copy, text, length - tail);
    reader->at = reader->copy;
    reader->end = reader->copy + (length - tail);
    const char *first = next_word(reader);
    return first != NULL && strcmp(first, version) == 0 ? RGQ_OK : rgq_cache_damaged(err);
}

void rgq_cache_close(rgq_cache_reader *reader)
{
    rgq_free(reader->copy);
    *reader = (rgq_cache_reader){NULL, NULL, NULL};
}

rgq_status rgq_cache_word(char *out, size_t size, rgq_cache_reader *reader, const char *name,
                          rgq_error *err)
{
    const char *found = next_word(reader);
    const char *word = found != NULL ? next_word(reader) : NULL;

    if (word == NULL || strcmp(found, name) != 0 || strlen(word) >= size)
        return rgq_cache_damaged(err);
    rgq_text_copy(out, size, word);
    return RGQ_OK;
}

rgq_status rgq_cache_named(double *out, rgq_cache_reader *reader, const char *name, double lo,
                           double hi, rgq_error *err)
{
    char word[40];

    RGQ_PASS(err, rgq_cache_word(word, sizeof word, reader, name, err));
    return rgq_parse_real(out, word, lo, hi, err) == RGQ_OK ? RGQ_OK : rgq_cache_damaged(err);
}

rgq_status rgq_cache_number(double *out, rgq_cache_reader *reader, rgq_error *err)
{
    const char *word = next_word(reader);

    if (word == NULL)
        return rgq_cache_damaged(err);
    return rgq_parse_real(out, word, -1e300, 1e300, err) == RGQ_OK ? RGQ_OK
                                                                   : rgq_cache_damaged(err);
}
