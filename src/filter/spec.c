#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "rgdquant/filter.h"

enum { NUMBERS_MAX = 4 };

typedef struct filter_form filter_form;

/* One filter as it is typed. */
struct filter_form {
    const char *name;
    const char *type;    /* what to type */
    const char *example; /* ... and what that means */
    rgq_status (*read)(rgq_filter_spec *spec, const filter_form *form, const double *number,
                       int count, const char *text, rgq_error *err);
};

static rgq_status read_widths(rgq_filter_spec *spec, const filter_form *form,
                              const double *number, int count, const char *text, rgq_error *err)
{
    const bool may_be_zero = spec->kind == RGQ_FILTER_GAUSSIAN;

    if (count == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s' has two widths; type one for all axes, or three: %s",
                         text, form->type);
    if (count != 1 && count != 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "filter '%.60s' has %d numbers; type %s", text,
                         count, form->type);
    for (int i = 0; i < 3; i++) {
        spec->width_mm[i] = number[count == 3 ? i : 0];
        if (spec->width_mm[i] < 0.0 || (spec->width_mm[i] == 0.0 && !may_be_zero))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "filter '%.60s' has a FWHM of %g mm; a width is %s", text,
                             spec->width_mm[i], may_be_zero ? "0 mm or more" : "above 0 mm");
    }
    return RGQ_OK;
}

/* One number of a filter within a range. */
static rgq_status check_number(double value, double low, double high, const char *what,
                               const filter_form *form, const char *text, rgq_error *err)
{
    if (!(value >= low && value <= high))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s' has %s of %g; %g to %g can be used: type %s", text,
                         what, value, low, high, form->type);
    return RGQ_OK;
}

static rgq_status check_count(int count, int want, const filter_form *form, const char *text,
                              rgq_error *err)
{
    if (count != want)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter '%.60s' has %d number%s; type %s, e.g. %s", text, count,
                         count == 1 ? "" : "s", form->type, form->example);
    return RGQ_OK;
}

static rgq_status read_cutoff(rgq_filter_spec *spec, const filter_form *form,
                              const double *number, int count, const char *text, rgq_error *err)
{
    const bool has_order = spec->kind == RGQ_FILTER_BUTTERWORTH;

    RGQ_PASS(err, check_count(count, has_order ? 2 : 1, form, text, err));
    RGQ_PASS(err, check_number(number[0], 1e-4, 1e4, "a cut-off [cycles/cm]", form, text, err));
    if (has_order)
        RGQ_PASS(err, check_number(number[1], 0.1, 32.0, "an order", form, text, err));
    spec->cutoff_per_cm = number[0];
    spec->order = has_order ? number[1] : 0.0;
    return RGQ_OK;
}

/* metz and wiener: one or three widths, and a number. */
static rgq_status read_restoration(rgq_filter_spec *spec, const filter_form *form,
                                   const double *number, int count, const char *text,
                                   rgq_error *err)
{
    const bool is_metz = spec->kind == RGQ_FILTER_METZ;

    if (count != 2 && count != 4)
        return check_count(count, 2, form, text, err);
    RGQ_PASS(err, read_widths(spec, form, number, count - 1, text, err));
    if (is_metz)
        RGQ_PASS(err, check_number(number[count - 1], 0.01, 1e4, "a power", form, text, err));
    else
        RGQ_PASS(err, check_number(number[count - 1], 1e-8, 1e8, "a noise-to-signal ratio",
                                   form, text, err));
    spec->order = is_metz ? number[count - 1] : 0.0;
    spec->noise_to_signal = is_metz ? 0.0 : number[count - 1];
    return RGQ_OK;
}

static rgq_status read_box(rgq_filter_spec *spec, const filter_form *form, const double *number,
                           int count, const char *text, rgq_error *err)
{
    const int most =
        spec->kind == RGQ_FILTER_MEAN ? RGQ_FILTER_MEAN_MAX : RGQ_FILTER_MEDIAN_MAX;

    if (count != 1 && count != 3)
        return check_count(count, 1, form, text, err);
    for (int i = 0; i < 3; i++) {
        const double side = number[count == 3 ? i : 0];
        if (!(side >= 1.0 && side <= (double)most) || side != (double)(int)side ||
            (int)side % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "filter '%.60s' has a side of %g voxels; an odd number from 1 to "
                             "%d has a middle: type %s",
                             text, side, most, form->type);
        spec->voxels[i] = (int)side;
    }
    return RGQ_OK;
}

static rgq_status read_sigma(rgq_filter_spec *spec, const filter_form *form,
                             const double *number, int count, const char *text, rgq_error *err)
{
    RGQ_PASS(err, check_count(count, 1, form, text, err));
    RGQ_PASS(err, check_number(number[0], 1e-3, 1e4, "a sigma [mm]", form, text, err));
    for (int i = 0; i < 3; i++)
        spec->width_mm[i] = number[0];
    return RGQ_OK;
}

static const filter_form forms[] = {
    [RGQ_FILTER_GAUSSIAN] = {"gaussian", "gaussian:FWHM or gaussian:X,Y,Z in mm",
                             "gaussian:6 for 6 mm FWHM", read_widths},
    [RGQ_FILTER_MATCH] = {"match", "match:FWHM or match:X,Y,Z in mm",
                          "match:7 to bring the scanner to 7 mm", read_widths},
    [RGQ_FILTER_BUTTERWORTH] = {"butterworth",
                                "butterworth:CUTOFF,ORDER with the cut-off in cycles/cm",
                                "butterworth:0.5,5", read_cutoff},
    [RGQ_FILTER_HANN] = {"hann", "hann:CUTOFF in cycles/cm", "hann:0.8", read_cutoff},
    [RGQ_FILTER_METZ] = {"metz", "metz:FWHM,POWER or metz:X,Y,Z,POWER with widths in mm",
                         "metz:8,3", read_restoration},
    [RGQ_FILTER_WIENER] = {"wiener", "wiener:FWHM,NSR or wiener:X,Y,Z,NSR with widths in mm",
                           "wiener:8,0.05", read_restoration},
    [RGQ_FILTER_MEAN] = {"mean", "mean:N or mean:X,Y,Z in voxels", "mean:3", read_box},
    [RGQ_FILTER_MEDIAN] = {"median", "median:N or median:X,Y,Z in voxels", "median:3",
                           read_box},
    [RGQ_FILTER_LOG] = {"log", "log:SIGMA in mm", "log:3", read_sigma},
    [RGQ_FILTER_KERNEL] = {"kernel", "kernel:FILE with the weights", "kernel:psf.nii", NULL},
};

enum { N_FORMS = sizeof forms / sizeof forms[0] };

const char *rgq_filter_name(rgq_filter_kind kind)
{
    return (unsigned)kind < N_FORMS ? forms[kind].name : "?";
}

static rgq_status no_such_filter(const char *text, size_t length, rgq_error *err)
{
    char names[160] = "";
    size_t used = 0;

    for (int i = 0; i < N_FORMS; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 forms[i].name);
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "there is no filter '%.*s'; there are %s: type e.g. gaussian:6 for a FWHM "
                     "of 6 mm",
                     (int)(length < 40 ? length : 40), text, names);
}

static rgq_status read_path(rgq_filter_spec *spec, const char *path, rgq_error *err)
{
    if (path[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "filter 'kernel' has no file; type kernel:FILE with the weights");
    if (strlen(path) >= sizeof spec->kernel_path)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path of the kernel %.60s... is too long",
                         path);
    rgq_text_copy(spec->kernel_path, sizeof spec->kernel_path, path);
    return RGQ_OK;
}

rgq_status rgq_filter_parse(rgq_filter_spec *out, const char *text, rgq_error *err)
{
    const size_t length = strcspn(text, ":");
    rgq_filter_spec spec = {.kind = RGQ_FILTER_GAUSSIAN};
    rgq_error why = RGQ_ERROR_INIT;
    double number[NUMBERS_MAX];
    int count = 0;
    int i = 0;

    while (i < N_FORMS &&
           (strlen(forms[i].name) != length || strncmp(text, forms[i].name, length) != 0))
        i++;
    if (i == N_FORMS)
        return no_such_filter(text, length, err);
    const filter_form *form = &forms[i];
    if (text[length] != ':')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "filter '%s' has no %s; type e.g. %s", form->name,
                         i == RGQ_FILTER_KERNEL ? "file" : "number", form->example);
    spec.kind = (rgq_filter_kind)i;
    if (form->read == NULL) {
        RGQ_PASS(err, read_path(&spec, text + length + 1, err));
    } else {
        if (rgq_parse_reals(number, &count, NUMBERS_MAX, text + length + 1, ',', &why) !=
            RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "filter '%.60s': %s; type %s", text,
                             why.message, form->type);
        RGQ_PASS(err, form->read(&spec, form, number, count, text, err));
    }
    *out = spec;
    return RGQ_OK;
}
