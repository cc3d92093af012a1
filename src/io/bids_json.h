/* JSON files of a raw dataset. Private to bids_*.c. */
#ifndef RGQ_IO_BIDS_JSON_H
#define RGQ_IO_BIDS_JSON_H

#include "core/json.h"
#include "rgdquant/scan_file.h"

RGQ_MUST_CHECK rgq_status rgq_bids_fill_dataset(rgq_json *root, const rgq_bids_opts *o,
                                                rgq_error *err);
/** The side file with every key PET-BIDS requires, or RGQ_E_MISSING with what supplies it. */
RGQ_MUST_CHECK rgq_status rgq_bids_side_file(rgq_json **out, const rgq_scan *scan,
                                             const rgq_bids_opts *o, rgq_error *err);

/** Keys of PET-BIDS of a source's side file that no fact holds (the JSON text
 *  rgq_bids_source_keys() gives) into the new one. */
RGQ_MUST_CHECK rgq_status rgq_bids_carry(rgq_json *root, const char *source,
                                         const rgq_scan *scan, rgq_error *err);

#endif
