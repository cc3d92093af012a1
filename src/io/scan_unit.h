/* From the word a file uses for the unit of its values to the tag of the volume. */
#ifndef RGQ_IO_SCAN_UNIT_H
#define RGQ_IO_SCAN_UNIT_H

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/**
 * @brief Give the volume the unit that scan->facts.units names; do nothing where it is unknown.
 *
 * kBq/mL, MBq/mL and the like are scaled to Bq/mL, with a warning; a word nobody knows is a
 * warning and leaves the volume native. To be called once.
 * @param[in] name  stands for the file in messages
 * @return RGQ_OK; RGQ_E_NUMERIC if scaling overflows
 */
RGQ_MUST_CHECK rgq_status rgq_scan_take_unit(rgq_scan *scan, const char *name,
                                             const rgq_log *log, rgq_error *err);

#endif
