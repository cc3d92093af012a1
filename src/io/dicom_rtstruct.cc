/* The contours of an RT structure set. */
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "core/alloc.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_parse.h"
#include "io/dicom_rtstruct.h"

#include "core/banned.h"

using namespace rgq_dicom;

namespace
{

enum { rois_max = 65535, number_max = 64 };

/* The values of a sequence attribute; `count` is 0 where there is none. */
DcmSequenceOfItems *sequence(DcmItem &item, const DcmTagKey &tag, unsigned long &count)
{
    DcmSequenceOfItems *found_here = nullptr;

    count = 0;
    if (item.findAndGetSequence(tag, found_here).bad() || found_here == nullptr)
        return nullptr;
    count = found_here->card();
    return found_here;
}

/* The bytes of ContourData, where the length they claim can be true. */
rgq_status contour_bytes(const char *&bytes, size_t &length, DcmItem &item,
                         long long file_bytes, rgq_error *err)
{
    DcmElement *element = nullptr;
    OFCondition condition;

    bytes = nullptr;
    length = 0;
    if (item.findAndGetElement(DCM_ContourData, element).bad() || element == nullptr ||
        element->getLengthField() == 0)
        return RGQ_OK;
    if (static_cast<long long>(element->getLengthField()) > file_bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(3006,0050) ContourData claims %lu bytes, the file has %lld; it is "
                         "cut short or damaged",
                         static_cast<unsigned long>(element->getLengthField()), file_bytes);
    const DcmEVR vr = element->ident();
    if (vr == EVR_UN || vr == EVR_OB || vr == EVR_UNKNOWN) { /* too long for an explicit DS */
        Uint8 *raw = nullptr;
        condition = element->getUint8Array(raw);
        bytes = reinterpret_cast<const char *>(raw);
        length = bytes != nullptr ? element->getLengthField() : 0;
    } else {
        char *raw = nullptr;
        condition = element->getString(raw);
        bytes = raw;
        length = raw != nullptr ? std::strlen(raw) : 0;
    }
    if (condition.bad())
        return RGQ_RAISE(err, RGQ_E_FORMAT, "(3006,0050) ContourData cannot be read: %s",
                         words(condition));
    return RGQ_OK;
}

size_t count_values(const char *bytes, size_t length)
{
    size_t n = length > 0 ? 1 : 0;
    for (size_t i = 0; i < length; i++)
        n += bytes[i] == '\\';
    return n;
}

/* One of the numbers between the backslashes; `at` moves on. */
rgq_status next_value(double &out, const char *bytes, size_t length, size_t &at, size_t index,
                      rgq_error *err)
{
    char word[number_max];
    size_t end = at;

    while (end < length && bytes[end] != '\\')
        end++;
    const size_t n = end - at;
    if (n >= sizeof word)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "number %zu of ContourData has %zu characters",
                         index + 1, n);
    std::memcpy(word, bytes + at, n);
    word[n] = '\0';
    at = end + 1;
    if (rgq_parse_real(&out, word, -1e6, 1e6, nullptr) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "number %zu of ContourData is '%.40s', not a position in mm",
                         index + 1, word);
    return RGQ_OK;
}

/* DICOM is LPS, this program RAS. */
rgq_status parse_points(double (*points)[3], size_t n, const char *bytes, size_t length,
                        rgq_error *err)
{
    size_t at = 0;

    for (size_t i = 0; i < 3 * n; i++) {
        double value = 0.0;
        RGQ_PASS(err, next_value(value, bytes, length, at, i, err));
        points[i / 3][i % 3] = i % 3 < 2 ? -value : value;
    }
    return RGQ_OK;
}

rgq_status check_count(DcmItem &item, size_t values, rgq_error *err)
{
    int stated = 0;
    const found how = whole(item, DCM_NumberOfContourPoints, 0, 1 << 30, stated);

    if (values % 3 != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(3006,0050) ContourData has %zu numbers, which is no multiple of 3",
                         values);
    if (how == found::good && static_cast<size_t>(stated) != values / 3)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "(3006,0046) NumberOfContourPoints is %d, ContourData has %zu; the "
                         "file is cut short or damaged",
                         stated, values / 3);
    return RGQ_OK;
}

rgq_status add_contour(rgq_rtstruct_roi &roi, double (*points)[3], size_t n, rgq_error *err)
{
    if (roi.n_contours == roi.capacity) {
        const size_t grown = roi.capacity > 0 ? 2 * roi.capacity : 32;
        RGQ_PASS(err, rgq_realloc(&roi.contour, grown, sizeof *roi.contour, err));
        roi.capacity = grown;
    }
    roi.contour[roi.n_contours++] = rgq_contour{points, n};
    return RGQ_OK;
}

rgq_status read_contour(rgq_rtstruct_roi &roi, DcmItem &item, long long file_bytes,
                        rgq_error *err)
{
    char kind[RGQ_DICOM_WORD_MAX];
    const char *bytes = nullptr;
    size_t length = 0;
    double(*points)[3] = nullptr;

    const found how = first_text(item, DCM_ContourGeometricType, kind, sizeof kind);
    if (how == found::good && std::strcmp(kind, "CLOSED_PLANAR") != 0 &&
        std::strcmp(kind, "CLOSEDPLANAR_XOR") != 0) {
        roi.n_open++;
        return RGQ_OK;
    }
    RGQ_PASS(err, contour_bytes(bytes, length, item, file_bytes, err));
    while (length > 0 &&
           (bytes[length - 1] == ' ' || bytes[length - 1] == '\0' || bytes[length - 1] == '\\'))
        length--;
    const size_t values = count_values(bytes, length);
    RGQ_PASS(err, check_count(item, values, err));
    if (values < 9) {
        roi.n_short++;
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_alloc(&points, values / 3, sizeof *points, err));
    rgq_status st = parse_points(points, values / 3, bytes, length, err);
    if (st == RGQ_OK)
        st = add_contour(roi, points, values / 3, err);
    if (st != RGQ_OK)
        rgq_free(points);
    return st;
}

rgq_rtstruct_roi *find_roi(rgq_rtstruct &set, int number)
{
    for (size_t i = 0; i < set.n_rois; i++)
        if (set.roi[i].number == number)
            return &set.roi[i];
    return nullptr;
}

rgq_status read_names(rgq_rtstruct &set, DcmItem &data, rgq_error *err)
{
    unsigned long count = 0;
    DcmSequenceOfItems *rois = sequence(data, DCM_StructureSetROISequence, count);

    if (count == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "there is no structure in (3006,0020) StructureSetROISequence");
    if (count > rois_max)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%lu structures; at most %d can be read", count,
                         static_cast<int>(rois_max));
    RGQ_PASS(err, rgq_alloc(&set.roi, count, sizeof *set.roi, err));
    DcmItem *next = nullptr;
    for (unsigned long i = 0; i < count; i++) {
        next = next_item(*rois, next);
        if (next == nullptr)
            break;
        DcmItem &item = *next;
        rgq_rtstruct_roi &roi = set.roi[set.n_rois];
        int number = 0;
        if (whole(item, DCM_ROINumber, 0, 2147483646, number) != found::good)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "structure %lu has no usable (3006,0022) ROINumber", i + 1);
        if (find_roi(set, number) != nullptr)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "two structures have ROINumber %d", number);
        roi.number = number;
        char name[text_max];
        (void)text(item, DCM_ROIName, name, sizeof name);
        rgq_text_copy(roi.name, sizeof roi.name, name);
        (void)first_text(item, DCM_ReferencedFrameOfReferenceUID, roi.frame_uid,
                         sizeof roi.frame_uid);
        set.n_rois++;
    }
    return RGQ_OK;
}

rgq_status read_roi(rgq_rtstruct &set, DcmItem &item, long long file_bytes, rgq_error *err)
{
    int number = 0;
    unsigned long count = 0;

    if (whole(item, DCM_ReferencedROINumber, 0, 2147483646, number) != found::good)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "contours without a usable (3006,0084) ReferencedROINumber");
    rgq_rtstruct_roi *roi = find_roi(set, number);
    if (roi == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "contours of structure %d, which is not listed",
                         number);
    DcmSequenceOfItems *contours = sequence(item, DCM_ContourSequence, count);
    DcmItem *next = nullptr;
    for (unsigned long i = 0; i < count; i++) {
        next = next_item(*contours, next);
        if (next == nullptr)
            break;
        const rgq_status st = read_contour(*roi, *next, file_bytes, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "structure '%.60s', contour %lu: ", roi->name, i + 1);
            rgq_error_push(err, __func__, __LINE__);
            return st;
        }
    }
    return RGQ_OK;
}

rgq_status read_set(rgq_rtstruct &set, const char *path, long long file_bytes, rgq_error *err)
{
    DcmFileFormat file;
    unsigned long count = 0;

    RGQ_PASS(err, start(err));
    RGQ_PASS(err, load(file, path, err));
    DcmDataset &data = *file.getDataset();
    RGQ_PASS(err, read_names(set, data, err));
    DcmSequenceOfItems *rois = sequence(data, DCM_ROIContourSequence, count);
    DcmItem *next = nullptr;
    for (unsigned long i = 0; i < count; i++) {
        next = next_item(*rois, next);
        if (next == nullptr)
            break;
        RGQ_PASS(err, read_roi(set, *next, file_bytes, err));
    }
    return RGQ_OK;
}

} // namespace

rgq_status rgq_rtstruct_read(rgq_rtstruct *out, const char *path, rgq_error *err)
{
    rgq_rtstruct set = {nullptr, 0};

    const rgq_status st =
        rgq_dicom_parse(path, err, [&](const char *plain, long long bytes) noexcept(false) {
            return read_set(set, plain, bytes, err);
        });
    if (st != RGQ_OK) {
        rgq_rtstruct_release(&set);
        return st;
    }
    *out = set;
    return RGQ_OK;
}

void rgq_rtstruct_release(rgq_rtstruct *set)
{
    for (size_t i = 0; i < set->n_rois; i++) {
        for (size_t c = 0; c < set->roi[i].n_contours; c++)
            rgq_free(set->roi[i].contour[c].point_mm);
        rgq_free(set->roi[i].contour);
    }
    rgq_free(set->roi);
    *set = rgq_rtstruct{nullptr, 0};
}
