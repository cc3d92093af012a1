/* The 348 bytes of an Analyze 7.5 header (a NIfTI magic word is taken out). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/nifti_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char bytes[348] = {0};
    rgq_nifti_header header;

    memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
    memset(bytes + 344, 0, 4);
    if (rgq_nifti_header_parse(&header, bytes, sizeof bytes, NULL, NULL) == RGQ_OK &&
        (!header.analyze || header.data_bytes < 1 || rgq_grid_check(&header.grid, NULL)))
        abort();
    return 0;
}
