/* Words in headers of single formats that can identify a person. Private to phi*.c. */
#ifndef RGQ_IO_PHI_FORMATS_H
#define RGQ_IO_PHI_FORMATS_H

#include "io/phi.h"

/* What the name of a key tells of its value; false: nothing that identifies. `*word` is the
 * part of the name that was recognised, and is constant. */
bool rgq_phi_key(rgq_phi_kind *kind, const char **word, const char *name);

/* Words of a path that look like a name, a date or a number (phi.c). */
void rgq_phi_add_path(rgq_phi *out, const char *path);

RGQ_MUST_CHECK rgq_status rgq_phi_interfile(rgq_phi *out, const char *path, rgq_error *err);

/* The main header of 512 bytes. */
void rgq_phi_ecat(rgq_phi *out, const unsigned char *bytes);

RGQ_MUST_CHECK rgq_status rgq_phi_tiff(rgq_phi *out, const char *path, rgq_error *err);

/* The facts that SUV needs and the scan does not state, with the option for each; nothing if
 * the scan cannot be read. */
void rgq_phi_add_needs(rgq_phi *out, const char *path);

#endif
