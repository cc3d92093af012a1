/* What was asked for as background, and which region means a tissue. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "roi/background.h"

static const struct {
    const char *word; /* before ':' */
    rgq_background_kind kind;
    int n; /* numbers behind it */
    const char *form;
} forms[] = {{"sphere", RGQ_BACKGROUND_SPHERE, 4, "sphere:X,Y,Z,R (mm)"},
             {"shell", RGQ_BACKGROUND_SHELL, 2, "shell:INNER,OUTER (mm), e.g. shell:6,16"},
             {"mirror", RGQ_BACKGROUND_MIRROR, 1,
              "mirror or mirror:X, x of the mid-sagittal plane in mm"},
             {"reference", RGQ_BACKGROUND_REFERENCE, 0, "reference, with nothing behind it"}};

enum { N_FORMS = sizeof forms / sizeof forms[0], VALUES_MAX = 4 };

static const double place_max_mm = 1e5;

static rgq_status take_sphere(rgq_background_spec *spec, const double *value, const char *text,
                              rgq_error *err)
{
    for (int a = 0; a < 3; a++) {
        spec->centre_mm[a] = value[a];
        if (!(fabs(value[a]) <= place_max_mm))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "background '%.60s': a position of %g mm; -100000 to 100000 was "
                             "needed",
                             text, value[a]);
    }
    spec->radius_mm = value[3];
    if (!(value[3] >= 1e-3 && value[3] <= 1e4))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "background '%.60s': a radius of %g mm; 0.001 to 10000 was needed",
                         text, value[3]);
    return RGQ_OK;
}

static rgq_status take_values(rgq_background_spec *spec, const double *value, const char *text,
                              rgq_error *err)
{
    if (spec->kind == RGQ_BACKGROUND_SPHERE)
        return take_sphere(spec, value, text, err);
    if (spec->kind == RGQ_BACKGROUND_SHELL) {
        spec->inner_mm = value[0];
        spec->outer_mm = value[1];
        if (!(value[0] >= 0.0 && value[0] < value[1] &&
              value[1] <= RGQ_BACKGROUND_SHELL_MAX_MM))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "background '%.60s': %g to %g mm; 0 <= INNER < OUTER <= %g mm was "
                             "needed",
                             text, value[0], value[1], RGQ_BACKGROUND_SHELL_MAX_MM);
    }
    if (spec->kind == RGQ_BACKGROUND_MIRROR) {
        spec->plane_mm = value[0];
        if (!(fabs(value[0]) <= place_max_mm))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "background '%.60s': a plane at x = %g mm; -100000 to 100000 was "
                             "needed",
                             text, value[0]);
    }
    return RGQ_OK;
}

rgq_status rgq_background_parse(rgq_background_spec *out, const char *text, rgq_error *err)
{
    rgq_background_spec spec = {.kind = RGQ_BACKGROUND_REGION, .plane_mm = (double)NAN};
    double value[VALUES_MAX] = {0.0};
    int count = 0;

    for (int f = 0; f < N_FORMS; f++) {
        const size_t length = strlen(forms[f].word);
        if (strncmp(text, forms[f].word, length) != 0 ||
            (text[length] != ':' && text[length] != '\0'))
            continue;
        spec.kind = forms[f].kind;
        const bool bare = text[length] == '\0';
        if (bare && (spec.kind == RGQ_BACKGROUND_MIRROR || forms[f].n == 0)) {
            *out = spec;
            return RGQ_OK;
        }
        if (bare || forms[f].n == 0 ||
            rgq_parse_reals(value, &count, VALUES_MAX, text + length + 1, ',', NULL) !=
                RGQ_OK ||
            count != forms[f].n)
            return RGQ_RAISE(
                err, RGQ_E_ARGUMENT,
                "background '%.60s': %s was needed; a region of that name is taken "
                "by its label",
                text, forms[f].form);
        RGQ_PASS(err, take_values(&spec, value, text, err));
        *out = spec;
        return RGQ_OK;
    }
    if (text[0] == '\0' || strlen(text) >= sizeof spec.name)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "background '%.60s': the name or label of a region, sphere:X,Y,Z,R, "
                         "shell:INNER,OUTER, mirror[:X] or reference was needed",
                         text);
    rgq_text_copy(spec.name, sizeof spec.name, text);
    *out = spec;
    return RGQ_OK;
}

bool rgq_background_is_own(const rgq_background_spec *spec)
{
    return spec->kind == RGQ_BACKGROUND_SHELL || spec->kind == RGQ_BACKGROUND_MIRROR;
}

void rgq_background_name(char *out, const rgq_background_spec *spec, const char *of)
{
    char text[2 * RGQ_REGION_NAME_MAX] = "";
    const double *c = spec->centre_mm;

    switch (spec->kind) {
    case RGQ_BACKGROUND_REGION:
        (void)snprintf(text, sizeof text, "%s", spec->name);
        break;
    case RGQ_BACKGROUND_SPHERE:
        (void)snprintf(text, sizeof text, "sphere %g mm about %g,%g,%g mm", spec->radius_mm,
                       c[0], c[1], c[2]);
        break;
    case RGQ_BACKGROUND_SHELL:
        (void)snprintf(text, sizeof text, "shell %g-%g mm of %s", spec->inner_mm,
                       spec->outer_mm, of);
        break;
    case RGQ_BACKGROUND_MIRROR:
        if (isfinite(spec->plane_mm))
            (void)snprintf(text, sizeof text, "mirror at x = %g mm of %s", spec->plane_mm, of);
        else
            (void)snprintf(text, sizeof text, "mirror of %s", of);
        break;
    case RGQ_BACKGROUND_REFERENCE:
        (void)snprintf(text, sizeof text, "reference tissue");
        break;
    }
    rgq_text_copy(out, RGQ_REGION_NAME_MAX, text);
}

const char *rgq_background_words(char *out, const rgq_background_spec *spec)
{
    rgq_background_name(out, spec, "each region");
    return out;
}

/* ---- names of tissues ---- */

/* The first of a row is the tissue; the others are what it is also called, the best first. */
enum { SYNONYMS_MAX = 12 };

static const char *const tissues[][SYNONYMS_MAX] = {
    {"blood pool", "blood", "bloodpool", "mediastinal blood pool", "blood pool mediastinum",
     "descending aorta", "thoracic aorta", "aorta", "ascending aorta", "aortic arch", NULL},
    {"muscle", "muscles", "skeletal muscle", "muscle tissue", "gluteus maximus", "gluteus",
     "gluteal muscle", "gluteus muscle", "psoas", "psoas muscle", NULL},
    {"liver", "healthy liver", "normal liver", "liver right lobe", "right liver lobe",
     "right lobe of liver", "hepar", NULL},
};

enum { N_TISSUES = sizeof tissues / sizeof tissues[0] };

/* Lower case, and every run of blanks, '-', '_' and '.' one blank, none at the ends. */
static void normalise(char out[RGQ_REGION_NAME_MAX], const char *name)
{
    size_t used = 0;
    bool blank = false;

    for (const char *p = name; *p != '\0' && used + 2 < RGQ_REGION_NAME_MAX; p++) {
        if (*p == ' ' || *p == '-' || *p == '_' || *p == '.') {
            blank = used > 0;
            continue;
        }
        if (blank)
            out[used++] = ' ';
        blank = false;
        out[used++] = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    }
    out[used] = '\0';
}

bool rgq_background_is_named(const rgq_region *region, const char *word)
{
    char name[RGQ_REGION_NAME_MAX];

    normalise(name, region->name);
    return strcmp(name, word) == 0;
}

bool rgq_background_is_lesion(const rgq_region *region)
{
    static const char *const words[] = {"lesion", "tumour", "tumor", "metasta", "gtv"};
    char name[RGQ_REGION_NAME_MAX];

    normalise(name, region->name);
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strncmp(name, words[k], strlen(words[k])) == 0)
            return true;
    return false;
}

/* The one region of that (normalised) name. */
static rgq_status find_named(const rgq_region **out, const rgq_regions *regions,
                             const char *word, rgq_error *err)
{
    *out = NULL;
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        if (!rgq_background_is_named(region, word))
            continue;
        if (*out != NULL) {
            const rgq_region *first = *out;
            *out = NULL;
            return RGQ_RAISE(
                err, RGQ_E_ARGUMENT,
                "two regions could be the reference tissue, '%.60s' (label %d) and "
                "'%.60s' (label %d); name one of them: --background %d",
                first->name, first->label, region->name, region->label, first->label);
        }
        *out = region;
    }
    return RGQ_OK;
}

rgq_status rgq_background_tissue(const rgq_region **out, const rgq_regions *regions,
                                 const char *tissue, rgq_error *err)
{
    char word[RGQ_REGION_NAME_MAX];
    int row = -1;

    normalise(word, tissue);
    RGQ_PASS(err, find_named(out, regions, word, err));
    for (int t = 0; t < N_TISSUES && row < 0; t++)
        for (int s = 0; tissues[t][s] != NULL && row < 0; s++)
            if (strcmp(tissues[t][s], word) == 0)
                row = t;
    for (int s = 0; *out == NULL && row >= 0 && tissues[row][s] != NULL; s++)
        RGQ_PASS(err, find_named(out, regions, tissues[row][s], err));
    return RGQ_OK;
}
