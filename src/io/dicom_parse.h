/* C++ only: what stands before every look into a DICOM object: inflate, walk, guard. */
#ifndef RGQ_IO_DICOM_PARSE_H
#define RGQ_IO_DICOM_PARSE_H

#include "core/file.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

/** Run work(path, bytes) on a file whose structure a recursive parser can follow: `path`
 * itself, or what it unfolds to if it is deflated (a temporary file that is gone afterwards).
 */
template <typename Work>
rgq_status rgq_dicom_parse(const char *path, rgq_error *err, Work work) noexcept
{
    rgq_dicom_sniff sniff;
    rgq_dicom_layout layout;
    char plain[RGQ_PATH_MAX];
    bool is_temporary = false;

    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    RGQ_PASS(err, rgq_dicom_plain(plain, &is_temporary, &sniff, path, err));
    rgq_status st = rgq_dicom_walk(&layout, plain, &sniff, err);
    if (st == RGQ_OK)
        st =
            rgq_dicom::guarded(err, [&]() noexcept(false) { return work(plain, sniff.bytes); });
    rgq_dicom_plain_release(plain, is_temporary);
    return st;
}

#endif
