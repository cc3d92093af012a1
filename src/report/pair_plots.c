#include "report/pair_plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "report/plot.h"

/* One picture, as SVG and PNG. */
static rgq_status write_both(const char *folder, const char *name, const rgq_text *body,
                             rgq_error *err)
{
    static const char *const terminals[] = {"svg size 640,480 dynamic background '#ffffff'",
                                            "pngcairo size 960,720 fontscale 1.2"};
    static const char *const endings[] = {"svg", "png"};
    rgq_status st = RGQ_OK;
    rgq_text script = RGQ_TEXT_INIT;
    char file[64];
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_text_check(body, err));
    for (int i = 0; i < 2; i++) {
        rgq_text_release(&script);
        rgq_text_printf(&script, "set terminal %s noenhanced\n%s", terminals[i], body->data);
        RGQ_TRY(err, rgq_text_check(&script, err));
        (void)snprintf(file, sizeof file, "%.40s.%s", name, endings[i]);
        RGQ_TRY(err, rgq_path_join(path, folder, file, err));
        RGQ_TRY(err, rgq_plot_write(path, script.data, false, err));
    }
out:
    rgq_text_release(&script);
    return st;
}

/* A word between single quotes: nothing that gnuplot or a shell could act on. */
static void add_word(rgq_text *script, const char *before, const char *word)
{
    static const char good[] = " _.,:;%()[]/+-=<>#*";

    rgq_text_printf(script, "%s'", before);
    for (; *word != '\0'; word++) {
        const unsigned char c = (unsigned char)*word;
        const bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || strchr(good, c) != NULL;
        rgq_text_append(script, plain ? word : "_", 1);
    }
    rgq_text_printf(script, "'\n");
}

static void add_frame(rgq_text *script, const char *title, const char *x, const char *y)
{
    rgq_text_printf(script, "set grid lc rgb '#dddddd'\nset border 3\nset tics nomirror\n");
    add_word(script, "set title ", title);
    add_word(script, "set xlabel ", x);
    add_word(script, "set ylabel ", y);
}

static void add_number(rgq_text *script, double value, char end)
{
    char text[RGQ_REAL_TEXT_MAX];

    rgq_text_printf(script, "%s%c", rgq_format_real(value, text), end);
}

static void add_points(rgq_text *script, const char *name, const double *x, const double *y,
                       size_t n)
{
    rgq_text_printf(script, "$%s << EOD\n", name);
    for (size_t i = 0; i < n; i++) {
        add_number(script, x[i], ' ');
        add_number(script, y[i], '\n');
    }
    rgq_text_printf(script, "EOD\n");
}

rgq_status rgq_scatter_plot_write(const char *folder, const char *name,
                                  const rgq_scatter_plot *plot, rgq_error *err)
{
    rgq_text script = RGQ_TEXT_INIT;

    add_frame(&script, plot->title, plot->x_label, plot->y_label);
    add_points(&script, "points", plot->x, plot->y, plot->n);
    if (plot->band != NULL) {
        rgq_text_printf(&script, "$band << EOD\n");
        for (size_t i = 0; i < plot->n_band; i++) {
            add_number(&script, plot->band[i].x, ' ');
            add_number(&script, plot->band[i].y, ' ');
            add_number(&script, plot->band[i].low, ' ');
            add_number(&script, plot->band[i].high, '\n');
        }
        rgq_text_printf(&script, "EOD\n");
    }
    rgq_text_printf(&script, "set key below maxrows 2 samplen 2\nset bmargin 6.5\n"
                             "set offsets graph 0.04, graph 0.04, graph 0.04, graph 0.04\n");
    if (plot->band != NULL) {
        add_word(&script, "label = ", plot->band_label);
        rgq_text_printf(&script,
                        "plot $band using 1:3:4 with filledcurves fc rgb '#d6e4f2' title "
                        "label, $band using 1:2 with lines lw 2 lc rgb '#1f4e79' title 'fit', "
                        "$points with points pt 7 ps 0.9 lc rgb '#b22222' title 'lesions'\n");
    } else {
        rgq_text_printf(&script, "plot $points with points pt 7 ps 0.9 lc rgb '#b22222' title "
                                 "'lesions'\n");
    }
    const rgq_status st = write_both(folder, name, &script, err);
    rgq_text_release(&script);
    return st;
}

static void add_level(rgq_text *script, double level, const char *colour, const char *dash,
                      const char *words)
{
    char text[RGQ_REAL_TEXT_MAX];

    rgq_text_printf(script, ", %s with lines lc rgb '%s' dt %s lw 1.5 title '%s %.4g'",
                    rgq_format_real(level, text), colour, dash, words, level);
}

rgq_status rgq_difference_plot_write(const char *folder, const char *name,
                                     const rgq_difference_plot *plot, rgq_error *err)
{
    rgq_text script = RGQ_TEXT_INIT;

    add_frame(&script, plot->title, plot->x_label, plot->y_label);
    rgq_text_printf(&script, "$points << EOD\n");
    for (size_t i = 0; i < plot->n; i++) {
        add_number(&script, 0.5 * (plot->x[i] + plot->y[i]), ' ');
        add_number(&script, plot->y[i] - plot->x[i], '\n');
    }
    rgq_text_printf(&script,
                    "EOD\nset key below maxrows 2 samplen 2\nset bmargin 6.5\n"
                    "set offsets graph 0.04, graph 0.04, graph 0.08, graph 0.08\n"
                    "plot $points with points pt 7 ps 0.9 lc rgb '#b22222' title 'lesions'");
    add_level(&script, plot->upper, "#1f4e79", "2", "upper limit");
    add_level(&script, plot->bias, "#1f4e79", "1", "bias");
    add_level(&script, plot->lower, "#1f4e79", "2", "lower limit");
    rgq_text_printf(&script, "\n");
    const rgq_status st = write_both(folder, name, &script, err);
    rgq_text_release(&script);
    return st;
}

rgq_status rgq_roc_plot_write(const char *folder, const char *name, const rgq_roc_plot *plot,
                              rgq_error *err)
{
    rgq_text script = RGQ_TEXT_INIT;

    add_frame(&script, plot->title, "1 - specificity", "sensitivity");
    add_points(&script, "curve", plot->false_positive, plot->sensitivity, plot->n);
    rgq_text_printf(&script, "set size square\nset xrange [0:1]\nset yrange [0:1]\nunset key\n"
                             "plot x with lines lc rgb '#999999' dt 2, $curve with lines lw 2 "
                             "lc rgb '#1f4e79'\n");
    const rgq_status st = write_both(folder, name, &script, err);
    rgq_text_release(&script);
    return st;
}

static int rising(const void *pa, const void *pb)
{
    const double a = *(const double *)pa;
    const double b = *(const double *)pb;

    return (a > b) - (a < b);
}

rgq_status rgq_change_plot_write(const char *folder, const char *name,
                                 const rgq_change_plot *plot, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text script = RGQ_TEXT_INIT;
    double *sorted = NULL;
    size_t n = 0;

    RGQ_TRY(err, rgq_alloc(&sorted, plot->n, sizeof *sorted, err));
    for (size_t i = 0; i < plot->n; i++)
        if (isfinite(plot->change[i]))
            sorted[n++] = plot->change[i];
    qsort(sorted, n, sizeof *sorted, rising);
    add_frame(&script, plot->title, "regions, by their change", plot->y_label);
    rgq_text_printf(&script, "$bars << EOD\n");
    for (size_t i = 0; i < n; i++) {
        rgq_text_printf(&script, "%zu ", i + 1);
        add_number(&script, sorted[i], '\n');
    }
    rgq_text_printf(&script,
                    "EOD\nset key below maxrows 2 samplen 2\nset bmargin 6.5\n"
                    "set xrange [0.4:%zu.6]\nset boxwidth 0.8\nset style fill solid\n"
                    "set xzeroaxis lt 1 lc rgb '#333333'\nset xtics 1,%zu\n"
                    "set offsets 0, 0, graph 0.08, graph 0.08\n"
                    "plot $bars with boxes lc rgb '#7fa3c7' title 'change'",
                    n, 1 + n / 12);
    if (isfinite(plot->low) && isfinite(plot->high)) {
        add_level(&script, plot->high, "#b22222", "2", "limit");
        add_level(&script, plot->low, "#b22222", "2", "limit");
    }
    rgq_text_printf(&script, "\n");
    RGQ_TRY(err, write_both(folder, name, &script, err));
out:
    rgq_text_release(&script);
    rgq_free(sorted);
    return st;
}
