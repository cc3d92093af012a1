#include "rgdquant/version.h"

#include "core/version_build.h"

#include "core/banned.h"

const char *rgq_version(void)
{
    return RGQ_VERSION_TEXT;
}

const char *rgq_commit(void)
{
    return RGQ_COMMIT_TEXT;
}

const char *rgq_compiler(void)
{
    return RGQ_COMPILER_TEXT;
}

const char *rgq_build_type(void)
{
    return RGQ_BUILD_TEXT;
}
