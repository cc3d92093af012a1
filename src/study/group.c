/* The level `group`: table and page of all cases. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "num/stats.h"
#include "report/group_page.h"
#include "study/group_inside.h"

/* A table from text that was put together here. */
static rgq_status append_table(rgq_text *page, const char *title, const char *note,
                               const rgq_text *tsv, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {.n_columns = 0};

    RGQ_TRY(err, rgq_text_check(tsv, err));
    RGQ_TRY(err, rgq_tsv_parse(&table, tsv->data, tsv->length, title, err));
    if (table.n_rows > 0)
        rgq_group_page_table(page, title, note, &table);
out:
    rgq_tsv_release(&table);
    return st;
}

/* ---- what failed ---- */

static rgq_status append_failures(rgq_text *page, const rgq_group *group, rgq_error *err)
{
    rgq_text tsv = RGQ_TEXT_INIT;

    rgq_text_printf(&tsv, "case\tstatus\treason\n");
    for (int i = 0; i < group->n; i++)
        if (!group->one[i].is_done)
            rgq_text_printf(&tsv, "%s\t%s\t%s\n", group->one[i].name, group->one[i].status,
                            group->one[i].reason);
    const rgq_status st = append_table(
        page, "Not done", "After mending, run the same line with --resume: only these are run.",
        &tsv, err);
    rgq_text_release(&tsv);
    return st;
}

/* ---- what is far from the others ---- */

static rgq_status append_outliers(rgq_text *page, const rgq_group *group, rgq_error *err)
{
    static const char note[] =
        "Robust z = 0.6745 (x - median) / MAD over the cases of a region and tracer, from five "
        "cases on; listed where it is above 3.5 or below -3.5 (Iglewicz and Hoaglin 1993). A "
        "flag asks for a look at the case; it is no reason to leave it out.";
    rgq_text tsv = RGQ_TEXT_INIT;

    rgq_text_printf(&tsv, "case\tregion\twhat\tvalue\tmedian\trobust z\n");
    for (int i = 0; i < group->n_rows; i++) {
        const rgq_group_row *row = &group->row[i];
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
            if (rgq_group_is_outlier(row, look))
                rgq_text_printf(&tsv, "%s\t%s\t%s\t%.5g\t%.5g\t%.2f\n",
                                group->one[row->at].name, rgq_group_cell(group, row, "region"),
                                rgq_group_look_name(look), row->value[look], row->centre[look],
                                row->z[look]);
    }
    const rgq_status st = append_table(page, "Far from the others", note, &tsv, err);
    rgq_text_release(&tsv);
    return st;
}

/* ---- each region over the cases ---- */

typedef struct entry {
    const char *tracer, *region;
    double mean, volume;
    int order; /* of the first row of its region */
} entry;

static int compare_entries(const void *a, const void *b)
{
    const entry *one = a;
    const entry *two = b;
    const int order = strcmp(one->tracer, two->tracer);

    return order != 0 ? order : strcmp(one->region, two->region);
}

/* "n  median  least  largest" of one number of a region. */
static void append_range(rgq_text *tsv, const entry *from, size_t n, bool is_volume,
                         double *work)
{
    size_t known = 0;

    for (size_t i = 0; i < n; i++) {
        const double value = is_volume ? from[i].volume : from[i].mean;
        if (isfinite(value))
            work[known++] = value;
    }
    rgq_sort_double(work, known);
    if (known == 0)
        rgq_text_printf(tsv, "\tn/a\tn/a\tn/a");
    else
        rgq_text_printf(tsv, "\t%.5g\t%.5g\t%.5g", rgq_quantile_double(work, known, 0.5),
                        work[0], work[known - 1]);
}

static rgq_status append_regions(rgq_text *page, const rgq_group *group, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text tsv = RGQ_TEXT_INIT;
    entry *entries = NULL;
    double *work = NULL;
    char note[200];
    const size_t n = (size_t)group->n_rows;

    RGQ_TRY(err, rgq_alloc(&entries, n, sizeof *entries, err));
    RGQ_TRY(err, rgq_alloc(&work, n, sizeof *work, err));
    for (size_t i = 0; i < n; i++) {
        const rgq_group_row *row = &group->row[i];
        entries[i] = (entry){group->one[row->at].tracer, rgq_group_cell(group, row, "region"),
                             row->value[RGQ_GROUP_MEAN], row->value[RGQ_GROUP_VOLUME], (int)i};
    }
    qsort(entries, n, sizeof *entries, compare_entries);
    rgq_text_printf(&tsv, "tracer\tregion\tcases\tmean: median\tleast\tlargest\tvolume mL: "
                          "median\tleast mL\tlargest mL\n");
    for (size_t from = 0, to = 0; from < n; from = to) {
        for (to = from + 1; to < n && compare_entries(&entries[from], &entries[to]) == 0;)
            to++;
        rgq_text_printf(&tsv, "%s\t%s\t%zu", entries[from].tracer, entries[from].region,
                        to - from);
        append_range(&tsv, entries + from, to - from, false, work);
        append_range(&tsv, entries + from, to - from, true, work);
        rgq_text_printf(&tsv, "\n");
    }
    (void)snprintf(note, sizeof note,
                   "Means in %.40s. All columns and digits are in "
                   "group_measures.tsv.",
                   rgq_group_cell(group, &group->row[0], "unit"));
    RGQ_TRY(err, append_table(page, "Regions over the cases", note, &tsv, err));
out:
    rgq_free(entries);
    rgq_free(work);
    rgq_text_release(&tsv);
    return st;
}

/* ---- pictures ---- */

/* "far from the others: mean of liver, volume_ml of spleen" */
static void describe_flags(char *out, size_t size, const rgq_group *group, int at)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < group->n_rows; i++)
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++) {
            const rgq_group_row *row = &group->row[i];
            if (row->at != at || !rgq_group_is_outlier(row, look) || used + 1 >= size)
                continue;
            (void)snprintf(out + used, size - used, "%s%s of %s",
                           used > 0 ? ", " : "far from the others: ", rgq_group_look_name(look),
                           rgq_group_cell(group, row, "region"));
            used = strlen(out);
        }
}

static rgq_status append_card(rgq_text *page, const rgq_group *group, int at,
                              const char *out_dir, rgq_error *err)
{
    const rgq_group_case *one = &group->one[at];
    char folder[RGQ_PATH_MAX];
    char picture[RGQ_PATH_MAX];
    char link[RGQ_PATH_MAX];
    char warning[512];
    rgq_group_card card = {.name = one->name, .is_failed = !one->is_done};

    if (!one->is_done) {
        card.line = one->status;
        card.warning = one->reason;
        return rgq_group_page_card(page, &card, err);
    }
    RGQ_PASS(err, rgq_path_join(folder, out_dir, one->output, err));
    RGQ_PASS(err, rgq_path_join(picture, folder, "overview.png", err));
    RGQ_PASS(err, rgq_path_join(link, one->output, "report.html", err));
    describe_flags(warning, sizeof warning, group, at);
    card.line = one->tracer;
    card.warning = warning[0] != '\0' ? warning : NULL;
    card.link = link;
    card.picture = picture;
    return rgq_group_page_card(page, &card, err);
}

/* ---- the whole ---- */

static void count(rgq_group_count *out, const rgq_group *group)
{
    *out = (rgq_group_count){.rows = group->n_rows};
    for (int i = 0; i < group->n; i++) {
        out->done += group->one[i].is_done;
        out->failed += !group->one[i].is_done;
    }
    for (int i = 0; i < group->n_rows; i++)
        out->outliers += rgq_group_is_outlier(&group->row[i], RGQ_GROUP_MEAN) ||
                         rgq_group_is_outlier(&group->row[i], RGQ_GROUP_VOLUME);
}

static rgq_status make_page(rgq_text *page, const rgq_group *group,
                            const rgq_group_count *counts, const char *out_dir,
                            const rgq_log *log, rgq_error *err)
{
    char lead[200];

    (void)snprintf(lead, sizeof lead,
                   "%d cases: %d done, %d not; %d rows, %d of them far from the others.",
                   group->n, counts->done, counts->failed, counts->rows, counts->outliers);
    rgq_group_page_begin(page, "Group", lead);
    RGQ_PASS(err, append_failures(page, group, err));
    RGQ_PASS(err, append_outliers(page, group, err));
    rgq_group_page_gallery_begin(page, "Cases",
                                 "Maximum-intensity projections with the regions; a click on "
                                 "the name opens the report of the case.");
    for (int i = 0; i < group->n; i++) {
        RGQ_PASS(err, append_card(page, group, i, out_dir, err));
        rgq_log_progress(log, "making the page of the group",
                         (double)(i + 1) / (double)group->n);
    }
    rgq_group_page_gallery_end(page);
    RGQ_PASS(err, append_regions(page, group, err));
    rgq_group_page_end(page);
    return rgq_text_check(page, err);
}

rgq_status rgq_study_group(rgq_group_count *out, const char *out_dir, const rgq_log *log,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_group group = {.n = 0};
    rgq_text page = RGQ_TEXT_INIT;
    rgq_group_count counts;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_group_load(&group, out_dir, err));
    RGQ_TRY(err, rgq_group_find_outliers(&group, err));
    count(&counts, &group);
    RGQ_TRY(err, make_page(&page, &group, &counts, out_dir, log, err));
    RGQ_TRY(err, rgq_group_write_table(&group, out_dir, err));
    RGQ_TRY(err, rgq_path_join(path, out_dir, "group.html", err));
    RGQ_TRY(err, rgq_file_write(path, page.data, page.length, true, err));
    *out = counts;
out:
    rgq_group_release(&group);
    rgq_text_release(&page);
    return st;
}
