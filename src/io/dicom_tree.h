/* Every series in a tree of DICOM files, whatever the order and the names of the files. */
#ifndef RGQ_IO_DICOM_TREE_H
#define RGQ_IO_DICOM_TREE_H

#include "core/file.h"
#include "core/hash.h"
#include "io/dicom_file.h"
#include "rgdquant/log.h"
#include "rgdquant/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_dicom_item {
    char file[RGQ_PATH_MAX];   /**< first of its files by name, relative to the tree */
    char folder[RGQ_PATH_MAX]; /**< deepest folder that holds all of them; "" is the tree */
    char uid[RGQ_DICOM_UID_MAX];
    bool one_folder; /**< no file lies below `folder` */
    int n_files;
    int n_damaged;                 /**< files whose header is not read */
    char patient[RGQ_SHA256_TEXT]; /**< digests that tell patients and studies apart: never */
    char study[RGQ_SHA256_TEXT];   /**< written anywhere, since they could be guessed */
    char modality[RGQ_DICOM_WORD_MAX];
    char tracer[RGQ_FACT_TEXT_MAX];  /**< as the header names it; "" if it does not */
    char nuclide[RGQ_FACT_TEXT_MAX]; /**< likewise */
} rgq_dicom_item;

/** Release with rgq_dicom_items_release(). */
typedef struct rgq_dicom_items {
    rgq_dicom_item *item;
    size_t count;
} rgq_dicom_items;

/**
 * @brief PET series, and tomograms of Nuclear Medicine, in a folder and those below it (four
 *        deep), by patient, study and series.
 *
 * The order follows digests of patient, study and series, not the names of files. What is no
 * such image, and what cannot be read at all, is counted in the log.
 * @return RGQ_OK, also if there is none; RGQ_E_IO; RGQ_E_ARGUMENT (too many files); RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dicom_tree_series(rgq_dicom_items *out,
                                                        const char *folder, const rgq_log *log,
                                                        rgq_error *err);
RGQ_API void rgq_dicom_items_release(rgq_dicom_items *items);

/** Digests of the patient (ID, else name) and the study of a file whose header was read. */
rgq_status rgq_dicom_identity(char patient[RGQ_SHA256_TEXT], char study[RGQ_SHA256_TEXT],
                              const char *path, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
