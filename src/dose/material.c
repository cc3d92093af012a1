#include "dose/material.h"

#include <assert.h>

#include "core/banned.h"

/* The elements below 0.01 % that the publications lump together are left out; whoever reads a
 * table divides by its sum. */
static const rgq_material materials[RGQ_MATERIALS] = {
    [RGQ_MATERIAL_VOID] = {"void", 0.0, 0, {0}, {0}},
    [RGQ_MATERIAL_SOFT] = {"soft tissue",
                           1.04,
                           11,
                           {1, 6, 7, 8, 11, 12, 15, 16, 17, 19, 20},
                           {.10454, .22663, .02490, .63525, .00112, .00013, .00134, .00204,
                            .00133, .00208, .00024}},
    [RGQ_MATERIAL_LUNG] = {"lung",
                           0.296,
                           11,
                           {1, 6, 7, 8, 11, 12, 15, 16, 17, 19, 20},
                           {.10134, .10238, .02866, .75752, .00184, .00007, .00080, .00225,
                            .00266, .00194, .00009}},
    [RGQ_MATERIAL_BONE] = {"bone and marrow",
                           1.40,
                           11,
                           {1, 6, 7, 8, 11, 12, 15, 16, 17, 19, 20},
                           {.07337, .25475, .03057, .47893, .00326, .00112, .05095, .00173,
                            .00143, .00153, .10190}},
    [RGQ_MATERIAL_WATER] = {"water", 1.0, 2, {1, 8}, {.111894, .888106}},
    [RGQ_MATERIAL_AIR] =
        {"air", 0.001205, 4, {6, 7, 8, 18}, {.000124, .755267, .231781, .012827}},
    [RGQ_MATERIAL_ICRU4] = {"ICRU four-component soft tissue",
                            1.0,
                            4,
                            {1, 6, 7, 8},
                            {.101172, .111000, .026000, .761828}},
};

const rgq_material *rgq_material_at(int id)
{
    assert(id >= 0 && id < RGQ_MATERIALS);
    return &materials[id];
}
