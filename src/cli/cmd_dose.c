/* rgdquant dose */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/dose_words.h"
#include "core/banned.h"

static const rgq_opt rows[] = {
    RGQ_ARGUMENTS(rgq_dose_words, scans, "SCAN", "",
                  "with --voxel: a dynamic scan, or scans of one subject, earliest first"),
    RGQ_TEXT(rgq_dose_words, nuclide, "nuclide", "NUCLIDE", "", "e.g. F-18, Ga-68, Lu-177"),
    RGQ_TEXT(rgq_dose_words, tiac, "tiac", "T.tsv", "",
             "time-integrated activities: columns region and tiac_h (MBq h per MBq "
             "administered), sd_h where it is known"),
    RGQ_TEXT(rgq_dose_words, anatomy, "anatomy", "BODY", "",
             "stylised-adult-male, stylised-adult-female, sphere:GRAMS, or LABELS[,CT]: a "
             "label map of the patient and a CT on its grid"),
    RGQ_CHOICE(rgq_dose_words, engine, "engine", "", "local|kernel|mc",
               "how photons are carried; default mc, kernel for spheres and scans"),
    RGQ_REAL(rgq_dose_words, histories, "histories", "", "1e7", 1000, 1e12,
             "photons a source (mc)"),
    RGQ_REAL(rgq_dose_words, uncertainty, "uncertainty", "", "", 1e-5, 0.5,
             "stop when organs are known to this relative SD (mc), e.g. 0.01"),
    RGQ_INT(rgq_dose_words, seed, "seed", "", "1", 0, 2147483647, "of the random numbers (mc)"),
    RGQ_REAL(rgq_dose_words, voxel_mm, "voxel-mm", "mm", "2", 1, 10,
             "voxels the stylised adult is cut into"),
    RGQ_REALS(rgq_dose_words, urine_fraction, "urine-fraction", "F[,F2]", "", 0, 1, 1, 8,
              "part of the activity that goes to urine: adds the bladder by its model"),
    RGQ_REALS(rgq_dose_words, urine_half_life_h, "urine-half-life-h", "H[,H2]", "", 1e-3, 1e5,
              1, 8, "biological half-life of its passage into the bladder"),
    RGQ_REAL(rgq_dose_words, void_h, "void-h", "h", "", 0.05, 1000,
             "interval between voidings; default: never"),
    RGQ_CHOICE(rgq_dose_words, effective, "effective", "", "icrp60|icrp103|olinda1",
               "rule of effective dose; default: icrp60 and icrp103"),
    RGQ_FLAG(rgq_dose_words, sex_mean, "sex-mean",
             "compute the stylised adult of the other sex as well, for the mean of ICRP 103"),
    RGQ_TEXT(rgq_dose_words, mass_g, "mass-g", "ORGAN=GRAMS,...", "",
             "masses of the patient's organs: doses are scaled to them"),
    RGQ_CHOICE(rgq_dose_words, species, "species", "", "mouse",
               "the time-integrated activities are of mice: scaled by relative organ mass"),
    RGQ_REAL(rgq_dose_words, bed, "bed", "ALPHA_BETA_GY", "", 0.1, 100,
             "biologically effective dose as well; with --activity-mbq"),
    RGQ_REAL(rgq_dose_words, repair_half_life_h, "repair-half-life-h", "h", "1.5", 0.01, 100,
             "of sublethal damage, for --bed"),
    RGQ_REAL(rgq_dose_words, effective_half_life_h, "effective-half-life-h", "h", "", 0.01, 1e5,
             "of the dose rate, for --bed; default: the physical half-life"),
    RGQ_REAL(rgq_dose_words, calibration_percent, "calibration-uncertainty-percent", "%", "", 0,
             100,
             "of the images the activities come from: a budget for each organ in the JSON"),
    RGQ_REAL(rgq_dose_words, image_fwhm_mm, "image-fwhm-mm", "mm", "", 0, 100,
             "resolution of those images, for the budget"),
    RGQ_REAL(rgq_dose_words, image_voxel_mm, "image-voxel-mm", "mm", "", 0.01, 100,
             "voxels of those images, for the budget"),
    RGQ_FLAG(rgq_dose_words, list_regions, "list-regions",
             "print the regions of --anatomy; do nothing else"),
    RGQ_FLAG(rgq_dose_words, no_cache, "no-cache", "compute everything anew, keep nothing"),
    RGQ_TEXT(rgq_dose_words, tracer, "tracer", "ID", "",
             "with --from-library: a tracer, as 'rgdquant tracer list' names it"),
    RGQ_FLAG(rgq_dose_words, from_library, "from-library",
             "print published doses of --tracer with their conditions"),
    RGQ_FLAG(rgq_dose_words, voxel, "voxel", "a dose map from scans, or from --tiac-map"),
    RGQ_TEXT(rgq_dose_words, tiac_map, "tiac-map", "MAP.nii.gz", "",
             "with --voxel, instead of scans: time-integrated activity of every voxel, Bq s/mL "
             "or MBq s, as 'rgdquant tiac --voxel' writes it"),
    RGQ_CHOICE(rgq_dose_words, tiac_map_unit, "tiac-map-unit", "", "bq-s-ml|mbq-s",
               "unit of --tiac-map, where its side file states none"),
    RGQ_CHOICE(rgq_dose_words, dose_unit, "dose-unit", "gy", "gy|mgy-per-mbq",
               "with --voxel: unit of the map"),
    RGQ_CHOICE(rgq_dose_words, voxel_model, "voxel-model", "auto", "auto|mono|bi|trapezoid",
               "with --voxel: what is fitted to every voxel, as for 'tiac'"),
    RGQ_TEXT(rgq_dose_words, regions, "regions", "LABELS", "",
             "with --voxel: dose-volume histograms of these regions"),
    RGQ_TEXT(rgq_dose_words, ct, "ct", "CT.nii.gz", "",
             "with --voxel: densities from a CT on the voxels of the scan"),
    RGQ_CHOICE(rgq_dose_words, electrons, "electrons", "auto", "auto|local|kernel",
               "with --voxel: where electrons end; auto: local, by kernel for hard betas and "
               "voxels below 2.5 mm"),
    RGQ_REAL(rgq_dose_words, geud, "geud", "A", "", -100, 100,
             "with --voxel: generalised equivalent uniform dose of this exponent as well"),
    RGQ_TEXT(rgq_dose_words, out, "out", "DIR", "",
             "folder for doses.tsv and doses.json; the run record lies beside it"),
    RGQ_SCAN_OPTIONS(rgq_dose_words, scan_opts),
};

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const rgq_dose_words *o = opts;

    if (o->from_library || o->tracer != NULL)
        return rgq_dose_library(context, o, err);
    if (o->voxel || o->tiac_map != NULL || o->scans.count > 0)
        return rgq_dose_voxel_run(context, o, err);
    return rgq_dose_organs_run(context, o, err);
}

static const char *const cites[] = {
    "Brown1997", "Cloutier1973", "Cristy1987", "Eckerman1996",  "Gear2018",
    "ICRP103",   "ICRP107",      "ICRP60",     "Schneider2000", NULL};

const rgq_command rgq_cmd_dose = {
    .name = "dose",
    .group = "Dose",
    .summary = "absorbed and effective dose from time-integrated activities",
    .description =
        "Organ doses: time-integrated activities (TIAC, MBq h per MBq administered, as "
        "'rgdquant tiac'\n"
        "writes them) times S values, in the stylised adult (male or female, after Cristy and\n"
        "Eckerman 1987), in a sphere, or in the patient's own body from a label map and a CT. "
        "Region\n"
        "names are those of --list-regions; 'remainder' is all that has no row of its own, "
        "'total\n"
        "body' holds the others. doses.tsv: target mgy_per_mbq sd engine convention, and "
        "more.\n"
        "\n"
        "  local   electrons where they arise, no photon\n"
        "  kernel  point kernels of endless soft tissue: no body surface, cross dose 5 to 45 % "
        "high\n"
        "  mc      photons followed through the body (Woodcock), electrons where they arise\n"
        "\n"
        "A wall has two rows. wall_surface_mird takes half the electron dose of its contents, "
        "as MIRD,\n"
        "OLINDA/EXM 1 and ICRP 53 to 128 do; wall_mean is the mean of the wall, which is 0.08 "
        "of that\n"
        "for F-18 and 0.36 for Ga-68. Effective doses use the first. They are given where at "
        "least 0.9\n"
        "of the weights have a tissue, or with --force as a lower bound; ICRP 103 wants the "
        "mean of\n"
        "both sexes (--sex-mean).\n"
        "\n"
        "--urine-fraction with --urine-half-life-h and --void-h computes the bladder by "
        "Cloutier's\n"
        "model. --mass-g scales electrons by m_ref / m and photons by its power 2/3. --species "
        "mouse\n"
        "scales TIACs of mice by relative organ mass and flags every row.\n"
        "\n"
        "S values and kernels are kept in the folder rgdquant/dose of XDG_CACHE_HOME, else of "
        "~/.cache,\n"
        "as text under a key of all they depend on; a damaged file is computed anew. The first "
        "run of\n"
        "a nuclide takes a minute or two, later ones some milliseconds.\n"
        "\n"
        "--voxel gives dose.nii.gz (Gy, or mGy/MBq with --dose-unit), dvh.tsv and dvh.svg, "
        "and\n"
        "dose_regions.tsv with D95, D50, gEUD and BED, from scans (every voxel is integrated "
        "as 'tiac\n"
        "--voxel' does) or from --tiac-map. --from-library prints published doses with their\n"
        "conditions, apart from what is computed here from published TIACs, where there are "
        "any.\n"
        "\n"
        "Limits: a stylised adult is no patient; effective dose is a quantity for populations, "
        "not the\n"
        "risk of a patient; doses of marrow and bone surface are approximate (the skeleton "
        "stands in\n"
        "for them, its electrons stay); no bremsstrahlung, no cellular scale, no RBE of alpha\n"
        "particles; electrons are followed in soft tissue only (kernels for bone and lung are "
        "off by 10\n"
        "to 20 %); kernels know no body surface; partial-volume error usually dominates small "
        "lesions;\n"
        "activity after the last scan is an assumption (see tail_fraction of 'tiac').\n"
        "Research use; not for treatment decisions.",
    .examples =
        "rgdquant dose --nuclide F-18 --tiac T.tsv --anatomy stylised-adult-male --out doses\n"
        "rgdquant dose --nuclide Lu-177 --tiac T.tsv --anatomy labels.nii.gz,ct.nii.gz --json\n"
        "rgdquant dose d1.nii d2.nii d3.nii --voxel --ct ct.nii.gz --regions organs.nii.gz "
        "--out map\n"
        "rgdquant dose --tracer 18F-fluciclatide --from-library",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(rgq_dose_words),
    .run = run,
};
