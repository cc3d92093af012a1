/**
 * @file phi.h
 * @brief Elements of a file that can identify a person: where they stand and whether they are
 *        filled. Values are looked at, never kept.
 */
#ifndef RGQ_IO_PHI_H
#define RGQ_IO_PHI_H

#include <stdbool.h>

#include "core/file.h"
#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_PHI_MAX = 160, RGQ_PHI_TEXT_MAX = 72 };

typedef enum rgq_phi_kind {
    RGQ_PHI_PERSON,  /**< name, number, birth date, address, ... */
    RGQ_PHI_PEOPLE,  /**< physicians, operators, institution */
    RGQ_PHI_DEVICE,  /**< serial numbers, station */
    RGQ_PHI_TEXT,    /**< free text */
    RGQ_PHI_DATE,    /**< dates and times */
    RGQ_PHI_UID,     /**< unique identifiers */
    RGQ_PHI_PRIVATE, /**< private groups, by creator */
    RGQ_PHI_PIXELS,  /**< burned-in annotation */
    RGQ_PHI_PATH,    /**< names of files and folders */
    RGQ_PHI_NEEDED   /**< what SUV needs and is not there */
} rgq_phi_kind;

typedef struct rgq_phi_item {
    rgq_phi_kind kind;
    char where[24];              /**< "(0010,0010)", "byte 148", "path" */
    char name[RGQ_PHI_TEXT_MAX]; /**< "PatientName" */
    bool filled;
} rgq_phi_item;

typedef struct rgq_phi {
    rgq_phi_item item[RGQ_PHI_MAX];
    int count;
    bool overflow; /**< there was more than fits */
    int n_files;   /**< files that were looked at */
    int n_damaged; /**< DICOM files of the folder that could not be read */
} rgq_phi;

/** What was listed before, at the same place by the same name, is filled if either is. */
void rgq_phi_add(rgq_phi *phi, rgq_phi_kind kind, const char *where, const char *name,
                 bool filled);

/** "person", "date", ... */
const char *rgq_phi_kind_name(rgq_phi_kind kind);

/**
 * @brief What a scan (a DICOM folder or file, or another file) holds that can identify a
 * person.
 *
 * Of a DICOM folder (and those below it) every DICOM file is looked at, each element listed
 * once: filled if it is in any file, needed if any image of PET or SPECT lacks it. Headers of
 * NIfTI, Analyze, ECAT 7, Interfile and TIFF are looked at where they have names, dates and
 * free text; a side file for keys of patients and institutions; the path for words that look
 * like names, numbers or dates. Of files that are no DICOM the scan is read, to tell what SUV
 * lacks.
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_phi_scan(rgq_phi *out, const char *path, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
