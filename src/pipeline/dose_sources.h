/* Time-integrated activities of regions from a table, and masses from an option. */
#ifndef RGQ_PIPELINE_DOSE_SOURCES_H
#define RGQ_PIPELINE_DOSE_SOURCES_H

#include "rgdquant/dose.h"
#include "rgdquant/log.h"

/** Zero it; release with rgq_dose_sources_release(). */
typedef struct rgq_dose_sources {
    rgq_dose_source *row;
    int n;
    int room;
} rgq_dose_sources;

RGQ_API void rgq_dose_sources_release(rgq_dose_sources *sources);

/**
 * @brief Read a TSV with the columns region and tiac_h; sd_h and animal_share may be there.
 *
 * @param[in] species  NULL, or "mouse": rows are of that animal; the share of its body that an
 *                     organ has is that of animal_share, else of cite:Brown1997
 * @return RGQ_OK; RGQ_E_FORMAT (a column is missing, or has no unit; a cell is no number);
 *         RGQ_E_NOTFOUND (no share of an organ is known); RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_sources_read(rgq_dose_sources *out, const char *path,
                                                        const char *species, rgq_error *err);

/** What `tiac` says of its table in the JSON beside it. */
typedef struct rgq_dose_sources_origin {
    bool known;         /**< there is such a JSON */
    char nuclide[16];   /**< "" if it names none */
    double half_life_h; /**< NaN: not stated */
    bool per_mbq; /**< false: hours times MBq, as the administered activity was not known */
} rgq_dose_sources_origin;

/** Read T.json beside T.tsv; without one, or one of something else, `known` is false.
 *  @return RGQ_OK; RGQ_E_FORMAT for one that is damaged; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_sources_origin_read(rgq_dose_sources_origin *out,
                                                               const char *path,
                                                               rgq_error *err);

/** One more; `tiac_h` of a person. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_sources_add(rgq_dose_sources *out,
                                                       const char *region, double tiac_h,
                                                       double sd_h, rgq_error *err);

enum { RGQ_DOSE_MASSES_MAX = 32 };

/** Words "liver=1500,kidneys=280" as masses [g].
 *  @return RGQ_OK; RGQ_E_ARGUMENT */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_masses_parse(rgq_dose_mass *out, int *n,
                                                        const char *words, rgq_error *err);

#endif
