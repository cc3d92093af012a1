/* C++ only: how the dicom*.cc files use DCMTK. DCMTK's own headers stay in the .cc files. */
#ifndef RGQ_IO_DICOM_DCMTK_H
#define RGQ_IO_DICOM_DCMTK_H

#include <cstddef>
#include <new>

#include "rgdquant/error.h"

class DcmFileFormat;
class DcmItem;
class DcmSequenceOfItems;
class DcmTagKey;
class OFCondition;

namespace rgq_dicom
{

enum { text_max = 512 };

/** What a look for an attribute found. */
enum class found { absent, good, bad };

/** Silence DCMTK's log, register its decoders, find its dictionary; once per process. */
rgq_status start(rgq_error *err);

/** Parse a file; values above 1 KB stay in the file until they are asked for. */
rgq_status load(DcmFileFormat &file, const char *path, rgq_error *err);

/** What DCMTK says about a failure; valid as long as `condition`. */
const char *words(const OFCondition &condition);

/** All values of an attribute as UTF-8 text, trimmed; an empty value counts as absent. */
found text(DcmItem &item, const DcmTagKey &tag, char *out, std::size_t size);

/** The first of its values alone. */
found first_text(DcmItem &item, const DcmTagKey &tag, char *out, std::size_t size);

/** The first value as a finite number, whatever VR it is written in. */
found real(DcmItem &item, const DcmTagKey &tag, double &out);

/** Exactly `count` numbers. */
found reals(DcmItem &item, const DcmTagKey &tag, double *out, int count);

/** A whole number in [lo, hi]. */
found whole(DcmItem &item, const DcmTagKey &tag, int lo, int hi, int &out);

/** Date and time of two attributes, or of one DT attribute [s]. */
found date_time(DcmItem &item, const DcmTagKey &date, const DcmTagKey &time, double &out);
found stamp(DcmItem &item, const DcmTagKey &tag, double &out);

/** The item behind `item`, the first one for nullptr; nullptr at the end. Taking items by their
 *  number would walk the list from its front each time. */
DcmItem *next_item(DcmSequenceOfItems &sequence, DcmItem *item);

/** Run `work`, which returns an rgq_status, and let no exception out. */
template <typename Work> rgq_status guarded(rgq_error *err, Work work) noexcept
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return RGQ_RAISE(err, RGQ_E_NOMEM, "memory for a DICOM file could not be had");
    } catch (...) {
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the DICOM file could not be decoded");
    }
}

} // namespace rgq_dicom

#endif
