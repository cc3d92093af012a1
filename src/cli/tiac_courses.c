#include "cli/tiac_courses.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/tsv.h"

static const double LN2 = 0.69314718055994530942;

void rgq_courses_release(rgq_courses *courses)
{
    for (int i = 0; i < courses->count; i++) {
        rgq_free(courses->course[i].time_h);
        rgq_free(courses->course[i].activity_mbq);
        rgq_free(courses->course[i].sd_mbq);
    }
    rgq_free(courses->course);
    *courses = (rgq_courses){.count = 0};
}

static rgq_status find_or_add(rgq_course **out, rgq_courses *courses, const char *name,
                              rgq_error *err)
{
    for (int i = 0; i < courses->count; i++)
        if (strcmp(courses->course[i].name, name) == 0) {
            *out = &courses->course[i];
            return RGQ_OK;
        }
    RGQ_PASS(err, rgq_realloc(&courses->course, (size_t)courses->count + 1,
                              sizeof *courses->course, err));
    *out = &courses->course[courses->count++];
    **out = (rgq_course){.n = 0};
    rgq_text_copy((*out)->name, sizeof(*out)->name, name);
    return RGQ_OK;
}

rgq_status rgq_courses_add(rgq_courses *courses, const char *name, const double point[3],
                           rgq_error *err)
{
    rgq_course *c = NULL;

    RGQ_PASS(err, find_or_add(&c, courses, name, err));
    if (c->n == c->capacity) {
        const size_t more = c->capacity == 0 ? 16 : 2 * (size_t)c->capacity;
        RGQ_PASS(err, rgq_realloc(&c->time_h, more, sizeof *c->time_h, err));
        RGQ_PASS(err, rgq_realloc(&c->activity_mbq, more, sizeof *c->activity_mbq, err));
        RGQ_PASS(err, rgq_realloc(&c->sd_mbq, more, sizeof *c->sd_mbq, err));
        c->capacity = (int)more;
    }
    c->time_h[c->n] = point[0];
    c->activity_mbq[c->n] = point[1];
    c->sd_mbq[c->n] = point[2];
    c->n++;
    return RGQ_OK;
}

/* ---- the table ---- */

typedef struct columns {
    int region;
    int time;
    int activity;
    int sd;
} columns;

static rgq_status need_column(int *out, const rgq_tsv *tsv, const char *name, const char *stem,
                              const char *path, rgq_error *err)
{
    *out = rgq_tsv_find(tsv, name);
    for (int c = 0; c < tsv->n_columns && *out < 0 && stem != NULL; c++)
        if (strncmp(rgq_tsv_column(tsv, c), stem, strlen(stem)) == 0)
            return RGQ_RAISE(
                err, RGQ_E_UNIT,
                "%s: the column '%s' does not say that it is in %s: name it %s and "
                "put the values in that unit",
                path, rgq_tsv_column(tsv, c), strcmp(stem, "time") == 0 ? "h" : "MBq", name);
    if (*out < 0)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "%s: there is no column %s; region, time_h and activity_mbq are needed, "
            "sd may be there",
            path, name);
    return RGQ_OK;
}

static rgq_status read_cell(double *out, const rgq_tsv *tsv, int row, int column,
                            const char *path, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;

    if (rgq_parse_real(out, rgq_tsv_cell(tsv, row, column), -1e15, 1e15, &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: line %d, column %s: %s", path, row + 2,
                         rgq_tsv_column(tsv, column), why.message);
    return RGQ_OK;
}

static rgq_status read_row(rgq_courses *out, const rgq_tsv *tsv, const columns *c, int row,
                           const char *path, rgq_error *err)
{
    const char *region = rgq_tsv_cell(tsv, row, c->region);
    double point[3] = {0.0, 0.0, (double)NAN};

    if (region[0] == '\0' || strlen(region) >= RGQ_REGION_NAME_MAX)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "%s: line %d: the name of the region has %zu bytes; 1 to %d are needed", path,
            row + 2, strlen(region), RGQ_REGION_NAME_MAX - 1);
    RGQ_PASS(err, read_cell(&point[0], tsv, row, c->time, path, err));
    RGQ_PASS(err, read_cell(&point[1], tsv, row, c->activity, path, err));
    if (c->sd >= 0 && strcmp(rgq_tsv_cell(tsv, row, c->sd), "n/a") != 0)
        RGQ_PASS(err, read_cell(&point[2], tsv, row, c->sd, path, err));
    return rgq_courses_add(out, region, point, err);
}

rgq_status rgq_courses_read(rgq_courses *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv tsv = {0};
    columns c;

    RGQ_TRY(err, rgq_tsv_read(&tsv, path, err));
    RGQ_TRY(err, need_column(&c.region, &tsv, "region", NULL, path, err));
    RGQ_TRY(err, need_column(&c.time, &tsv, "time_h", "time", path, err));
    RGQ_TRY(err, need_column(&c.activity, &tsv, "activity_mbq", "activity", path, err));
    c.sd = rgq_tsv_find(&tsv, "sd");
    if (c.sd < 0)
        c.sd = rgq_tsv_find(&tsv, "sd_mbq");
    for (int r = 0; r < tsv.n_rows; r++)
        RGQ_TRY(err, read_row(out, &tsv, &c, r, path, err));
    if (out->count == 0)
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s has no row below its header", path);
out:
    rgq_tsv_release(&tsv);
    return st;
}

void rgq_courses_undo_decay(rgq_courses *courses, double half_life_h)
{
    for (int i = 0; i < courses->count; i++)
        for (int k = 0; k < courses->course[i].n; k++) {
            rgq_course *c = &courses->course[i];
            const double left = exp(-LN2 / half_life_h * c->time_h[k]);
            c->activity_mbq[k] *= left;
            c->sd_mbq[k] *= left;
        }
}

rgq_status rgq_course_points(rgq_tiac_points *out, const rgq_course *course, rgq_error *err)
{
    int stated = 0;

    for (int k = 0; k < course->n; k++)
        stated += isfinite(course->sd_mbq[k]) ? 1 : 0;
    if (stated != 0 && stated != course->n)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: %d of %d points have an sd; all of a region are needed, or none",
                         course->name, stated, course->n);
    *out = (rgq_tiac_points){course->name, course->n, course->time_h, course->activity_mbq,
                             stated != 0 ? course->sd_mbq : NULL};
    return RGQ_OK;
}
