/* Whose image a DICOM file holds, as a digest. */
#include <cstdio>
#include <cstring>

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include "io/dicom_dcmtk.h"
#include "io/dicom_tree.h"

#include "core/banned.h"

using namespace rgq_dicom;

static rgq_status read_identity(char *patient, char *study, const char *path, rgq_error *err)
{
    DcmFileFormat file;
    char words[text_max] = "";
    char uid[text_max] = "";
    char both[2 * text_max + 16];

    RGQ_PASS(err, load(file, path, err));
    DcmDataset &set = *file.getDataset();
    if (text(set, DCM_PatientID, words, sizeof words) != found::good &&
        text(set, DCM_PatientName, words, sizeof words) != found::good)
        words[0] = '\0';
    (void)text(set, DCM_StudyInstanceUID, uid, sizeof uid);
    /* files of one study are one patient's, also if they do not say whose */
    (void)std::snprintf(both, sizeof both, "patient %s", words[0] != '\0' ? words : uid);
    RGQ_PASS(err, rgq_hash_bytes(patient, both, std::strlen(both), err));
    (void)std::snprintf(both, sizeof both, "study %s of %s", uid, words);
    return rgq_hash_bytes(study, both, std::strlen(both), err);
}

rgq_status rgq_dicom_identity(char patient[RGQ_SHA256_TEXT], char study[RGQ_SHA256_TEXT],
                              const char *path, rgq_error *err)
{
    char plain[RGQ_PATH_MAX];
    rgq_dicom_sniff sniff;
    bool is_temporary = false;

    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    RGQ_PASS(err, rgq_dicom_plain(plain, &is_temporary, &sniff, path, err));
    const rgq_status st = guarded(
        err, [&]() noexcept(false) { return read_identity(patient, study, plain, err); });
    rgq_dicom_plain_release(plain, is_temporary);
    return st;
}
