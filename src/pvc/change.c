#include "pvc/change.h"

#include <math.h>
#include <stdatomic.h>

#include "core/banned.h"

static void raise_to(_Atomic uint32_t *most, uint32_t bits)
{
    uint32_t before = atomic_load_explicit(most, memory_order_relaxed);

    while (bits > before &&
           !atomic_compare_exchange_weak_explicit(most, &before, bits, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

static double from_bits(uint32_t bits)
{
    float value = 0.0F;

    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

void rgq_change_clear(rgq_change *c)
{
    atomic_store(&c->change, 0);
    atomic_store(&c->most, 0);
}

void rgq_change_note(rgq_change *c, uint32_t change, uint32_t most)
{
    raise_to(&c->change, change);
    raise_to(&c->most, most);
}

double rgq_change_of(const rgq_change *c)
{
    const double change = from_bits(c->change);
    const double most = from_bits(c->most);

    if (!isfinite(most))
        return most;
    return change > 0.0 ? change / most : change;
}
