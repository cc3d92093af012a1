#include "ihc/rows.h"

#include <math.h>

#include "core/banned.h"

#define REAL(name, unit, text)                                                                 \
    {                                                                                          \
        name, RGQ_COLUMN_REAL, unit, text                                                      \
    }
#define INT(name, text)                                                                        \
    {                                                                                          \
        name, RGQ_COLUMN_INT, NULL, text                                                       \
    }

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the region, or slide"},
    REAL("area_mm2", "mm2", "area of the region, tissue or not"),
    REAL("tissue_fraction", NULL, "part of the region that is tissue; all below is of tissue"),
    REAL("positive_fraction", NULL, "part of the tissue that is positive, see positive_od"),
    REAL("mean_dab_od", "OD10", "mean optical density of DAB, base 10"),
    REAL("mean_h_od", "OD10", "mean optical density of hematoxylin, base 10"),
    REAL("integrated_od", "OD10 pixel", "sum of the optical density of DAB over the pixels"),
    REAL("weak", NULL, "part of the tissue from the first threshold to the second"),
    REAL("moderate", NULL, "part of the tissue from the second threshold to the third"),
    REAL("strong", NULL, "part of the tissue from the third threshold on"),
    REAL("h_score", NULL, "of pixels: % weak + 2 x % moderate + 3 x % strong, 0 to 300"),
    INT("n_nuclei", "nuclei found by the Laplacian of Gaussian"),
    REAL("nuclear_h_score", NULL, "the same of nuclei, by the mean DAB over each"),
    REAL("vessels_per_mm2", "1/mm2",
         "connected stained objects per area of tissue: vessels where the stain is one of "
         "endothelium (CD31, CD34)"),
    REAL("positive_od", "OD10", "threshold of positive_fraction"),
    REAL("otsu_od", "OD10", "Otsu's threshold of DAB in the sample of the slide"),
    REAL("otsu_fraction", NULL, "part of the tissue above otsu_od"),
    REAL("nuclei_per_mm2", "1/mm2", "nuclei per area of tissue"),
    INT("nuclei_negative", "nuclei below the first threshold"),
    INT("nuclei_weak", "nuclei from the first threshold to the second"),
    INT("nuclei_moderate", "nuclei from the second threshold to the third"),
    INT("nuclei_strong", "nuclei from the third threshold on"),
    INT("allred", "Allred score of the nuclei, 0 or 2 to 8"),
    INT("irs", "immunoreactive score of the nuclei (Remmele and Stegner), 0 to 12"),
    INT("n_vessels", "connected stained objects within the limits of area"),
    INT("hot_spots", "fields of hot_spot_vessels_per_mm2"),
    REAL("hot_spot_vessels_per_mm2", "1/mm2",
         "microvessel density: mean of the fullest fields that do not overlap"),
};

const rgq_column *rgq_ihc_columns(int *count)
{
    *count = (int)(sizeof columns / sizeof columns[0]);
    return columns;
}

static void put_pixels(rgq_table *table, const rgq_ihc_sums *s, const rgq_ihc_known *known)
{
    const double tissue = (double)s->tissue;
    const double quantum = (double)(1 << RGQ_IHC_QUANTUM_LOG2);
    const double at_least[3] = {(double)s->intensity[0] / tissue,
                                (double)s->intensity[1] / tissue,
                                (double)s->intensity[2] / tissue};

    if (s->tissue == 0)
        return;
    if (known->has_h)
        rgq_table_set_real(table, "mean_h_od", (double)s->h / quantum / tissue);
    if (!known->has_dab)
        return;
    rgq_table_set_real(table, "mean_dab_od", (double)s->dab / quantum / tissue);
    rgq_table_set_real(table, "integrated_od", (double)s->dab / quantum);
    rgq_table_set_real(table, "positive_fraction", (double)s->positive / tissue);
    rgq_table_set_real(table, "positive_od", known->report->positive_od);
    rgq_table_set_real(table, "weak", at_least[0] - at_least[1]);
    rgq_table_set_real(table, "moderate", at_least[1] - at_least[2]);
    rgq_table_set_real(table, "strong", at_least[2]);
    rgq_table_set_real(table, "h_score", 100 * (at_least[0] + at_least[1] + at_least[2]));
    if (isnan(known->report->otsu_od))
        return;
    rgq_table_set_real(table, "otsu_od", known->report->otsu_od);
    rgq_table_set_real(table, "otsu_fraction", (double)s->otsu / tissue);
}

static void put_nuclei(rgq_table *table, const rgq_ihc_cells *cells, double tissue_mm2,
                       bool has_dab)
{
    const long long all = cells->n[0] + cells->n[1] + cells->n[2] + cells->n[3];

    rgq_table_set_int(table, "n_nuclei", all);
    if (tissue_mm2 > 0)
        rgq_table_set_real(table, "nuclei_per_mm2", (double)all / tissue_mm2);
    if (!has_dab)
        return;
    rgq_table_set_int(table, "nuclei_negative", cells->n[0]);
    rgq_table_set_int(table, "nuclei_weak", cells->n[1]);
    rgq_table_set_int(table, "nuclei_moderate", cells->n[2]);
    rgq_table_set_int(table, "nuclei_strong", cells->n[3]);
    rgq_table_set_real(table, "nuclear_h_score", rgq_ihc_h_score(cells));
    if (all > 0) {
        rgq_table_set_int(table, "allred", rgq_ihc_allred(cells));
        rgq_table_set_int(table, "irs", rgq_ihc_irs(cells));
    }
}

static rgq_status put_vessels(rgq_table *table, const char *name, const rgq_ihc_result *r,
                              const rgq_ihc_report *report, const rgq_log *log, rgq_error *err)
{
    double mean = (double)NAN;
    int found = 0;

    rgq_table_set_int(table, "n_vessels", r->n_vessels);
    RGQ_PASS(err, rgq_ihc_hot_spots_find(&mean, &found, &r->hot, report->n_fields, err));
    if (found == 0) {
        RGQ_WARN(log,
                 "region '%s' is smaller than a field of %g mm2: no hot spots; type a smaller "
                 "--field-mm2",
                 name, report->field_mm2);
        return RGQ_OK;
    }
    rgq_table_set_int(table, "hot_spots", found);
    rgq_table_set_real(table, "hot_spot_vessels_per_mm2", mean / report->field_mm2);
    return RGQ_OK;
}

rgq_status rgq_ihc_row_add(rgq_table *table, const char *name, const rgq_ihc_result *r,
                           const rgq_ihc_known *known, const rgq_log *log, rgq_error *err)
{
    const rgq_ihc_sums *s = &r->sums;
    const double mm2_per_pixel = known->plan->mpp_um * known->plan->mpp_um * 1e-6;
    const double tissue_mm2 = (double)s->tissue * mm2_per_pixel;

    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "region", name, err));
    rgq_table_set_real(table, "area_mm2", (double)s->pixels * mm2_per_pixel);
    if (s->pixels > 0)
        rgq_table_set_real(table, "tissue_fraction", (double)s->tissue / (double)s->pixels);
    if (s->tissue == 0)
        RGQ_WARN(log, "region '%s' has no tissue: %lld pixels, %s", name, (long long)s->pixels,
                 s->pixels == 0 ? "it covers the centre of none" : "all of them background");
    put_pixels(table, s, known);
    if (known->plan->nuclei)
        put_nuclei(table, &r->cells, tissue_mm2, known->has_dab);
    if (!known->plan->vessels)
        return RGQ_OK;
    if (tissue_mm2 > 0)
        rgq_table_set_real(table, "vessels_per_mm2", (double)r->n_vessels / tissue_mm2);
    return put_vessels(table, name, r, known->report, log, err);
}
