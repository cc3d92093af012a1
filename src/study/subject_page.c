/* sub-<label>.html: the cases of a participant, their pictures and measures. */
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "io/tsv.h"
#include "report/group_page.h"
#include "study/derivative.h"

/* The columns a person looks at first. */
static rgq_status append_measures(rgq_text *page, const char *name, const char *path,
                                  rgq_error *err)
{
    static const char *const wanted[] = {"region", "volume_ml",   "unit",    "mean",
                                         "max",    "peak_global", "tbr_mean"};
    rgq_status st = RGQ_OK;
    rgq_tsv all = {.n_columns = 0};
    rgq_tsv few = {.n_columns = 0};
    rgq_text text = RGQ_TEXT_INIT;

    RGQ_TRY(err, rgq_tsv_read(&all, path, err));
    for (int row = -1; row < all.n_rows; row++) {
        const char *between = "";
        for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
            const int c = rgq_tsv_find(&all, wanted[k]);
            if (c < 0)
                continue;
            rgq_text_printf(&text, "%s%s", between,
                            row < 0 ? wanted[k] : rgq_tsv_cell(&all, row, c));
            between = "\t";
        }
        rgq_text_printf(&text, "\n");
    }
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_tsv_parse(&few, text.data, text.length, name, err));
    rgq_group_page_table(page, name, NULL, &few);
out:
    rgq_tsv_release(&all);
    rgq_tsv_release(&few);
    rgq_text_release(&text);
    return st;
}

static rgq_status append_card(rgq_text *page, const rgq_case *one, const rgq_case_outcome *how,
                              const char *out_dir, rgq_error *err)
{
    char link[RGQ_PATH_MAX];
    char figure[RGQ_PATH_MAX];
    char picture[RGQ_PATH_MAX];
    rgq_group_card card = {.name = one->name};

    if (how->status != RGQ_CASE_DONE) {
        card.is_failed = true;
        card.line = rgq_case_status_name(how->status);
        card.warning = how->reason;
        return rgq_group_page_card(page, &card, err);
    }
    card.line = rgq_case_get(one, "tracer");
    if (rgq_derivative_name(link, one, "report.html", true))
        card.link = link;
    if (rgq_derivative_name(figure, one, "overview.png", true)) {
        RGQ_PASS(err, rgq_path_join(picture, out_dir, figure, err));
        card.picture = picture;
    }
    return rgq_group_page_card(page, &card, err);
}

static bool is_of(const rgq_case *one, const char *subject)
{
    return one->subject != NULL && strcmp(one->subject, subject) == 0;
}

static rgq_status write_page(const rgq_study *study, const rgq_case_outcome *outcome,
                             const char *subject, const char *out_dir, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text page = RGQ_TEXT_INIT;
    char words[128];
    char path[RGQ_PATH_MAX];
    char folder[RGQ_PATH_MAX];
    int n = 0;
    int done = 0;

    for (int i = 0; i < study->n_cases; i++)
        if (is_of(&study->cases[i], subject)) {
            n++;
            done += outcome[i].status == RGQ_CASE_DONE;
        }
    (void)snprintf(words, sizeof words, "%d scan%s, %d measured.", n, n == 1 ? "" : "s", done);
    rgq_group_page_begin(&page, subject, words);
    rgq_group_page_gallery_begin(&page, NULL, NULL);
    for (int i = 0; i < study->n_cases; i++)
        if (is_of(&study->cases[i], subject))
            RGQ_TRY(err, append_card(&page, &study->cases[i], &outcome[i], out_dir, err));
    rgq_group_page_gallery_end(&page);
    for (int i = 0; i < study->n_cases; i++) {
        const rgq_case *one = &study->cases[i];
        if (!is_of(one, subject) || outcome[i].status != RGQ_CASE_DONE)
            continue;
        RGQ_TRY(err, rgq_path_join(folder, out_dir, one->output, err));
        RGQ_TRY(err, rgq_path_join(path, folder, "measures.tsv", err));
        RGQ_TRY(err, append_measures(&page, one->name, path, err));
    }
    rgq_group_page_end(&page);
    RGQ_TRY(err, rgq_text_check(&page, err));
    (void)snprintf(words, sizeof words, "%.100s.html", subject);
    RGQ_TRY(err, rgq_path_join(path, out_dir, words, err));
    RGQ_TRY(err, rgq_file_write(path, page.data, page.length, true, err));
out:
    rgq_text_release(&page);
    return st;
}

rgq_status rgq_subject_pages(const rgq_study *study, const rgq_case_outcome *outcome,
                             const char *out_dir, rgq_error *err)
{
    for (int i = 0; i < study->n_cases; i++) {
        const char *subject = study->cases[i].subject;
        /* the cases of a participant stand together */
        if (subject == NULL || (i > 0 && is_of(&study->cases[i - 1], subject)))
            continue;
        RGQ_PASS(err, write_page(study, outcome, subject, out_dir, err));
    }
    return RGQ_OK;
}
