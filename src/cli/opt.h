/**
 * @file opt.h
 * @brief One table a command: parsing, ranges, defaults, --help, the manual page, completion,
 *        --help-json, --config keys and the run record are all read from it.
 */
#ifndef RGQ_CLI_OPT_H
#define RGQ_CLI_OPT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/context.h"
#include "rgdquant/error.h"

typedef enum rgq_opt_kind {
    RGQ_OPT_FLAG,   /* bool                                              */
    RGQ_OPT_INT,    /* int                                               */
    RGQ_OPT_REAL,   /* double; NaN if not given and the default is ""    */
    RGQ_OPT_REALS,  /* rgq_reals: numbers separated by commas            */
    RGQ_OPT_TEXT,   /* const char *; NULL if not given and default is "" */
    RGQ_OPT_TIME,   /* const char *, ISO date and time or time of day    */
    RGQ_OPT_CHOICE, /* const char *, one of `choices` ("a|b|c")          */
    RGQ_ARG,        /* const char *, positional                          */
    RGQ_ARGS        /* rgq_words: all positional words that are left     */
} rgq_opt_kind;

enum { RGQ_WORDS_MAX = 64 };

typedef struct rgq_words {
    int count; /**< 0: not given */
    const char *word[RGQ_WORDS_MAX];
} rgq_words;

enum { RGQ_REALS_MAX = 8 };

typedef struct rgq_reals {
    int count; /**< 0: not given */
    double value[RGQ_REALS_MAX];
} rgq_reals;

typedef struct rgq_opt {
    rgq_opt_kind kind;
    const char *name;    /**< long name without dashes, or the name of an argument */
    const char *unit;    /**< "mm", "FILE", ... or NULL */
    const char *deflt;   /**< as the user would type it; "" = may be absent; NULL = required */
    double lo, hi;       /**< closed range of the numbers; for REALS of each; INT likewise */
    int count_lo;        /**< REALS: how many numbers, at least */
    int count_hi;        /**< REALS: ... and at most */
    const char *choices; /**< CHOICE: "a|b|c" */
    const char *help;
    size_t at; /**< offset of the field in the command's option struct */
} rgq_opt;

/* The type of the field is checked when the table is compiled. */
#define RGQ_AT(T, field, type) _Generic(((T *)0)->field, type : offsetof(T, field))

#define RGQ_FLAG(T, field, name, help)                                                         \
    {                                                                                          \
        RGQ_OPT_FLAG, name, NULL, "no", 0, 1, 0, 0, NULL, help, RGQ_AT(T, field, bool)         \
    }
#define RGQ_INT(T, field, name, unit, deflt, lo, hi, help)                                     \
    {                                                                                          \
        RGQ_OPT_INT, name, unit, deflt, lo, hi, 0, 0, NULL, help, RGQ_AT(T, field, int)        \
    }
#define RGQ_REAL(T, field, name, unit, deflt, lo, hi, help)                                    \
    {                                                                                          \
        RGQ_OPT_REAL, name, unit, deflt, lo, hi, 0, 0, NULL, help, RGQ_AT(T, field, double)    \
    }
#define RGQ_REALS(T, field, name, unit, deflt, lo, hi, count_lo, count_hi, help)               \
    {                                                                                          \
        RGQ_OPT_REALS, name, unit, deflt, lo, hi, count_lo, count_hi, NULL, help,              \
            RGQ_AT(T, field, rgq_reals)                                                        \
    }
#define RGQ_TEXT(T, field, name, unit, deflt, help)                                            \
    {                                                                                          \
        RGQ_OPT_TEXT, name, unit, deflt, 0, 0, 0, 0, NULL, help,                               \
            RGQ_AT(T, field, const char *)                                                     \
    }
#define RGQ_TIME(T, field, name, help)                                                         \
    {                                                                                          \
        RGQ_OPT_TIME, name, "ISO", "", 0, 0, 0, 0, NULL, help, RGQ_AT(T, field, const char *)  \
    }
#define RGQ_CHOICE(T, field, name, deflt, choices, help)                                       \
    {                                                                                          \
        RGQ_OPT_CHOICE, name, NULL, deflt, 0, 0, 0, 0, choices, help,                          \
            RGQ_AT(T, field, const char *)                                                     \
    }
/** Positional argument; `deflt` NULL = required, "" = may be absent (field stays NULL). */
#define RGQ_ARGUMENT(T, field, name, deflt, help)                                              \
    {                                                                                          \
        RGQ_ARG, name, NULL, deflt, 0, 0, 0, 0, NULL, help, RGQ_AT(T, field, const char *)     \
    }

/** The last row of the arguments: as many words as are given; `deflt` likewise. */
#define RGQ_ARGUMENTS(T, field, name, deflt, help)                                             \
    {                                                                                          \
        RGQ_ARGS, name, NULL, deflt, 0, 0, 0, 0, NULL, help, RGQ_AT(T, field, rgq_words)       \
    }

/** True if the row is for words without a name before them. */
static inline bool rgq_opt_is_argument(const rgq_opt *row)
{
    return row->kind == RGQ_ARG || row->kind == RGQ_ARGS;
}

enum { RGQ_OPTS_MAX = 96 };

#define RGQ_ROWS(table)                                                                        \
    (sizeof(table) / sizeof((table)[0]) +                                                      \
     0 * sizeof(struct {                                                                       \
         int unused;                                                                           \
         _Static_assert(sizeof(table) / sizeof((table)[0]) <= RGQ_OPTS_MAX, "table too long"); \
     }))

typedef struct rgq_command {
    const char *name;
    const char *group;        /**< heading in the list of commands */
    const char *summary;      /**< one line for the list of commands */
    const char *description;  /**< paragraphs for --help and the manual page */
    const char *examples;     /**< lines to type, or NULL */
    const char *const *cites; /**< NULL-ended keys into references.json, or NULL */
    const rgq_opt *opts;
    size_t n_opts;
    size_t opts_size; /**< sizeof the option struct */
    /** Do the work. Results go to context->out; a command may set context->exit_code. */
    rgq_status (*run)(rgq_context *context, const void *opts, rgq_error *err);
} rgq_command;

/** The rows every command has (--config --threads --force ...), into rgq_shared_opts. */
extern const rgq_opt rgq_shared_rows[];
extern const size_t rgq_shared_n_rows;

/**
 * @brief Fill the option structs: default < --config file < command line.
 *
 * `opts` is a zeroed struct of the command, and the shared ones go to context->shared. Each
 * resolved value is recorded in the context with its origin. Texts stay valid as long as argv
 * and the context.
 */
RGQ_MUST_CHECK rgq_status rgq_opt_parse(const rgq_command *command, int argc, char **argv,
                                        void *opts, rgq_context *context, rgq_error *err);

void rgq_opt_help(const rgq_command *command, FILE *to);
void rgq_opt_man(const rgq_command *command, FILE *to);
void rgq_opt_complete(const rgq_command *command, FILE *to);
RGQ_MUST_CHECK rgq_status rgq_opt_help_json(const rgq_command *command, FILE *to,
                                            rgq_error *err);

#endif
