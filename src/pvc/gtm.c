#include "pvc/transfer.h"

#include "core/alloc.h"
#include "core/banned.h"

struct rgq_transfer {
    int n;
};

void rgq_transfer_free(rgq_transfer *transfer)
{
    rgq_free(transfer);
}
