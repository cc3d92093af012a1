/* JSON text in; what was read must be written and read back. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rgq_json *root = NULL;
    rgq_json *again = NULL;
    char *text = NULL;

    if (rgq_json_parse(&root, (const char *)data, size, "fuzz", NULL) != RGQ_OK)
        return 0;
    if (rgq_json_dump(&text, root, NULL) == RGQ_OK &&
        rgq_json_parse(&again, text, strlen(text), "again", NULL) != RGQ_OK)
        __builtin_trap();
    rgq_json_free(again);
    rgq_json_free(root);
    rgq_free(text);
    return 0;
}
