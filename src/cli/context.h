/**
 * @file context.h
 * @brief What a command is given besides its own options: where results and talk go, the shared
 *        options, where every option value came from, the warnings so far.
 */
#ifndef RGQ_CLI_CONTEXT_H
#define RGQ_CLI_CONTEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/json.h"
#include "rgdquant/error.h"
#include "rgdquant/log.h"

typedef struct rgq_shared_opts {
    const char *config; /**< --config, or NULL */
    const char *data_dir;
    int threads; /**< 0 = OMP_NUM_THREADS, else all */
    bool force;
    bool quiet;
    bool verbose;
    bool json;
} rgq_shared_opts;

typedef struct rgq_context {
    FILE *out;   /**< results */
    FILE *talk;  /**< stderr */
    rgq_log log; /**< pass to the library */
    rgq_shared_opts shared;
    int argc;
    char **argv; /**< the whole command line, argv[0] included */
    const char *command;
    rgq_json *options;  /**< object: name -> {value, origin}, as resolved */
    rgq_json *config;   /**< the --config document, or NULL; texts of options point into it */
    rgq_json *warnings; /**< array of texts, in order */
    int exit_code;      /**< 0, or 3 / 4 as the contract says; used if run() succeeds */
    bool on_terminal;   /**< stderr is a terminal: a progress bar may be drawn */
    double began_s;     /**< when the command began (CLOCK_MONOTONIC) */
    double progress_began_s;
    bool progress_shown;
} rgq_context;

/** Set up for a run; stdout and stderr are borrowed. */
RGQ_MUST_CHECK rgq_status rgq_context_init(rgq_context *context, const char *command, int argc,
                                           char **argv, rgq_error *err);
void rgq_context_release(rgq_context *context);

/**
 * @brief Path of a folder of shipped data: `name` is "tracers" or "phantoms".
 *
 * Looked for in --data-dir, RGDQUANT_DATA_DIR, then ../share/rgdquant beside the program.
 * @return RGQ_OK; RGQ_E_NOTFOUND with the places that were tried
 */
RGQ_MUST_CHECK rgq_status rgq_context_data_path(char *out, size_t size,
                                                const rgq_context *context, const char *name,
                                                rgq_error *err);

/** What a step says of a word of the command line: if that names what is not there, or is no
 *  good, the exit code becomes 2. Returns `status`. */
rgq_status rgq_context_word(rgq_context *context, rgq_status status);

/** Print a JSON document to a stream. */
RGQ_MUST_CHECK rgq_status rgq_json_print(FILE *to, const rgq_json *root, rgq_error *err);

/** Print a JSON document as the result. */
RGQ_MUST_CHECK rgq_status rgq_context_print(const rgq_context *context, const rgq_json *root,
                                            rgq_error *err);

/** True if the option was given by the user (config file or command line). */
bool rgq_context_given(const rgq_context *context, const char *option);

#endif
