/* Activities of regions at several times: from a table, or gathered from scans. */
#ifndef RGQ_CLI_TIAC_COURSES_H
#define RGQ_CLI_TIAC_COURSES_H

#include "rgdquant/regions.h"
#include "rgdquant/tiac.h"

typedef struct rgq_course {
    char name[RGQ_REGION_NAME_MAX];
    int n;
    int capacity;
    double *time_h;
    double *activity_mbq;
    double *sd_mbq; /* NaN where it is not stated */
} rgq_course;

typedef struct rgq_courses {
    rgq_course *course;
    int count;
} rgq_courses;

void rgq_courses_release(rgq_courses *courses);

/** Append a point to the course of that name, a new one if there is none. */
RGQ_MUST_CHECK rgq_status rgq_courses_add(rgq_courses *courses, const char *name,
                                          const double point[3], rgq_error *err);

/**
 * @brief Read a table with the columns region, time_h, activity_mbq and, if it has one, sd (or
 *        sd_mbq); others are left alone.
 *
 * @param[out] out  zeroed; caller releases it, also on failure
 * @return RGQ_OK; RGQ_E_UNIT if there is a column of times or activities without this unit in
 *         its name; RGQ_E_FORMAT naming line and column; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_courses_read(rgq_courses *out, const char *path, rgq_error *err);

/** Values that were corrected for decay to the injection become what they were at their time.
 */
void rgq_courses_undo_decay(rgq_courses *courses, double half_life_h);

/** As the fit takes it; RGQ_E_FORMAT where some points of a region have an sd and others not.
 */
RGQ_MUST_CHECK rgq_status rgq_course_points(rgq_tiac_points *out, const rgq_course *course,
                                            rgq_error *err);

#endif
