/**
 * @file dicom_phi.h
 * @brief Which elements that can identify a person are filled in a DICOM file: their names,
 *        never their values.
 */
#ifndef RGQ_IO_DICOM_PHI_H
#define RGQ_IO_DICOM_PHI_H

#include "io/phi.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Add what the file holds to `out`; RGQ_OK, RGQ_E_IO, RGQ_E_FORMAT, RGQ_E_NOMEM. */
rgq_status rgq_dicom_phi(rgq_phi *out, const char *path, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
