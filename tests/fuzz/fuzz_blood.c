/* A table of blood; what stands behind the first NUL byte is its JSON file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/blood.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    const size_t length = nul != NULL ? (size_t)(nul - data) : size;
    const char *json = nul != NULL ? (const char *)nul + 1 : NULL;
    rgq_blood blood = rgq_blood_none();

    const rgq_blood_text text = {(const char *)data, length, json,
                                 nul != NULL ? size - length - 1 : 0, "fuzz"};

    if (rgq_blood_parse(&blood, &text, NULL, NULL) == RGQ_OK && blood.count < 1)
        abort();
    rgq_blood_release(&blood);
    return 0;
}
