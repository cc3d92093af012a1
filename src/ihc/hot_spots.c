#include "ihc/hot_spots.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

static const double CELLS_MAX = (double)(1 << 26);

rgq_status rgq_ihc_hot_spots_init(rgq_ihc_hot_spots *h, double width_um, double height_um,
                                  double field_mm2, rgq_error *err)
{
    const double cell = sqrt(field_mm2) * 1000 / RGQ_IHC_CELLS_PER_FIELD;
    const double nx = width_um / cell;
    const double ny = height_um / cell;
    const double whole = RGQ_IHC_CELLS_PER_FIELD * (1 - 1e-9);

    *h = (rgq_ihc_hot_spots){.cell_um = cell};
    if (!(nx >= whole && ny >= whole))
        return RGQ_OK;
    if (!((nx + 1) * (ny + 1) <= CELLS_MAX))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a field of %g mm2 is too small for %.4g x %.4g mm; %.3g mm2 or more "
                         "was needed",
                         field_mm2, width_um / 1000, height_um / 1000,
                         width_um * height_um * 1e-6 * RGQ_IHC_CELLS_PER_FIELD *
                             RGQ_IHC_CELLS_PER_FIELD * 1.1 / CELLS_MAX);
    h->nx = (int64_t)ceil(nx * (1 - 1e-9));
    h->ny = (int64_t)ceil(ny * (1 - 1e-9));
    RGQ_PASS(err, rgq_alloc(&h->count, (size_t)(h->nx * h->ny), sizeof *h->count, err));
    return RGQ_OK;
}

void rgq_ihc_hot_spots_release(rgq_ihc_hot_spots *h)
{
    rgq_free(h->count);
    *h = (rgq_ihc_hot_spots){0};
}

static int64_t cell_of(double at_um, double cell_um, int64_t n)
{
    const double c = floor(at_um / cell_um);
    return c < 0 ? 0 : (c > (double)(n - 1) ? n - 1 : (int64_t)c);
}

void rgq_ihc_hot_spots_add(rgq_ihc_hot_spots *h, double x_um, double y_um)
{
    if (h->count == NULL)
        return;
    h->count[cell_of(y_um, h->cell_um, h->ny) * h->nx + cell_of(x_um, h->cell_um, h->nx)]++;
}

/* Fields by their upper left cell: their counts, UINT32_MAX once they may not be taken. */
static void sum_fields(uint32_t *field, const rgq_ihc_hot_spots *h, int64_t mx, int64_t my)
{
    for (int64_t y = 0; y < my; y++) {
        for (int64_t x = 0; x < mx; x++) {
            uint32_t sum = 0;
            for (int64_t k = 0; k < (int64_t)RGQ_IHC_CELLS_PER_FIELD * RGQ_IHC_CELLS_PER_FIELD;
                 k++)
                sum += h->count[(y + k / RGQ_IHC_CELLS_PER_FIELD) * h->nx + x +
                                k % RGQ_IHC_CELLS_PER_FIELD];
            field[y * mx + x] = sum;
        }
    }
}

static int64_t fullest(const uint32_t *field, int64_t n)
{
    int64_t best = -1;
    for (int64_t i = 0; i < n; i++) {
        if (field[i] != UINT32_MAX && (best < 0 || field[i] > field[best]))
            best = i;
    }
    return best;
}

static void shut_overlapping(uint32_t *field, int64_t at, int64_t mx, int64_t my)
{
    const int64_t reach = RGQ_IHC_CELLS_PER_FIELD - 1;
    const int64_t x = at % mx;
    const int64_t y = at / mx;

    for (int64_t j = y - reach < 0 ? 0 : y - reach; j <= y + reach && j < my; j++) {
        for (int64_t i = x - reach < 0 ? 0 : x - reach; i <= x + reach && i < mx; i++)
            field[j * mx + i] = UINT32_MAX;
    }
}

rgq_status rgq_ihc_hot_spots_find(double *mean, int *found, const rgq_ihc_hot_spots *h, int n,
                                  rgq_error *err)
{
    const int64_t mx = h->nx - RGQ_IHC_CELLS_PER_FIELD + 1;
    const int64_t my = h->ny - RGQ_IHC_CELLS_PER_FIELD + 1;
    uint32_t *field = NULL;
    double sum = 0;

    *mean = (double)NAN;
    *found = 0;
    if (h->count == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&field, (size_t)(mx * my), sizeof *field, err));
    sum_fields(field, h, mx, my);
    for (int k = 0; k < n; k++) {
        const int64_t best = fullest(field, mx * my);
        if (best < 0)
            break;
        sum += field[best];
        ++*found;
        shut_overlapping(field, best, mx, my);
    }
    rgq_free(field);
    *mean = sum / *found;
    return RGQ_OK;
}
