/**
 * @file version.h
 * @brief What this build of rgdquant is; recorded with every result.
 */
#ifndef RGDQUANT_VERSION_H
#define RGDQUANT_VERSION_H

#include "rgdquant/export.h"

#ifdef __cplusplus
extern "C" {
#endif

RGQ_API const char *rgq_version(void);    /**< "0.1.0" */
RGQ_API const char *rgq_commit(void);     /**< commit of the source, or "unknown" */
RGQ_API const char *rgq_compiler(void);   /**< "GNU 12.2.0" */
RGQ_API const char *rgq_build_type(void); /**< "Release", "Debug" */

#ifdef __cplusplus
}
#endif

#endif
