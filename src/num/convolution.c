#include "rgdquant/convolution.h"

#include <string.h>

#include "core/banned.h"
#include "num/border.h"

static const char *const border_names[] = {"zero", "replicate", "mirror", "periodic"};
static const char *const path_names[] = {"auto", "fir", "fft"};

static const char *const kernel_names[] = {"exact", "itk"};

enum {
    N_KERNELS = sizeof kernel_names / sizeof kernel_names[0],
    N_BORDERS = sizeof border_names / sizeof border_names[0],
    N_PATHS = sizeof path_names / sizeof path_names[0]
};

const char *rgq_border_name(rgq_border border)
{
    return (unsigned)border < N_BORDERS ? border_names[border] : "?";
}

const char *rgq_conv_path_name(rgq_conv_path path)
{
    return (unsigned)path < N_PATHS ? path_names[path] : "?";
}

const char *rgq_kernel_kind_name(rgq_kernel_kind kernel)
{
    return (unsigned)kernel < N_KERNELS ? kernel_names[kernel] : "?";
}

rgq_status rgq_kernel_kind_parse(rgq_kernel_kind *out, const char *name, rgq_error *err)
{
    for (int i = 0; i < N_KERNELS; i++)
        if (strcmp(name, kernel_names[i]) == 0) {
            *out = (rgq_kernel_kind)i;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no kernel '%.40s'; exact and itk are known",
                     name);
}

rgq_status rgq_border_parse(rgq_border *out, const char *name, rgq_error *err)
{
    for (int i = 0; i < N_BORDERS; i++)
        if (strcmp(name, border_names[i]) == 0) {
            *out = (rgq_border)i;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "there is no border rule '%.40s'; zero, replicate, mirror and periodic "
                     "are known",
                     name);
}

rgq_status rgq_conv_path_parse(rgq_conv_path *out, const char *name, rgq_error *err)
{
    for (int i = 0; i < N_PATHS; i++)
        if (strcmp(name, path_names[i]) == 0) {
            *out = (rgq_conv_path)i;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "there is no convolution path '%.40s'; auto, fir and fft are known", name);
}

static int modulo(int i, int period)
{
    const int rest = i % period;

    return rest < 0 ? rest + period : rest;
}

int rgq_border_index(int i, int n, rgq_border border)
{
    if (i >= 0 && i < n)
        return i;
    switch (border) {
    case RGQ_BORDER_REPLICATE:
        return i < 0 ? 0 : n - 1;
    case RGQ_BORDER_MIRROR:
        if (n == 1)
            return 0;
        i = modulo(i, 2 * (n - 1));
        return i < n ? i : 2 * (n - 1) - i;
    case RGQ_BORDER_PERIODIC:
        return modulo(i, n);
    case RGQ_BORDER_ZERO:
    default:
        return -1;
    }
}
