/* The matrix of a regional method, its inverse, and what noise does to the means. */
#ifndef RGQ_PVC_TRANSFER_H
#define RGQ_PVC_TRANSFER_H

#include "rgdquant/error.h"

typedef struct rgq_transfer rgq_transfer;

RGQ_API void rgq_transfer_free(rgq_transfer *transfer);

#endif
