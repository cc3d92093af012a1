#include "cli/opt.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/parse.h"
#include "core/text.h"
#include "core/timestamp.h"

#define SHARED(field, type) RGQ_AT(rgq_shared_opts, field, type)

const rgq_opt rgq_shared_rows[] = {
    RGQ_TEXT(rgq_shared_opts, config, "config", "FILE.json", "",
             "take options from a JSON object; the command line comes after it"),
    RGQ_TEXT(rgq_shared_opts, data_dir, "data-dir", "FOLDER", "",
             "folder that holds tracers/ and phantoms/"),
    RGQ_INT(rgq_shared_opts, threads, "threads", "N", "0", 0, 1024,
            "threads to use; 0 takes OMP_NUM_THREADS, else all cores"),
    RGQ_FLAG(rgq_shared_opts, force, "force", "replace existing output files"),
    RGQ_FLAG(rgq_shared_opts, quiet, "quiet", "print errors only to stderr"),
    RGQ_FLAG(rgq_shared_opts, verbose, "verbose", "say which paths were taken"),
    RGQ_FLAG(rgq_shared_opts, json, "json", "print the result as JSON"),
};
const size_t rgq_shared_n_rows = RGQ_ROWS(rgq_shared_rows);

static bool is_absent(const char *text)
{
    return text[0] == '\0';
}

static rgq_status check_choice(const rgq_opt *row, const char *text, rgq_error *err)
{
    const size_t length = strlen(text);

    for (const char *at = row->choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (length > 0 && strncmp(at, text, length) == 0 &&
            (at[length] == '|' || at[length] == '\0'))
            return RGQ_OK;
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is none of %s", text, row->choices);
}

static rgq_status store_reals(const rgq_opt *row, const char *text, rgq_reals *field,
                              rgq_error *err)
{
    field->count = 0;
    if (is_absent(text))
        return RGQ_OK;
    RGQ_PASS(err, rgq_parse_reals(field->value, &field->count, RGQ_REALS_MAX, text, ',', err));
    if (field->count < row->count_lo || field->count > row->count_hi)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d number%s found, %d to %d needed",
                         field->count, field->count == 1 ? "" : "s", row->count_lo,
                         row->count_hi);
    for (int i = 0; i < field->count; i++)
        if (field->value[i] < row->lo || field->value[i] > row->hi)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%g lies outside %g .. %g", field->value[i],
                             row->lo, row->hi);
    return RGQ_OK;
}

static rgq_status store_int(const rgq_opt *row, const char *text, int *field, rgq_error *err)
{
    long long number = 0;

    RGQ_PASS(err, rgq_parse_int(&number, text, (long long)row->lo, (long long)row->hi, err));
    *field = (int)number;
    return RGQ_OK;
}

static rgq_status store_flag(const char *text, bool *field, rgq_error *err)
{
    *field = strcmp(text, "yes") == 0;
    if (!*field && strcmp(text, "no") != 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "'%.40s' is neither yes nor no", text);
    return RGQ_OK;
}

static rgq_status check_time(const char *text, rgq_error *err)
{
    double time_s = 0.0;

    if (rgq_time_from_iso(&time_s, text, NULL) == RGQ_OK ||
        rgq_time_from_tm(&time_s, text, NULL) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "'%.40s' is no time: YYYY-MM-DDThh:mm:ss or hh:mm:ss is needed", text);
}

static rgq_status store_word(const char *text, rgq_words *field, rgq_error *err)
{
    if (is_absent(text))
        return RGQ_OK;
    if (field->count == RGQ_WORDS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "at most %d are taken; '%.80s' is one too many",
                         (int)RGQ_WORDS_MAX, text);
    field->word[field->count++] = text;
    return RGQ_OK;
}

static rgq_status store(const rgq_opt *row, const char *text, void *opts, rgq_error *err)
{
    void *field = (char *)opts + row->at;

    switch (row->kind) {
    case RGQ_OPT_FLAG:
        return store_flag(text, field, err);
    case RGQ_OPT_INT:
        return store_int(row, text, field, err);
    case RGQ_OPT_REAL:
        *(double *)field = (double)NAN;
        return is_absent(text) ? RGQ_OK : rgq_parse_real(field, text, row->lo, row->hi, err);
    case RGQ_OPT_REALS:
        return store_reals(row, text, field, err);
    case RGQ_OPT_CHOICE:
        if (!is_absent(text))
            RGQ_PASS(err, check_choice(row, text, err));
        break;
    case RGQ_OPT_TIME:
        if (!is_absent(text))
            RGQ_PASS(err, check_time(text, err));
        break;
    case RGQ_ARGS:
        return store_word(text, field, err);
    case RGQ_OPT_TEXT:
    case RGQ_ARG:
        break;
    }
    *(const char **)field = is_absent(text) ? NULL : text;
    return RGQ_OK;
}

/* A row of either table together with the struct it writes to. */
typedef struct slot {
    const rgq_opt *row;
    void *opts;
    bool seen;
} slot;

typedef struct slots {
    slot slot[2 * RGQ_OPTS_MAX];
    size_t count;
} slots;

static void collect(slots *all, const rgq_opt *rows, size_t n, void *opts)
{
    for (size_t i = 0; i < n; i++)
        all->slot[all->count++] = (slot){&rows[i], opts, false};
}

static slot *find(slots *all, const char *name, size_t length)
{
    for (size_t i = 0; i < all->count; i++)
        if (!rgq_opt_is_argument(all->slot[i].row) &&
            strlen(all->slot[i].row->name) == length &&
            strncmp(all->slot[i].row->name, name, length) == 0)
            return &all->slot[i];
    return NULL;
}

static rgq_status unknown(const slots *all, const char *name, const char *where, rgq_error *err)
{
    const char *nearest = "help";
    int best = rgq_text_distance(nearest, name);

    for (size_t i = 0; i < all->count; i++) {
        const rgq_opt *row = all->slot[i].row;
        if (!rgq_opt_is_argument(row) && rgq_text_distance(row->name, name) < best) {
            best = rgq_text_distance(row->name, name);
            nearest = row->name;
        }
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%sthere is no option --%.60s; did you mean --%s?",
                     where, name, nearest);
}

/* The key of a value in the record: "SCAN", then "SCAN 2", ... */
static void name_value(char *out, size_t size, const slot *at)
{
    const rgq_words *words = (const void *)((const char *)at->opts + at->row->at);

    if (at->row->kind == RGQ_ARGS && words->count > 1)
        (void)snprintf(out, size, "%s %d", at->row->name, words->count);
    else
        (void)snprintf(out, size, "%s", at->row->name);
}

static rgq_status apply(slot *at, const char *text, const char *origin, rgq_context *context,
                        rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_json *entry = NULL;
    char key[80];

    if (store(at->row, text, at->opts, &why) != RGQ_OK)
        return RGQ_RAISE(err, why.status, "%s%s: %s", rgq_opt_is_argument(at->row) ? "" : "--",
                         at->row->name, why.message);
    at->seen = at->seen || strcmp(origin, "default") != 0;
    name_value(key, sizeof key, at);
    RGQ_PASS(err, rgq_json_add_object(&entry, context->options, key, err));
    if (is_absent(text))
        RGQ_PASS(err, rgq_json_set_null(entry, "value", err));
    else
        RGQ_PASS(err, rgq_json_set_text(entry, "value", text, err));
    return rgq_json_set_text(entry, "origin", origin, err);
}

static rgq_status apply_defaults(slots *all, rgq_context *context, rgq_error *err)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->slot[i].row->deflt != NULL)
            RGQ_PASS(err,
                     apply(&all->slot[i], all->slot[i].row->deflt, "default", context, err));
    return RGQ_OK;
}

/* A config value as the user would have typed it; the text lives in context->config. */
static rgq_status config_text(const char **out, rgq_context *context, const char *key,
                              const rgq_json *value, rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;
    char number[RGQ_REAL_TEXT_MAX];

    *out = NULL;
    if (rgq_json_is_text(value)) {
        *out = rgq_json_text(value, "");
        return RGQ_OK;
    }
    if (rgq_json_is_bool(value)) {
        *out = rgq_json_bool(value, false) ? "yes" : "no";
        return RGQ_OK;
    }
    const size_t count = rgq_json_is_array(value) ? rgq_json_count(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const rgq_json *item = rgq_json_is_array(value) ? rgq_json_at(value, i) : value;
        if (!rgq_json_is_number(item)) {
            rgq_text_release(&text);
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: '%s' must be a text, a number, true, false or an array of "
                             "numbers",
                             context->shared.config, key);
        }
        rgq_text_printf(&text, "%s%s", i > 0 ? "," : "",
                        rgq_format_real(rgq_json_number(item, 0.0), number));
    }
    rgq_status st = rgq_text_check(&text, err);
    if (st == RGQ_OK) /* the document owns the text from here on */
        st = rgq_json_set_text(context->config, key, text.data != NULL ? text.data : "", err);
    rgq_text_release(&text);
    if (st == RGQ_OK)
        *out = rgq_json_text(rgq_json_get(context->config, key), "");
    return st;
}

static rgq_status apply_config(slots *all, rgq_context *context, rgq_error *err)
{
    const char *key = NULL;

    RGQ_PASS(err, rgq_json_load(&context->config, context->shared.config, err));
    if (!rgq_json_is_object(context->config))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s must hold a JSON object of options",
                         context->shared.config);
    const size_t count = rgq_json_count(context->config);
    for (size_t i = 0; i < count; i++) {
        const char *text = NULL;
        const rgq_json *value = rgq_json_member(context->config, i, &key);
        slot *at = find(all, key, strlen(key));
        if (at == NULL)
            return unknown(all, key, "in the --config file: ", err);
        RGQ_PASS(err, config_text(&text, context, key, value, err));
        RGQ_PASS(err, apply(at, text, "--config", context, err));
    }
    return RGQ_OK;
}

/* Split "--name=value" or "--name" "value" starting at argv[*at]. */
static rgq_status next_option(slots *all, int argc, char **argv, int *at, slot **found,
                              const char **value, rgq_error *err)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    const size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);

    *found = find(all, word, length);
    if (*found == NULL)
        return unknown(all, word, "", err);
    if (equals != NULL)
        *value = equals + 1;
    else if ((*found)->row->kind == RGQ_OPT_FLAG)
        *value = "yes";
    else if (*at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0)
        *value = argv[++*at];
    else
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--%s needs a value%s%s", (*found)->row->name,
                         (*found)->row->unit != NULL ? ": " : "",
                         (*found)->row->unit != NULL ? (*found)->row->unit : "");
    if ((*value)[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--%s has an empty value", (*found)->row->name);
    return RGQ_OK;
}

static rgq_status apply_words(slots *all, int argc, char **argv, rgq_context *context,
                              rgq_error *err)
{
    size_t next = 0;
    bool options_end = false;

    for (int a = 1; a < argc; a++) {
        slot *at = NULL;
        const char *value = argv[a];
        if (!options_end && strcmp(argv[a], "--") == 0) {
            options_end = true;
            continue;
        }
        if (!options_end && strncmp(argv[a], "--", 2) == 0) {
            RGQ_PASS(err, next_option(all, argc, argv, &a, &at, &value, err));
        } else {
            while (next < all->count && !rgq_opt_is_argument(all->slot[next].row))
                next++;
            if (next == all->count)
                return RGQ_RAISE(err, RGQ_E_ARGUMENT, "one argument too many: '%.80s'",
                                 argv[a]);
            at = &all->slot[next];
            next += at->row->kind != RGQ_ARGS;
        }
        RGQ_PASS(err, apply(at, value, "command line", context, err));
    }
    return RGQ_OK;
}

/* --config must be known before the other words are applied over it. */
static void find_config(rgq_context *context, int argc, char **argv)
{
    for (int a = 1; a < argc && strcmp(argv[a], "--") != 0; a++) {
        if (strcmp(argv[a], "--config") == 0 && a + 1 < argc)
            context->shared.config = argv[a + 1];
        else if (strncmp(argv[a], "--config=", 9) == 0)
            context->shared.config = argv[a] + 9;
    }
}

rgq_status rgq_opt_parse(const rgq_command *command, int argc, char **argv, void *opts,
                         rgq_context *context, rgq_error *err)
{
    slots all = {.count = 0};

    collect(&all, command->opts, command->n_opts, opts);
    collect(&all, rgq_shared_rows, rgq_shared_n_rows, &context->shared);
    RGQ_PASS(err, apply_defaults(&all, context, err));
    find_config(context, argc, argv);
    if (context->shared.config != NULL)
        RGQ_PASS(err, apply_config(&all, context, err));
    RGQ_PASS(err, apply_words(&all, argc, argv, context, err));
    for (size_t i = 0; i < all.count; i++) {
        const rgq_opt *row = all.slot[i].row;
        if (row->deflt == NULL && !all.slot[i].seen)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s%s is missing: %s",
                             rgq_opt_is_argument(row) ? "" : "--", row->name, row->help);
    }
    return RGQ_OK;
}
