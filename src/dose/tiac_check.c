#include "dose/tiac_check.h"

#include <math.h>

#include "core/banned.h"
#include "rgdquant/tiac.h"

rgq_status rgq_tiac_check_times(const char *name, const double *time_h, int n, rgq_error *err)
{
    if (n < 1 || n > RGQ_TIAC_POINTS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: %d points; 1 to %d are needed", name, n,
                         (int)RGQ_TIAC_POINTS_MAX);
    for (int i = 0; i < n; i++) {
        if (!isfinite(time_h[i]) || time_h[i] < 0.0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s: time %d is %g h; times count from the administration, 0 or "
                             "more",
                             name, i + 1, time_h[i]);
        if (i > 0 && !(time_h[i] > time_h[i - 1]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s: times do not rise: %g h comes after %g h; sort the points, "
                             "one for each time",
                             name, time_h[i], time_h[i - 1]);
    }
    return RGQ_OK;
}
