/**
 * @file unit.h
 * @brief The physical unit that a volume and a table carry.
 */
#ifndef RGDQUANT_UNIT_H
#define RGDQUANT_UNIT_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* id, name printed in tables and side files, name on the command line (--unit) */
#define RGQ_UNIT_LIST(X)                                                                       \
    X(RGQ_UNIT_NATIVE, "native", "native")                                                     \
    X(RGQ_UNIT_BQ_ML, "Bq/mL", "bqml")                                                         \
    X(RGQ_UNIT_SUV_BW, "SUVbw", "suvbw")                                                       \
    X(RGQ_UNIT_SUV_LBM_JANMA, "SUVlbm-janma", "suvlbm-janma")                                  \
    X(RGQ_UNIT_SUV_LBM_JAMES, "SUVlbm-james", "suvlbm-james")                                  \
    X(RGQ_UNIT_SUV_LBM_MORGAN, "SUVlbm-morgan", "suvlbm-morgan")                               \
    X(RGQ_UNIT_SUV_BSA, "SUVbsa", "suvbsa")                                                    \
    X(RGQ_UNIT_SUV_IBW, "SUVibw", "suvibw")                                                    \
    X(RGQ_UNIT_ID_ML, "%ID/mL", "idml")                                                        \
    X(RGQ_UNIT_ID_G, "%ID/g", "idg")                                                           \
    X(RGQ_UNIT_COUNTS, "counts", "counts")                                                     \
    X(RGQ_UNIT_FRACTION, "1", "fraction")

/** RGQ_UNIT_NATIVE: the file names no unit, or one that nobody can convert. */
typedef enum rgq_unit {
#define RGQ_X(id, name, option) id,
    RGQ_UNIT_LIST(RGQ_X)
#undef RGQ_X
} rgq_unit;

/** Name as in tables ("SUVbw", "Bq/mL", ...); never NULL. */
RGQ_API const char *rgq_unit_name(rgq_unit unit);

/** Name as typed after --unit ("suvbw", "bqml", ...); never NULL. */
RGQ_API const char *rgq_unit_option(rgq_unit unit);

/** Find a unit by either of its names, without regard to case.
 *  @return RGQ_OK; RGQ_E_NOTFOUND with the list of known names, `*out` untouched */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_unit_parse(rgq_unit *out, const char *text,
                                                 rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
