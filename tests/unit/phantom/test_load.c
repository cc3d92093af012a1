#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "rgdquant/phantom_analysis.h"
#include "rgq_check.h"
#include "tiny.h"

static rgq_status parse(rgq_phantom **out, const char *text, rgq_error *err)
{
    return rgq_phantom_parse(out, text, strlen(text), "tiny.json", err);
}

START_TEST(test_reads_what_is_there)
{
    rgq_phantom *p = NULL;
    int a = -1;

    MUST(parse(&p, TINY_PATIENT, err));
    ck_assert_str_eq(rgq_phantom_id(p), "tiny");
    ck_assert_str_eq(rgq_phantom_background(p), "ball");
    ck_assert_double_eq(rgq_phantom_weight_kg(p), 80.0);
    ck_assert_double_eq(rgq_phantom_height_m(p), 1.8);
    ck_assert_int_eq(rgq_phantom_n_objects(p), 2);
    const rgq_phantom_object *lesion = rgq_phantom_object_at(p, 1);
    ck_assert_str_eq(lesion->name, "lesion");
    ck_assert_str_eq(lesion->host, "ball");
    ck_assert_int_eq(lesion->label, 2);
    ck_assert_double_eq(lesion->diameter_mm, 8.0);
    ck_assert_double_eq(lesion->centre_mm[0], 5.0);
    /* 4/3 pi 4^3 mm^3, to rounding */
    ck_assert_double_eq_tol(lesion->analytic_volume_ml, 0.26808257310632905, 1e-15);
    /* the ball lies under the lesion: no closed form is claimed */
    ck_assert(isnan(rgq_phantom_object_at(p, 0)->analytic_volume_ml));
    MUST(rgq_phantom_activity_find(&a, p, "x-1", err));
    ck_assert_int_eq(a, 1);
    ck_assert_double_eq(rgq_phantom_value(p, 1, 1), 3.0);
    const rgq_phantom_activity *activity = rgq_phantom_activity_at(p, 1);
    ck_assert_str_eq(activity->tracer, "X-1");
    ck_assert_str_eq(rgq_phantom_activity_at(p, 0)->tracer, "");
    ck_assert_double_eq(activity->activity_bq, 1e8);
    ck_assert_double_eq(activity->uptake_s, 3600.0);
    ck_assert_double_eq(activity->duration_s, 300.0);
    REFUSED(rgq_phantom_activity_find(&a, p, "Y", err), RGQ_E_NOTFOUND, "default, X-1");
    ck_assert_int_eq(a, 1);
    rgq_phantom_free(p);
}
END_TEST

START_TEST(test_ratio_and_unit)
{
    rgq_phantom *p = NULL;

    MUST(parse(&p, TINY_JAR, err));
    ck_assert_double_eq(rgq_phantom_value(p, 0, 0), 5000.0);
    ck_assert_double_eq(rgq_phantom_value(p, 0, 1), 20000.0);
    ck_assert(isnan(rgq_phantom_weight_kg(p)));
    ck_assert(isnan(rgq_phantom_activity_at(p, 0)->activity_bq));
    rgq_phantom_free(p);
}
END_TEST

START_TEST(test_point_belongs_to_the_last)
{
    rgq_phantom *p = NULL;

    MUST(parse(&p, TINY_JAR, err));
    ck_assert_int_eq(rgq_phantom_object_of_point(p, (const double[3]){0, 0, 0}), 0);
    ck_assert_int_eq(rgq_phantom_object_of_point(p, (const double[3]){5, 3.9, 0}), 1);
    ck_assert_int_eq(rgq_phantom_object_of_point(p, (const double[3]){5, 4.1, 0}), 0);
    ck_assert_int_eq(rgq_phantom_object_of_point(p, (const double[3]){0, 0, 15}), 0);
    ck_assert_int_eq(rgq_phantom_object_of_point(p, (const double[3]){0, 0, 15.01}), -1);
    rgq_phantom_free(p);
}
END_TEST

/* The analysis of a file: taken as it stands, or refused with the place. */
#define LIMITS                                                                                 \
    "\"limits\":[{\"name\":\"L\",\"unit\":\"1\",\"ratio\":10,\"status\":\"published\","        \
    "\"source\":"                                                                              \
    "\"Koopman2019\",\"rows\":[{\"diameter_mm\":8,\"rc_max\":[0.3,0.6]}]}]"
#define ANALYSIS "\"analysis\":{\"kind\":\"spheres\",\"status\":\"design\","

static const struct {
    const char *analysis, *words; /* words NULL: it is read */
} analyses[] = {
    {ANALYSIS "\"wall\":{\"value\":1,\"unit\":\"mm\"}," LIMITS "},", NULL},
    {"\"analysis\":{\"kind\":\"cubes\",\"status\":\"design\"},", "'cubes'"},
    {ANALYSIS "\"colour\":1},", "colour"},
    {ANALYSIS "\"wall\":{\"value\":1,\"unit\":\"cm\"}},", "cm"},
    {ANALYSIS "\"wall\":1},", "wall"},
    {ANALYSIS "\"insert\":\"lung\"},", "'lung'"},
    {ANALYSIS "\"limits\":1},", "'limits' must be an array"},
    {ANALYSIS
     "\"limits\":[{\"name\":\"L\",\"unit\":\"1\",\"ratio\":10,\"status\":\"published\","
     "\"rows\":[]}]},",
     "source"},
    {ANALYSIS
     "\"limits\":[{\"name\":\"L\",\"unit\":\"%\",\"ratio\":10,\"status\":\"published\","
     "\"source\":\"Koopman2019\",\"rows\":[]}]},",
     "the unit is '%'"},
    {ANALYSIS
     "\"limits\":[{\"name\":\"L\",\"unit\":\"1\",\"ratio\":10,\"status\":\"published\","
     "\"source\":\"Koopman2019\",\"rows\":[{\"diameter_mm\":8,\"rc_max\":[0.6,0.3]}]}]},",
     "rc_max"},
};

START_TEST(test_analysis)
{
    char text[4096];
    rgq_phantom *p = NULL;
    static const char jar[] = TINY_JAR;
    const char *at = strstr(jar, "\"activities\"");

    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - jar), jar, analyses[_i].analysis,
                   at);
    if (analyses[_i].words != NULL) {
        REFUSED(parse(&p, text, err), RGQ_E_FORMAT, analyses[_i].words);
        ck_assert_ptr_null(p);
        return;
    }
    MUST(parse(&p, text, err));
    ck_assert_str_eq(rgq_phantom_analysis_kind(p), "spheres");
    rgq_phantom_free(p);
}
END_TEST

/* TINY_JAR with one place changed. */
static const struct {
    const char *from, *to, *words;
} broken[] = {
    {"\"format\":1", "\"format\":2", "'format' is 2"},
    {"\"title\"", "\"tilte\"", "unknown key 'tilte'"},
    {"\"title\":\"t\"", "\"title\":\"\"", "'title' has 0 bytes"},
    {"\"title\":\"t\"", "\"title\":\"a\\nb\"", "control character"},
    {"\"diameter_mm\":30", "\"diameter_mm\":-3", "objects[0]: union[0]: 'diameter_mm' is -3"},
    {"\"diameter_mm\":30", "\"diameter_mm\":0", "'diameter_mm' is 0"},
    {"\"diameter_mm\":30", "\"diametre_mm\":30", "unknown key 'diametre_mm'"},
    {"\"diameter_mm\":30", "\"diameter_mm\":\"30\"", "must be a number"},
    {"\"kind\":\"sphere\"", "\"kind\":\"cone\"", "'kind' is 'cone'"},
    {"[0,0,0],", "[0,0],", "array of 3 numbers"},
    {"[0,0,0],", "[0,0,1e9],", "1e+09 mm, outside"},
    {"[48,48,48]", "[48,-48,48]", "grid: 'size_mm' is -48"},
    {"\"status\":\"design\"},\"act", "\"status\":\"guess\"},\"act", "'status' is 'guess'"},
    {"\"status\":\"design\"},\"act", "\"status\":\"published\"},\"act", "needs a 'source'"},
    {"\"status\":\"design\"},\"act", "\"status\":\"design\",\"source\":1},\"act",
     "'source' must be a text"},
    {"\"status\":\"design\"},\"act",
     "\"status\":\"published\",\"source\":\"Nobody1900\"},\"act",
     "'Nobody1900' is not among the references"},
    {"\"kBq/mL\"", "\"Bq/mL\"", "SUVbw or kBq/mL"},
    {"\"kBq/mL\"", "\"SUVbw\"", "needs the weight"},
    {"\"PET\"", "\"MRI\"", "'modality' is 'MRI'"},
    {"\"unit\":\"min\"}", "\"unit\":\"s\"}", "duration: the unit is 's', min was needed"},
    {"\"value\":5,", "\"value\":0,", "'value' is 0"},
    {"\"ball\":5,", "", "none for the object 'ball'"},
    {"\"ball\":5,", "\"ball\":-5,", "'ball' is -5"},
    {"\"ball\":5,", "\"ball\":5,\"bell\":1,", "names 'bell', which is no object"},
    {"\"to\":\"ball\"", "\"to\":\"lesion\"", "no object with a plain number"},
    {"\"ratio\":4", "\"rate\":4", "unknown key 'rate'"},
    {"\"background\":\"ball\"", "\"background\":\"water\"", "'background' is 'water'"},
    {"\"name\":\"lesion\"", "\"name\":\"ball\"", "a second object is named 'ball'"},
    {"\"host\":\"ball\"", "\"host\":\"liver\"", "no object before it is named 'liver'"},
    {"\"region\":true", "\"region\":1", "'region' must be true or false"},
    {"\"union\":[", "\"union\":[],\"except\":[", "'union' must be an array of solids"},
    {"[5,0,0]", "[12,0,0]", "'lesion' must lie wholly in 'ball'"},
    {"\"duration\"", "\"uptake_time\":{\"value\":1,\"unit\":\"min\"},\"duration\"",
     "go with a 'body', and the file has none"},
    {"\"diameter_mm\":30",
     "\"diameter_mm\":30,\"keep\":[{\"normal\":[0,0,0],\"at_most_mm\":1}]",
     "keep[0]: 'normal' has the length 0"},
};

START_TEST(test_refusals)
{
    static const char whole[] = TINY_JAR;
    char text[2 * sizeof whole];
    const char *at = strstr(whole, broken[_i].from);
    rgq_phantom *p = (rgq_phantom *)(void *)text; /* must become NULL */

    ck_assert_ptr_nonnull(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, broken[_i].to,
                   at + strlen(broken[_i].from));
    REFUSED(parse(&p, text, err), RGQ_E_FORMAT, broken[_i].words);
    ck_assert_ptr_null(p);
}
END_TEST

START_TEST(test_lesions_that_overlap)
{
    rgq_phantom *p = NULL;
    REFUSED(parse(&p, TINY_TWINS, err), RGQ_E_FORMAT, "is in 'two'");
}
END_TEST

START_TEST(test_shipped_files)
{
    rgq_phantom_ids ids;
    char path[RGQ_PATH_MAX];

    MUST(rgq_phantom_list(&ids, RGQ_SOURCE_DIR "/phantoms", err));
    ck_assert_int_ge(ids.count, 3);
    for (int i = 0; i < ids.count; i++) {
        rgq_phantom *p = NULL;
        (void)snprintf(path, sizeof path, RGQ_SOURCE_DIR "/phantoms/%s.json", ids.id[i]);
        MUST(rgq_phantom_load(&p, path, err));
        ck_assert_str_eq(rgq_phantom_id(p), ids.id[i]);
        rgq_phantom_free(p);
    }
}
END_TEST

START_TEST(test_torso_has_its_lesions)
{
    static const double diameters[] = {8, 10, 13, 17, 22, 28, 34, 40};
    rgq_phantom *p = NULL;
    int n = 0;

    MUST(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/phantoms", "RGD-torso", err));
    for (int i = 0; i < rgq_phantom_n_objects(p); i++) {
        const rgq_phantom_object *object = rgq_phantom_object_at(p, i);
        if (strncmp(object->name, "lesion-", 7) != 0)
            continue;
        ck_assert_int_lt(n, 8);
        ck_assert_double_eq(object->diameter_mm, diameters[n]);
        ck_assert_str_ne(object->host, ""); /* so the loader has checked where it lies */
        ck_assert(object->analytic_volume_ml > 0.0);
        for (int a = 0; a < rgq_phantom_n_activities(p); a++) {
            ck_assert_double_ge(rgq_phantom_value(p, a, i), 2.0);
            ck_assert_double_le(rgq_phantom_value(p, a, i), 6.0);
        }
        n++;
    }
    ck_assert_int_eq(n, 8);
    for (int a = 0; a < rgq_phantom_n_activities(p); a++)
        ck_assert_str_eq(rgq_phantom_activity_at(p, a)->status, "design");
    rgq_phantom_free(p);
}
END_TEST

START_TEST(test_nema_spheres)
{
    static const double diameters[] = {10, 13, 17, 22, 28, 37};
    rgq_phantom *p = NULL;

    MUST(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/phantoms", "nema-iec", err));
    for (int i = 0; i < 6; i++) {
        const rgq_phantom_object *object = rgq_phantom_object_at(p, i + 2);
        ck_assert_double_eq(object->diameter_mm, diameters[i]);
        /* on the circle of 114.4 mm; the file has 4 decimals */
        ck_assert_double_eq_tol(hypot(object->centre_mm[0], object->centre_mm[1]), 57.2, 1e-4);
        ck_assert_double_eq_tol(rgq_phantom_value(p, 0, i + 2), 21200.0, 1e-9);
    }
    rgq_phantom_free(p);
}
END_TEST

START_TEST(test_find_refusals)
{
    rgq_phantom *p = NULL;
    REFUSED(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/phantoms", "rgd-tors", err), RGQ_E_NOTFOUND,
            "did you mean 'rgd-torso'");
    REFUSED(rgq_phantom_find(&p, RGQ_SOURCE_DIR "/scripts/cmake", "x", err), RGQ_E_NOTFOUND,
            "holds no phantom");
    REFUSED(rgq_phantom_load(&p, RGQ_SOURCE_DIR "/phantoms/none.json", err), RGQ_E_IO,
            "none.json");
    ck_assert_ptr_null(p);
}
END_TEST

START_TEST(test_torture)
{
    rgq_phantom *p = NULL;
    TORTURE(parse(&p, TINY_JAR, err), rgq_phantom_free(p), 5);
}
END_TEST

RGQ_CHECK_MAIN("phantom/load", tcase_add_test(tc, test_reads_what_is_there);
               tcase_add_test(tc, test_ratio_and_unit);
               tcase_add_loop_test(tc, test_analysis, 0, ROWS(analyses));
               tcase_add_test(tc, test_point_belongs_to_the_last);
               tcase_add_loop_test(tc, test_refusals, 0, ROWS(broken));
               tcase_add_test(tc, test_lesions_that_overlap);
               tcase_add_test(tc, test_shipped_files);
               tcase_add_test(tc, test_torso_has_its_lesions);
               tcase_add_test(tc, test_nema_spheres); tcase_add_test(tc, test_find_refusals);
               tcase_add_test(tc, test_torture))
