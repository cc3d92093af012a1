/* Tracer files and names of nuclides: any bytes are read or refused, never worse. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "rgdquant/tracer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_tracer *tracer = NULL;
    rgq_nuclide nuclide = {.half_life_s = {.known = true, .value = 6586.2}};
    rgq_tracer_problems problems;
    rgq_error err = RGQ_ERROR_INIT;
    char *text = NULL;
    char id[16];

    if (size > 65536 || rgq_alloc(&text, size + 1, 1, NULL) != RGQ_OK)
        return 0;
    memcpy(text, data, size);
    (void)rgq_nuclide_canonical(id, text);
    if (rgq_alloc(&tracer, 1, sizeof *tracer, NULL) == RGQ_OK &&
        rgq_tracer_parse(tracer, text, size, "18F-x.json", &err) == RGQ_OK) {
        rgq_tracer_check(&problems, tracer, &nuclide);
        (void)rgq_tracer_is_named(tracer, text);
    }
    rgq_free(tracer);
    rgq_free(text);
    return 0;
}
