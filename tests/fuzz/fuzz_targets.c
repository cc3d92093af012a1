/* The knowledge of integrins and names of integrins: any bytes are read or refused. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "rgdquant/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_targets *targets = NULL;
    const rgq_target *found = NULL;
    const rgq_target_agent *drug = NULL;
    rgq_error err = RGQ_ERROR_INIT;
    char *text = NULL;

    if (size > 65536 || rgq_alloc(&text, size + 1, 1, NULL) != RGQ_OK)
        return 0;
    memcpy(text, data, size);
    if (rgq_targets_parse(&targets, text, size, "integrins.json", &err) == RGQ_OK) {
        (void)!rgq_targets_find(&found, targets, text + size / 2, NULL);
        (void)!rgq_targets_drug(&drug, targets, text + size / 2, NULL);
        (void)rgq_targets_finding(targets, text + size / 2, text + size / 3, 0);
        (void)rgq_targets_agent(targets, text + size / 2, 0);
    }
    rgq_targets_free(targets);
    rgq_free(text);
    return 0;
}
