#include "pipeline/build.h"

#include "core/version_build.h"

#include "core/banned.h"
#include "io/tiff.h"
#include "num/fft.h"
#include "num/rng.h"
#include "rgdquant/slide_file.h"
#include "rgdquant/version.h"

rgq_status rgq_build_describe(rgq_json *object, rgq_error *err)
{
    char tiff[RGQ_TIFF_VERSION_MAX];
    const struct {
        const char *key;
        const char *value;
    } rows[] = {
        {"rgdquant", rgq_version()},
        {"commit", rgq_commit()},
        {"compiler", rgq_compiler()},
        {"build", rgq_build_type()},
        {"jansson", rgq_json_version()},
        {"gsl", rgq_gsl_version()},
        {"fftw", rgq_fft_version()},
        {"libtiff", rgq_tiff_version(tiff)},
        {"dcmtk", RGQ_DCMTK_TEXT},
        {"libpng", RGQ_PNG_TEXT},
        {"libcrypto", RGQ_CRYPTO_TEXT},
        {"zlib", RGQ_ZLIB_TEXT},
        {"openslide", rgq_slide_library_version()},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        RGQ_PASS(err, rgq_json_set_text(object, rows[i].key, rows[i].value, err));
    return RGQ_OK;
}
