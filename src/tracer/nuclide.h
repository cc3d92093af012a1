/* Names of nuclides as headers and people write them. */
#ifndef RGQ_TRACER_NUCLIDE_H
#define RGQ_TRACER_NUCLIDE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Upper-case letters and digits of `text`; bytes past ASCII are kept (Greek letters), all else
 *  is dropped. False if it does not fit. */
bool rgq_name_squeeze(char *out, size_t size, const char *text);

/** Take the nuclide off the front or the end of a squeezed name; true if it was there. */
bool rgq_nuclide_strip(char *squeezed, const char *nuclide_id);

#ifdef __cplusplus
}
#endif

#endif
