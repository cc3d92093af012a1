/* rgdquant version */
#include "cli/commands.h"
#include "core/banned.h"
#include "pipeline/build.h"

typedef struct version_opts {
    char unused;
} version_opts;

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    (void)opts;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_build_describe(root, err));
    if (context->shared.json) {
        RGQ_TRY(err, rgq_context_print(context, root, err));
        goto out;
    }
    for (size_t i = 0; i < rgq_json_count(root); i++) {
        const char *key = NULL;
        const rgq_json *value = rgq_json_member(root, i, &key);
        fprintf(context->out, "%-10s %s\n", key, rgq_json_text(value, ""));
    }
out:
    rgq_json_free(root);
    return st;
}

const rgq_command rgq_cmd_version = {
    .name = "version",
    .group = "About",
    .summary = "version, commit, compiler and libraries of this build",
    .description =
        "Prints what a bug report or a methods section needs: the version and commit\n"
        "of rgdquant, the compiler, the build type and the versions of the libraries.",
    .opts = NULL,
    .n_opts = 0,
    .opts_size = sizeof(version_opts),
    .run = run,
};
