#include "io/phi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "io/dicom.h"
#include "io/dicom_file.h"
#include "io/dicom_phi.h"
#include "io/ecat.h"
#include "io/ecat_header.h"
#include "io/input.h"
#include "io/interfile.h"
#include "io/nifti.h"
#include "io/phi_formats.h"
#include "io/tiff.h"

void rgq_phi_add(rgq_phi *phi, rgq_phi_kind kind, const char *where, const char *name,
                 bool filled)
{
    for (int i = 0; i < phi->count; i++)
        if (strcmp(phi->item[i].where, where) == 0 && strcmp(phi->item[i].name, name) == 0) {
            phi->item[i].filled = phi->item[i].filled || filled;
            return;
        }
    if (phi->count >= RGQ_PHI_MAX) {
        phi->overflow = true;
        return;
    }
    rgq_phi_item *item = &phi->item[phi->count++];
    *item = (rgq_phi_item){.kind = kind, .filled = filled};
    rgq_text_copy(item->where, sizeof item->where, where);
    rgq_text_copy(item->name, sizeof item->name, name);
}

const char *rgq_phi_kind_name(rgq_phi_kind kind)
{
    static const char *const names[] = {"person", "people",  "device", "text", "date",
                                        "UID",    "private", "pixels", "path", "needed"};
    return names[kind];
}

/* ---- names of files and folders ---- */

/* A word of a path that no program writes by itself: two capitalised words, as of a name; a
 * date; a number as of a record. */
static bool looks_like_date(const char *word, size_t length)
{
    if (length != 8 || strspn(word, "0123456789") < 8 ||
        (strncmp(word, "19", 2) != 0 && strncmp(word, "20", 2) != 0))
        return false;
    const int month = (word[4] - '0') * 10 + word[5] - '0';
    const int day = (word[6] - '0') * 10 + word[7] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool looks_like_name(const char *word, size_t length)
{
    size_t lower = 0;

    for (size_t i = 1; i < length; i++)
        lower += islower((unsigned char)word[i]) ? 1 : 0;
    return length >= 3 && isupper((unsigned char)word[0]) && lower == length - 1;
}

static bool looks_like_capitals(const char *word, size_t length)
{
    size_t upper = 0;

    for (size_t i = 0; i < length; i++)
        upper += isupper((unsigned char)word[i]) ? 1 : 0;
    return length >= 3 && upper == length;
}

typedef struct path_look {
    int names;
    int capitals;
    int dates;
    int numbers;
} path_look;

static path_look look_at_path(const char *path)
{
    path_look look = {0, 0, 0, 0};

    for (const char *at = path; *at != '\0';) {
        size_t n = 0;
        while (isalnum((unsigned char)at[n]))
            n++;
        if (looks_like_date(at, n))
            look.dates++;
        else if (n >= 6 && strspn(at, "0123456789") >= n)
            look.numbers++;
        else if (looks_like_name(at, n))
            look.names++;
        else if (looks_like_capitals(at, n))
            look.capitals++;
        at += n > 0 ? n : 1;
    }
    return look;
}

void rgq_phi_add_path(rgq_phi *out, const char *path)
{
    const path_look look = look_at_path(path);

    if (look.names + look.capitals >= 2)
        rgq_phi_add(out, RGQ_PHI_PATH, "path", "words that look like a name", true);
    if (look.dates > 0)
        rgq_phi_add(out, RGQ_PHI_PATH, "path", "a word that looks like a date", true);
    if (look.numbers > 0)
        rgq_phi_add(out, RGQ_PHI_PATH, "path", "a number of 6 digits or more", true);
}

/* ---- NIfTI, Analyze ---- */

static bool is_filled(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length && bytes[i] != '\0'; i++)
        if (bytes[i] > 0x20 && bytes[i] < 0x7f)
            return true;
    return false;
}

static void add_nifti(rgq_phi *out, const unsigned char *bytes, size_t length)
{
    static const struct {
        size_t at, size;
        const char *name;
    } one[] = {{4, 10, "data_type"},
               {14, 18, "db_name"},
               {148, 80, "descrip"},
               {228, 24, "aux_file"},
               {328, 16, "intent_name"}},
      old[] = {{14, 18, "db_name"},    {148, 80, "descrip"}, {228, 24, "aux_file"},
               {263, 10, "generated"}, {273, 10, "scannum"}, {283, 10, "patient_id"},
               {293, 10, "exp_date"},  {303, 10, "exp_time"}},
      two[] = {{240, 80, "descrip"}, {320, 24, "aux_file"}, {508, 16, "intent_name"}};
    const bool is_two = length >= 540 && (bytes[0] == 0x1c || bytes[3] == 0x1c);
    const bool is_one =
        !is_two && (memcmp(bytes + 344, "n+1", 4) == 0 || memcmp(bytes + 344, "ni1", 4) == 0);
    const size_t count = is_two ? 3 : is_one ? 5 : 8;
    char where[24];

    for (size_t i = 0; i < count; i++) {
        const size_t at = is_two ? two[i].at : is_one ? one[i].at : old[i].at;
        const size_t size = is_two ? two[i].size : is_one ? one[i].size : old[i].size;
        const char *name = is_two ? two[i].name : is_one ? one[i].name : old[i].name;
        const bool person = strcmp(name, "patient_id") == 0;
        (void)snprintf(where, sizeof where, "byte %zu", at);
        rgq_phi_add(out, person ? RGQ_PHI_PERSON : RGQ_PHI_TEXT, where, name,
                    is_filled(bytes + at, size));
    }
}

/* ---- side file ---- */

enum { NESTED_MAX = 8 };

/* Known keys by their name, others by the part of it that was recognised: the name comes from
 * the file, too. */
static void add_key(rgq_phi *out, const char *key, const rgq_json *value)
{
    static const struct {
        const char *key;
        rgq_phi_kind kind;
    } keys[] = {{"PatientName", RGQ_PHI_PERSON},
                {"PatientID", RGQ_PHI_PERSON},
                {"PatientBirthDate", RGQ_PHI_PERSON},
                {"PatientSex", RGQ_PHI_PERSON},
                {"PatientAge", RGQ_PHI_PERSON},
                {"PatientSize", RGQ_PHI_PERSON},
                {"PatientWeight", RGQ_PHI_PERSON},
                {"AccessionNumber", RGQ_PHI_PERSON},
                {"StudyID", RGQ_PHI_PERSON},
                {"InstitutionName", RGQ_PHI_PEOPLE},
                {"InstitutionAddress", RGQ_PHI_PEOPLE},
                {"InstitutionalDepartmentName", RGQ_PHI_PEOPLE},
                {"ReferringPhysicianName", RGQ_PHI_PEOPLE},
                {"DeviceSerialNumber", RGQ_PHI_DEVICE},
                {"StationName", RGQ_PHI_DEVICE},
                {"SeriesDescription", RGQ_PHI_TEXT},
                {"StudyDescription", RGQ_PHI_TEXT},
                {"ProtocolName", RGQ_PHI_TEXT},
                {"ImageComments", RGQ_PHI_TEXT},
                {"AcquisitionDateTime", RGQ_PHI_DATE},
                {"ScanDate", RGQ_PHI_DATE},
                {"SeriesInstanceUID", RGQ_PHI_UID},
                {"StudyInstanceUID", RGQ_PHI_UID}};
    const char *text = rgq_json_text(value, "");
    const bool filled =
        !rgq_json_is_text(value) || (text[0] != '\0' && !rgq_text_equal_nocase(text, "n/a"));
    char name[RGQ_PHI_TEXT_MAX];
    rgq_phi_kind kind = RGQ_PHI_TEXT;
    const char *word = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].key, key) == 0) {
            rgq_phi_add(out, keys[i].kind, "side file", keys[i].key, filled);
            return;
        }
    if (!rgq_phi_key(&kind, &word, key))
        return;
    (void)snprintf(name, sizeof name, "a key with '%s'", word);
    rgq_phi_add(out, kind, "side file", name, filled);
}

static void add_keys(rgq_phi *out, const rgq_json *node, int depth)
{
    for (size_t i = 0; i < rgq_json_count(node) && depth < NESTED_MAX; i++) {
        const char *key = NULL;
        const rgq_json *value =
            rgq_json_is_object(node) ? rgq_json_member(node, i, &key) : rgq_json_at(node, i);
        if (key != NULL && !rgq_json_is_null(value))
            add_key(out, key, value);
        if (rgq_json_is_object(value) || rgq_json_is_array(value))
            add_keys(out, value, depth + 1);
    }
}

static rgq_status add_side_file(rgq_phi *out, const char *path, rgq_error *err)
{
    char beside[RGQ_PATH_MAX];
    rgq_json *root = NULL;

    RGQ_PASS(err, rgq_path_beside(beside, path, ".json", err));
    if (!rgq_path_exists(beside))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_load(&root, beside, err));
    add_keys(out, root, 0);
    rgq_json_free(root);
    return RGQ_OK;
}

/* ---- the whole ---- */

/* Every file: names may stand in one of them only. */
static rgq_status add_folder(rgq_phi *out, const char *folder, rgq_error *err)
{
    rgq_names names = {NULL, 0};
    char path[RGQ_PATH_MAX];
    rgq_status st = RGQ_OK;

    RGQ_PASS(err, rgq_dicom_tree_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        RGQ_TRY(err, rgq_path_join(path, folder, names.name[i], err));
        if (!rgq_dicom_is(path))
            continue;
        rgq_phi_add_path(out, names.name[i]);
        st = rgq_dicom_phi(out, path, err);
        if (st == RGQ_E_NOMEM)
            goto out;
        out->n_files += st == RGQ_OK ? 1 : 0;
        out->n_damaged += st == RGQ_OK ? 0 : 1;
    }
    if (out->n_files > 0)
        st = RGQ_OK;
    else if (out->n_damaged == 0)
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "the folder %s holds no DICOM file", folder);
out:
    rgq_names_release(&names);
    return st;
}

static rgq_status add_other(rgq_phi *out, const char *path, const unsigned char *bytes,
                            size_t length, rgq_error *err)
{
    if (rgq_nifti_is(bytes, length))
        add_nifti(out, bytes, length);
    else if (rgq_ecat_is(bytes, length) && length >= RGQ_ECAT_BLOCK)
        rgq_phi_ecat(out, bytes);
    else if (rgq_interfile_is(bytes, length))
        RGQ_PASS(err, rgq_phi_interfile(out, path, err));
    else if (rgq_tiff_is(bytes, length))
        RGQ_PASS(err, rgq_phi_tiff(out, path, err));
    else /* an empty list would look like a clean file */
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: no whole header of DICOM, NIfTI, Analyze, Interfile, ECAT 7 or "
                         "TIFF: what it holds is not known",
                         path);
    RGQ_PASS(err, add_side_file(out, path, err));
    rgq_phi_add_needs(out, path);
    return RGQ_OK;
}

rgq_status rgq_phi_scan(rgq_phi *out, const char *path, rgq_error *err)
{
    unsigned char bytes[540] = {0};
    size_t length = 0;

    *out = (rgq_phi){.count = 0};
    rgq_phi_add_path(out, path);
    if (rgq_path_is_folder(path))
        return add_folder(out, path, err);
    out->n_files = 1;
    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    if (!rgq_nifti_is(bytes, length) && rgq_dicom_is(path))
        return rgq_dicom_phi(out, path, err);
    return add_other(out, path, bytes, length, err);
}
