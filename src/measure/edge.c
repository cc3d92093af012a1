#include "measure/edge.h"

#include "core/alloc.h"
#include "core/banned.h"

/* Half a voxel for planes of the three kinds: k1 = 1/2, k1 + k2 = sqrt(2)/2, + k3 = sqrt(3)/2.
 */
static const double part[4] = {0.0, 0.5, 0.20710678118654752, 0.15891862259789106};

static double weight_at(const rgq_region *region, const int at[3])
{
    size_t index = 0;

    for (int a = 2; a >= 0; a--) {
        const int i = at[a] - region->lo[a];
        if (i < 0 || i >= region->n[a])
            return 0.0;
        index = index * (size_t)region->n[a] + (size_t)i;
    }
    return (double)region->weight[index];
}

static float moved_at(const rgq_region *region, const rgq_grid *grid, const int at[3],
                      bool outwards)
{
    const double here = weight_at(region, at);
    double most = 0.0;

    for (int k = 0; k < 27; k++) {
        const int step[3] = {k % 3 - 1, k / 3 % 3 - 1, k / 9 - 1};
        const int kind = (step[0] != 0) + (step[1] != 0) + (step[2] != 0);
        int there[3];
        bool exists = true;
        for (int a = 0; a < 3; a++) {
            there[a] = at[a] + step[a];
            exists = exists && there[a] >= 0 && there[a] < grid->n[a];
        }
        if (kind == 0 || !exists)
            continue;
        const double rise = weight_at(region, there) - here;
        const double change = part[kind] * (outwards ? rise : -rise);
        most = change > most ? change : most;
    }
    return (float)(outwards ? here + most : here - most);
}

rgq_status rgq_edge_moved(rgq_region *out, float **buffer, const rgq_region *region,
                          const rgq_grid *grid, bool outwards, rgq_error *err)
{
    rgq_region grown = *region;
    size_t i = 0;

    *buffer = NULL;
    *out = *region;
    if (region->n[0] == 0)
        return RGQ_OK;
    for (int a = 0; a < 3; a++) {
        const int hi = region->lo[a] + region->n[a];
        grown.lo[a] = region->lo[a] > 0 ? region->lo[a] - 1 : 0;
        grown.n[a] = (hi < grid->n[a] ? hi + 1 : hi) - grown.lo[a];
    }
    RGQ_PASS(err,
             rgq_alloc(buffer, (size_t)grown.n[0] * (size_t)grown.n[1] * (size_t)grown.n[2],
                       sizeof **buffer, err));
    for (int z = 0; z < grown.n[2]; z++)
        for (int y = 0; y < grown.n[1]; y++)
            for (int x = 0; x < grown.n[0]; x++)
                (*buffer)[i++] =
                    moved_at(region, grid,
                             (const int[3]){grown.lo[0] + x, grown.lo[1] + y, grown.lo[2] + z},
                             outwards);
    grown.weight = *buffer;
    *out = grown;
    return RGQ_OK;
}
