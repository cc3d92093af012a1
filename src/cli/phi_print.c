#include "cli/phi_print.h"

#include "core/alloc.h"
#include "core/banned.h"
#include "io/phi.h"

static int count_filled(const rgq_phi *phi)
{
    int count = 0;

    for (int i = 0; i < phi->count; i++)
        count += phi->item[i].filled && phi->item[i].kind != RGQ_PHI_NEEDED ? 1 : 0;
    return count;
}

static void print_table(const rgq_phi *phi, FILE *to)
{
    fputs("kind\twhere\telement\tfilled\n", to);
    for (int i = 0; i < phi->count; i++) {
        const rgq_phi_item *item = &phi->item[i];
        fprintf(to, "%s\t%s\t%s\t%s\n", rgq_phi_kind_name(item->kind), item->where, item->name,
                item->kind == RGQ_PHI_NEEDED ? "n/a"
                : item->filled               ? "yes"
                                             : "no");
    }
    fprintf(to, "# %d file%s looked at\n", phi->n_files, phi->n_files == 1 ? "" : "s");
    if (phi->n_damaged > 0)
        fprintf(to, "# %d DICOM file%s could not be read\n", phi->n_damaged,
                phi->n_damaged == 1 ? "" : "s");
    if (phi->overflow)
        fprintf(to, "# there are more than %d; the rest is not listed\n", RGQ_PHI_MAX);
}

static rgq_status print_json(const rgq_phi *phi, FILE *to, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *list = NULL;
    rgq_json *node = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "filled", count_filled(phi), err));
    RGQ_TRY(err, rgq_json_set_int(root, "files", phi->n_files, err));
    RGQ_TRY(err,
            rgq_json_set_bool(root, "complete", !phi->overflow && phi->n_damaged == 0, err));
    RGQ_TRY(err, rgq_json_add_array(&list, root, "elements", err));
    for (int i = 0; i < phi->count; i++) {
        const rgq_phi_item *item = &phi->item[i];
        RGQ_TRY(err, rgq_json_add_object(&node, list, NULL, err));
        RGQ_TRY(err, rgq_json_set_text(node, "kind", rgq_phi_kind_name(item->kind), err));
        RGQ_TRY(err, rgq_json_set_text(node, "where", item->where, err));
        RGQ_TRY(err, rgq_json_set_text(node, "element", item->name, err));
        RGQ_TRY(err, rgq_json_set_bool(node, "filled", item->filled, err));
    }
    RGQ_TRY(err, rgq_json_print(to, root, err));
out:
    rgq_json_free(root);
    return st;
}

rgq_status rgq_phi_print(const rgq_context *context, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_phi *phi = NULL;

    RGQ_TRY(err, rgq_alloc(&phi, 1, sizeof *phi, err));
    RGQ_TRY(err, rgq_phi_scan(phi, path, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(phi, context->out, err));
    else
        print_table(phi, context->out);
out:
    rgq_free(phi);
    return st;
}
