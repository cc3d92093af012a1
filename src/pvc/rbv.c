/* Region-based voxelwise correction: cite:Thomas2011.
 *
 * Yang's division with the means of GTM: g = f s / (h * s), s = sum T_i m_i. Regions are taken
 * to be uniform only as far as spill between them goes; what lies inside one stays. Noise stays
 * as well, scaled by s / (h * s). */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/division.h"
#include "pvc/transfer.h"

rgq_status rgq_pvc_rbv(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *model = NULL;

    RGQ_TRY(err, rgq_alloc(&model, frame->count, sizeof *model, err));
    RGQ_TRY(err, rgq_gtm_solve(frame, model, err));
    RGQ_TRY(err, rgq_pvc_divide(frame, model, err));
    RGQ_TRY(err, rgq_transfer_noise(frame->gtm, frame, model, false, err));
out:
    rgq_free(model);
    return st;
}
