/* DCMTK: start-up, loading, and attributes as plain text and numbers. */
#include <cstdio>
#include <cstring>
#include <mutex>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include "core/parse.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "io/dicom.h"
#include "io/dicom_dcmtk.h"
#include "io/dicom_file.h"

#include "core/banned.h"

namespace rgq_dicom
{

rgq_status start(rgq_error *err)
{
    static std::once_flag once;

    std::call_once(once, [] {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL); /* the library never prints */
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
    });
    if (!dcmDataDict.isDictionaryLoaded())
        return RGQ_RAISE(err, RGQ_E_IO,
                         "DCMTK's data dictionary is not there: install its package (libdcmtk) "
                         "or set DCMDICTPATH to the file dicom.dic");
    return RGQ_OK;
}

const char *words(const OFCondition &condition)
{
    return condition.text() != nullptr ? condition.text() : "unknown reason";
}

rgq_status load(DcmFileFormat &file, const char *path, rgq_error *err)
{
    const OFCondition condition =
        file.loadFile(OFFilename(path), EXS_Unknown, EGL_noChange, 1024, ERM_autoDetect);

    if (condition == EC_MemoryExhausted)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "memory for a DICOM file could not be had");
    if (condition.bad() || file.getDataset() == nullptr)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the DICOM data set is cut short or damaged (%s)",
                         words(condition));
    return RGQ_OK;
}

/* UTF-8 stays, Latin-1 is converted, other character sets lose what is not ASCII. */
enum class charset { ascii, latin1, utf8 };

static charset charset_of(DcmItem &item)
{
    OFString name;
    if (item.findAndGetOFString(DCM_SpecificCharacterSet, name).bad())
        return charset::ascii;
    if (name == "ISO_IR 192")
        return charset::utf8;
    return name == "ISO_IR 100" ? charset::latin1 : charset::ascii;
}

/* Length of the UTF-8 sequence that begins at `s`, 0 if it is none. */
static size_t utf8_length(const char *s, size_t left)
{
    const unsigned char c = static_cast<unsigned char>(s[0]);
    const size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((static_cast<unsigned char>(s[i]) & 0xc0) != 0x80)
            return 0;
    const unsigned char d = length == 3 ? static_cast<unsigned char>(s[1]) : 0x80;
    if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d >= 0xa0))
        return 0;
    return length;
}

static void clean(char *out, size_t size, const char *raw, size_t length, charset set)
{
    size_t used = 0;

    while (length > 0 && (raw[length - 1] == ' ' || raw[length - 1] == '\0'))
        length--;
    size_t at = 0;
    while (at < length && raw[at] == ' ')
        at++;
    while (at < length && used + 4 < size) {
        const unsigned char c = static_cast<unsigned char>(raw[at]);
        const size_t n = set == charset::utf8 ? utf8_length(raw + at, length - at) : 0;
        if (n > 1) {
            std::memcpy(out + used, raw + at, n);
            used += n;
            at += n;
            continue;
        }
        if (c >= 0x80 && set == charset::latin1) {
            out[used++] = static_cast<char>(0xc0 | (c >> 6));
            out[used++] = static_cast<char>(0x80 | (c & 0x3f));
        } else {
            out[used++] = c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
        }
        at++;
    }
    out[used] = '\0';
}

/* The value as DCMTK prints it; unknown VR as the bytes that are there. */
static bool raw_text(DcmElement &element, OFString &out)
{
    const DcmEVR vr = element.ident();
    const bool is_bytes = vr == EVR_UN || vr == EVR_OB || vr == EVR_UNKNOWN;
    Uint8 *bytes = nullptr;

    if (!is_bytes)
        return element.getOFStringArray(out).good();
    if (element.getUint8Array(bytes).bad() || bytes == nullptr)
        return false;
    out.assign(reinterpret_cast<const char *>(bytes), element.getLengthField());
    return true;
}

found text(DcmItem &item, const DcmTagKey &tag, char *out, size_t size)
{
    DcmElement *element = nullptr;
    OFString value;

    out[0] = '\0';
    if (item.findAndGetElement(tag, element).bad() || element == nullptr ||
        element->getLengthField() == 0)
        return found::absent;
    /* a value that long is no attribute of ours, and its length may be a lie */
    if (element->getLengthField() > 4096 || !raw_text(*element, value))
        return found::bad;
    clean(out, size, value.c_str(), value.length(), charset_of(item));
    return out[0] != '\0' ? found::good : found::absent;
}

found first_text(DcmItem &item, const DcmTagKey &tag, char *out, size_t size)
{
    const found how = text(item, tag, out, size);
    char *end = std::strchr(out, '\\');
    if (end == nullptr)
        return how;
    while (end > out && end[-1] == ' ')
        end--;
    *end = '\0';
    return how == found::good && out[0] == '\0' ? found::absent : how;
}

found real(DcmItem &item, const DcmTagKey &tag, double &out)
{
    char value[text_max];
    const found how = first_text(item, tag, value, sizeof value);
    if (how != found::good)
        return how;
    return rgq_parse_real(&out, value, -1e300, 1e300, nullptr) == RGQ_OK ? found::good
                                                                         : found::bad;
}

found reals(DcmItem &item, const DcmTagKey &tag, double *out, int count)
{
    char value[text_max];
    int n = 0;
    const found how = text(item, tag, value, sizeof value);
    if (how != found::good)
        return how;
    if (rgq_parse_reals(out, &n, count, value, '\\', nullptr) != RGQ_OK || n != count)
        return found::bad;
    return found::good;
}

found whole(DcmItem &item, const DcmTagKey &tag, int lo, int hi, int &out)
{
    double value = 0.0;
    const found how = real(item, tag, value);
    if (how != found::good)
        return how;
    if (!(value >= lo && value <= hi) || value != static_cast<double>(static_cast<int>(value)))
        return found::bad;
    out = static_cast<int>(value);
    return found::good;
}

found stamp(DcmItem &item, const DcmTagKey &tag, double &out)
{
    char value[text_max];
    const found how = first_text(item, tag, value, sizeof value);
    if (how != found::good)
        return how;
    return rgq_time_from_dt(&out, value, nullptr, nullptr) == RGQ_OK ? found::good : found::bad;
}

found date_time(DcmItem &item, const DcmTagKey &date, const DcmTagKey &time, double &out)
{
    char value[text_max];
    double day_s = 0.0;
    double clock_s = 0.0;

    found how = first_text(item, date, value, sizeof value);
    if (how != found::good)
        return how;
    if (rgq_time_from_da(&day_s, value, nullptr) != RGQ_OK)
        return found::bad;
    how = first_text(item, time, value, sizeof value);
    if (how != found::good)
        return how;
    if (rgq_time_from_tm(&clock_s, value, nullptr) != RGQ_OK)
        return found::bad;
    out = day_s + clock_s;
    return found::good;
}

DcmItem *next_item(DcmSequenceOfItems &sequence, DcmItem *item)
{
    DcmObject *next = sequence.nextInContainer(item);
    return next != nullptr && next->ident() == EVR_item ? static_cast<DcmItem *>(next)
                                                        : nullptr;
}

} // namespace rgq_dicom

const char *rgq_dicom_version(void)
{
    return OFFIS_DCMTK_VERSION_STRING;
}

const char *rgq_dicom_class_name(const char *uid)
{
    const char *name = dcmFindNameOfUID(uid, nullptr);
    return name != nullptr ? name : uid;
}
