/* Names of integrins and of tissues as people write them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "tracer/targets.h"

enum { WORDS_MAX = 256 };

static const struct {
    const char *from;
    const char *to;
} spellings[] = {{"α", "a"},       {"Α", "a"},     {"β", "b"},    {"Β", "b"},    {"ß", "b"},
                 {"integrin", ""}, {"alpha", "a"}, {"beta", "b"}, {"itga", "a"}, {"itgb", "b"}};

/* Bytes that `text` begins with, of a spelling; its replacement in *to. */
static size_t spelling(const char *text, const char **to)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        const size_t n = strlen(spellings[i].from);
        if (strncmp(text, spellings[i].from, n) == 0) {
            *to = spellings[i].to;
            return n;
        }
    }
    return 0;
}

static bool lower_into(char out[WORDS_MAX], const char *text)
{
    size_t n = 0;

    for (; text[n] != '\0'; n++) {
        if (n + 1 == WORDS_MAX)
            return false;
        out[n] = (char)tolower((unsigned char)text[n]);
    }
    out[n] = '\0';
    return true;
}

bool rgq_target_key(char out[RGQ_TARGET_KEY_MAX], const char *name)
{
    char lower[WORDS_MAX];
    char key[RGQ_TARGET_KEY_MAX];
    size_t n = 0;

    out[0] = '\0';
    if (!lower_into(lower, name))
        return false;
    for (const char *p = lower; *p != '\0';) {
        const char *to = NULL;
        const size_t taken = spelling(p, &to);
        const char one[2] = {isalnum((unsigned char)*p) ? *p : '\0', '\0'};
        const char *put = taken > 0 ? to : one;
        if ((unsigned char)*p >= 0x80U && taken == 0)
            return false; /* a letter that is neither alpha nor beta */
        if (n + strlen(put) >= sizeof key)
            return false;
        memcpy(key + n, put, strlen(put));
        n += strlen(put);
        p += taken > 0 ? taken : 1;
    }
    key[n] = '\0';
    if (strcmp(key, "a2b") == 0 ||
        strncmp(key, "a2bb", 4) == 0) /* ITGA2B is the gene of αIIb */
        return snprintf(out, RGQ_TARGET_KEY_MAX, "aiib%.16s", key + 3) > 0;
    memcpy(out, key, n + 1);
    return n > 0;
}

bool rgq_target_split(char alpha[RGQ_TARGET_KEY_MAX], char beta[RGQ_TARGET_KEY_MAX],
                      const char *key)
{
    const char *b = strrchr(key, 'b');

    if (key[0] != 'a' || b == NULL || b < key + 2 || !isdigit((unsigned char)b[1]) ||
        b[2] != '\0')
        return false;
    (void)snprintf(alpha, RGQ_TARGET_KEY_MAX, "%.*s", (int)(b - key), key);
    (void)snprintf(beta, RGQ_TARGET_KEY_MAX, "%.8s", b);
    return true;
}

static bool has_part(const char *pair, const char *part)
{
    char alpha[RGQ_TARGET_KEY_MAX];
    char beta[RGQ_TARGET_KEY_MAX];

    return rgq_target_split(alpha, beta, pair) &&
           (strcmp(alpha, part) == 0 || strcmp(beta, part) == 0);
}

bool rgq_target_is_member(const rgq_target_members *members, const char *query)
{
    for (int i = 0; i < members->count; i++) {
        const char *member = members->key[i];
        if (strcmp(member, query) == 0 || has_part(member, query) || has_part(query, member))
            return true;
    }
    return false;
}

/* `part` stands in `text` between borders of words; both in lower case. */
static bool has_word(const char *text, const char *part)
{
    const size_t n = strlen(part);

    for (const char *at = strstr(text, part); n > 0 && at != NULL; at = strstr(at + 1, part)) {
        const bool begins = at == text || !isalnum((unsigned char)at[-1]);
        if (begins && !isalnum((unsigned char)at[n]))
            return true;
    }
    return false;
}

/* One of the texts of the array stands in `text`. */
static bool has_any(const char *text, const rgq_json *list)
{
    char part[WORDS_MAX];

    for (size_t i = 0; i < rgq_json_count(list); i++)
        if (lower_into(part, rgq_json_text(rgq_json_at(list, i), "")) && has_word(text, part))
            return true;
    return false;
}

bool rgq_target_tissue_is(const rgq_json *groups, const char *words, const char *tissue)
{
    char asked[WORDS_MAX];
    char text[WORDS_MAX];
    char one[WORDS_MAX];
    int n_words = 0;

    if (!lower_into(asked, words) || !lower_into(text, tissue))
        return false;
    for (size_t i = 0; i < rgq_json_count(groups); i++) {
        const rgq_json *group = rgq_json_at(groups, i);
        if (has_any(asked, rgq_json_get(group, "ask")))
            return has_any(text, rgq_json_get(group, "find"));
    }
    for (const char *p = asked; *p != '\0'; n_words++) {
        p += strspn(p, " ,;()/-");
        const size_t n = strcspn(p, " ,;()/-");
        (void)snprintf(one, sizeof one, "%.*s", (int)n, p);
        if (n > 0 && !has_word(text, one))
            return false;
        p += n;
    }
    return n_words > 0;
}
