/* What this program was made of. */
#ifndef RGQ_PIPELINE_BUILD_H
#define RGQ_PIPELINE_BUILD_H

#include "core/json.h"
#include "rgdquant/error.h"

/** Add version, commit, compiler, build type and library versions to an object, as texts. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_build_describe(rgq_json *object, rgq_error *err);

#endif
