#include "cli/ihc_words.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"

const rgq_opt rgq_ihc_rows[RGQ_IHC_N_ROWS] = {
    RGQ_ARGUMENT(rgq_ihc_words, slide, "SLIDE", NULL,
                 "the slide: TIFF, PNG, or a whole-slide image (SVS, NDPI, MRXS, SCN, BIF)"),
    RGQ_TEXT(rgq_ihc_words, out, "out", "DIR", NULL,
             "folder for ihc.tsv, ihc.json, overlay.png and run.json"),
    RGQ_TEXT(rgq_ihc_words, stain, "stain", "NAME", "h-dab",
             "h-dab, h-e or h-e-dab, or a FILE.json with vectors of your own"),
    RGQ_CHOICE(rgq_ihc_words, normalise, "normalise-vectors", "yes", "yes|no",
               "vectors to unit length before they are inverted; no: as they are written"),
    RGQ_FLAG(rgq_ihc_words, macenko, "macenko",
             "estimate the two vectors from the slide by Macenko's method"),
    RGQ_REAL(rgq_ihc_words, mpp_um, "mpp", "um", "", 0.05, 1000,
             "side of a pixel to work at; default: that of the file"),
    RGQ_REAL(rgq_ihc_words, pixel_um, "pixel-um", "um", "", 0.01, 1000,
             "side of a pixel of the file, where it says none or a wrong one"),
    RGQ_INT(rgq_ihc_words, page, "page", "N", "0", 0, 65535,
            "picture of a TIFF that has several, counted from 0"),
    RGQ_TEXT(rgq_ihc_words, regions, "regions", "FILE", "",
             "regions: GeoJSON of QuPath, or a mask (PNG, TIFF) of the slide's size or a whole "
             "number of times smaller; default: the whole slide"),
    RGQ_REALS(rgq_ihc_words, thresholds, "thresholds", "OD10", "0.2,0.4,0.6", 0.001, 6, 3, 3,
              "where weak, moderate and strong DAB begin"),
    RGQ_TEXT(rgq_ihc_words, positive, "positive", "OD10", "weak",
             "positive_fraction from: weak (its threshold), otsu, or an OD of your own"),
    RGQ_TEXT(
        rgq_ihc_words, white, "white", "R,G,B", "auto",
        "light without stain: auto (measured on a slide, 255 in a field of view), measured, "
        "or three intensities of 1 to 255"),
    RGQ_CHOICE(rgq_ihc_words, tissue, "tissue", "auto", "auto|yes|no",
               "only tissue counts; auto: on a slide yes, in a field of view no"),
    RGQ_REAL(rgq_ihc_words, tissue_od, "tissue-od", "OD10", "0.05", 0.001, 3,
             "least mean OD of tissue"),
    RGQ_REAL(rgq_ihc_words, nucleus_um, "nucleus-um", "um", "8", 0, 100,
             "diameter of a nucleus; 0: do not count"),
    RGQ_REAL(rgq_ihc_words, nucleus_od, "nucleus-od", "OD10", "0.05", 0.001, 3,
             "least contrast of a nucleus"),
    RGQ_CHOICE(rgq_ihc_words, nucleus_in, "nuclei-in", "hematoxylin", "hematoxylin|sum",
               "where nuclei are looked for; sum: hematoxylin and DAB, for nuclear stains"),
    RGQ_CHOICE(rgq_ihc_words, vessels, "vessels", "yes", "yes|no",
               "count stained objects as vessels (CD31)"),
    RGQ_REALS(rgq_ihc_words, vessel_um2, "vessel-um2", "um^2", "20,10000", 0.1, 1e9, 2, 2,
              "least and largest area of a vessel"),
    RGQ_REAL(rgq_ihc_words, field_mm2, "field-mm2", "mm^2", "0.74", 0.0001, 1000,
             "area of a hot-spot field"),
    RGQ_INT(rgq_ihc_words, n_fields, "fields", "N", "3", 1, 100, "hot spots to average"),
    RGQ_INT(rgq_ihc_words, overlay_side, "overlay-side", "pixels", "1600", 16, 8000,
            "longer side of overlay.png, at most that of the slide"),
};

bool rgq_ihc_stain_is_file(const char *stain)
{
    return rgq_text_ends_with(stain, ".json");
}

/* ---- vectors of a file ---- */

static rgq_status read_one(rgq_stains *out, const rgq_json *node, const char *path,
                           rgq_error *err)
{
    static const char *const keys[] = {"name", "od", NULL};
    const int i = out->count;
    const char *name = NULL;
    char where[600];
    double sum = 0.0;

    (void)snprintf(where, sizeof where, "%.500s: stains[%d]", path, i);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&name, node, "name", where, err));
    RGQ_PASS(err, rgq_json_need_reals(out->od[i], 3, node, "od", where, err));
    for (int c = 0; c < 3; c++) {
        if (!(out->od[i][c] >= -10.0 && out->od[i][c] <= 10.0))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'od' holds %g; -10 to 10 were needed",
                             where, out->od[i][c]);
        sum += fabs(out->od[i][c]);
    }
    if (!(sum > 1e-6) || name[0] == '\0' || strlen(name) >= sizeof out->name[i])
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: a name of 1 to 15 letters and a vector that is not 0 were needed",
                         where);
    rgq_text_copy(out->name[i], sizeof out->name[i], name);
    out->count++;
    return RGQ_OK;
}

/* {"stains": [{"name": "hematoxylin", "od": [r, g, b]}, ...], "source": "..."} */
static rgq_status read_stains(rgq_stains *out, const char *path, rgq_error *err)
{
    static const char *const keys[] = {"stains", "source", NULL};
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    const rgq_json *list = NULL;

    *out = (rgq_stains){.count = 0};
    RGQ_TRY(err, rgq_json_load(&root, path, err));
    RGQ_TRY(err, rgq_json_only(root, keys, path, err));
    list = rgq_json_get(root, "stains");
    if (!rgq_json_is_array(list) || rgq_json_count(list) < 2 ||
        rgq_json_count(list) > RGQ_STAINS_MAX) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT,
                       "%s: 'stains' has %zu entries; two or three objects "
                       "{\"name\": \"dab\", \"od\": [r, g, b]} were needed",
                       path, rgq_json_count(list));
        goto out;
    }
    for (size_t i = 0; i < rgq_json_count(list); i++)
        RGQ_TRY(err, read_one(out, rgq_json_at(list, i), path, err));
    rgq_text_copy(out->source, sizeof out->source,
                  rgq_json_text(rgq_json_get(root, "source"), "file"));
out:
    rgq_json_free(root);
    return st;
}

/* ---- words ---- */

static rgq_status take_positive(rgq_ihc_opts *opts, const char *word, rgq_error *err)
{
    if (strcmp(word, "otsu") == 0) {
        opts->positive = RGQ_IHC_POSITIVE_OTSU;
        return RGQ_OK;
    }
    opts->positive = RGQ_IHC_POSITIVE_FIXED;
    opts->positive_od = 0.0;
    if (strcmp(word, "weak") == 0)
        return RGQ_OK;
    if (rgq_parse_real(&opts->positive_od, word, 0.001, 6.0, NULL) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--positive '%.40s': weak, otsu or an OD of 0.001 to 6 was needed",
                         word);
    return RGQ_OK;
}

static rgq_status take_white(rgq_ihc_opts *opts, const char *word, rgq_error *err)
{
    double rgb[3] = {0.0, 0.0, 0.0};
    int count = 0;

    if (strcmp(word, "auto") == 0 || strcmp(word, "measured") == 0) {
        opts->white = word[0] == 'a' ? RGQ_IHC_AUTO : RGQ_IHC_YES;
        return RGQ_OK;
    }
    const rgq_status st = rgq_parse_reals(rgb, &count, 3, word, ',', NULL);
    if (st != RGQ_OK || count != 3 || !(fmin(rgb[0], fmin(rgb[1], rgb[2])) >= 1.0) ||
        !(fmax(rgb[0], fmax(rgb[1], rgb[2])) <= 255.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--white '%.40s': auto, measured or three intensities of 1 to 255 "
                         "were needed, e.g. 245,243,248",
                         word);
    opts->white = RGQ_IHC_NO;
    memcpy(opts->white_rgb, rgb, sizeof opts->white_rgb);
    return RGQ_OK;
}

static rgq_status take_stains(rgq_ihc_opts *opts, const rgq_ihc_words *w, rgq_error *err)
{
    if (rgq_ihc_stain_is_file(w->stain)) {
        RGQ_PASS(err, read_stains(&opts->stains, w->stain, err));
    } else if (rgq_stains_find(&opts->stains, w->stain, NULL) != RGQ_OK) {
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--stain '%.60s': h-dab, h-e, h-e-dab or a FILE.json was needed",
                         w->stain);
    }
    opts->stains.normalise = strcmp(w->normalise, "yes") == 0;
    opts->macenko = w->macenko;
    if (w->macenko && opts->stains.count != 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--macenko estimates two vectors; --stain %.60s has %d", w->stain,
                         opts->stains.count);
    return RGQ_OK;
}

rgq_status rgq_ihc_words_parse(rgq_ihc_opts *opts, const rgq_ihc_words *w, rgq_error *err)
{
    const rgq_ihc_opts fresh = RGQ_IHC_OPTS_INIT;
    const double *t = w->thresholds.value;

    *opts = fresh;
    if (!(t[0] < t[1] && t[1] < t[2]))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--thresholds %g,%g,%g: weak below moderate below strong was needed",
                         t[0], t[1], t[2]);
    if (!(w->vessel_um2.value[0] < w->vessel_um2.value[1]))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--vessel-um2 %g,%g: the least area, then a larger one, were needed",
                         w->vessel_um2.value[0], w->vessel_um2.value[1]);
    memcpy(opts->threshold_od, t, sizeof opts->threshold_od);
    RGQ_PASS(err, take_stains(opts, w, err));
    RGQ_PASS(err, take_positive(opts, w->positive, err));
    RGQ_PASS(err, take_white(opts, w->white, err));
    opts->tissue = strcmp(w->tissue, "auto") == 0  ? RGQ_IHC_AUTO
                   : strcmp(w->tissue, "yes") == 0 ? RGQ_IHC_YES
                                                   : RGQ_IHC_NO;
    opts->tissue_od = w->tissue_od;
    opts->nucleus_um = w->nucleus_um;
    opts->nucleus_od = w->nucleus_od;
    opts->nucleus_sum = strcmp(w->nucleus_in, "sum") == 0;
    opts->vessels = strcmp(w->vessels, "yes") == 0;
    opts->vessel_min_um2 = w->vessel_um2.value[0];
    opts->vessel_max_um2 = w->vessel_um2.value[1];
    opts->field_mm2 = w->field_mm2;
    opts->n_fields = w->n_fields;
    return RGQ_OK;
}
