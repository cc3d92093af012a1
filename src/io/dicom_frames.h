/* C++ only: what the readers of the three kinds of image share. */
#ifndef RGQ_IO_DICOM_FRAMES_H
#define RGQ_IO_DICOM_FRAMES_H

#include <limits>

#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

class DcmDataset;

namespace rgq_dicom
{

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/** Error text for an attribute that is absent or unreadable. */
rgq_status wrong(rgq_error *err, found how, const char *what, const char *needed);

/** Rows, columns, bits; the same for all frames. */
rgq_status read_matrix(rgq_dicom_slice &s, DcmItem &item, rgq_error *err);

rgq_status read_position(rgq_dicom_slice &s, DcmItem &item, rgq_error *err);
rgq_status read_orientation(rgq_dicom_slice &s, DcmItem &item, rgq_error *err);
rgq_status read_spacing(rgq_dicom_slice &s, DcmItem &item, rgq_error *err);
rgq_status read_rescale(rgq_dicom_slice &s, DcmItem &item, rgq_error *err);
void read_times(rgq_dicom_slice &s, DcmItem &item);

/** The unit a real world value mapping leads to, as DICOM's Units would say it; "" if the
 *  sequence has none. Among several items one in Bq/mL comes first. */
struct mapping {
    char units[RGQ_DICOM_WORD_MAX];
    char suv_type[RGQ_DICOM_WORD_MAX];
    double slope, intercept;
};
bool read_mapping(mapping &out, DcmItem &item);

/** First item of a sequence; nullptr if there is none. */
DcmItem *first_item(DcmItem &item, const DcmTagKey &sequence);

/** What Legacy Converted objects keep apart becomes visible on the top level. */
void hoist_unassigned(DcmDataset &set);

/** Frames of a multi-frame object; `base` holds what they share, its n_frames are checked
 *  against the length of the pixels. */
rgq_status enhanced_frames(rgq_dicom_list &list, const rgq_dicom_slice &base, DcmDataset &set,
                           rgq_error *err);
/** Is it a volume? Sets s.is_no_volume along with a refusal. */
rgq_status nm_check(rgq_dicom_slice &s, DcmDataset &set, rgq_error *err);
rgq_status nm_frames(rgq_dicom_list &list, const rgq_dicom_slice &base, DcmDataset &set,
                     rgq_error *err);

} // namespace rgq_dicom

#endif
