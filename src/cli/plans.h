/* The file of FFT plans that `rgdquant tune` makes for this machine. */
#ifndef RGQ_CLI_PLANS_H
#define RGQ_CLI_PLANS_H

#include "cli/context.h"
#include "core/file.h"

enum { RGQ_PLANS_MAX = 64 }; /* volumes a file knows */

/** One size of volume whose transforms were measured. */
typedef struct rgq_plans_volume {
    int n[3];
    bool patient;
} rgq_plans_volume;

/** What such a file holds. Zero it; release with rgq_plans_release(). */
typedef struct rgq_plans {
    rgq_plans_volume volume[RGQ_PLANS_MAX];
    int count;
    char *wisdom; /**< of FFTW */
} rgq_plans;

void rgq_plans_release(rgq_plans *plans);

/**
 * @brief Where the file is: `named` if the user named one, else rgdquant/fft-plans.json in the
 *        folder XDG_CACHE_HOME, else in ~/.cache.
 *
 * @return RGQ_OK; RGQ_E_NOTFOUND if nothing says where a cache may be; RGQ_E_ARGUMENT (too
 * long)
 */
RGQ_MUST_CHECK rgq_status rgq_plans_path(char out[RGQ_PATH_MAX], const char *named,
                                         rgq_error *err);

/** @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT for a file that is not one of these, is damaged
 *  (its SHA-256 tells), or was made by another version of FFTW; RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_plans_read(rgq_plans *plans, const char *path, rgq_error *err);

/** Write it whole, or not at all; its folder is made if it is not there. */
RGQ_MUST_CHECK rgq_status rgq_plans_write(const rgq_plans *plans, const char *path,
                                          rgq_error *err);

/**
 * @brief Give FFTW the plans of this machine, before a command transforms anything.
 *
 * A file that is not there is no matter, unless the user named it; one that is damaged or made
 * elsewhere is warned of and left alone: plans are estimated then.
 *
 * @param[in]  named  as the user gave it, "none" for no file at all, or NULL
 * @param[out] used   the file that was loaded, "" if none was
 * @return RGQ_OK; RGQ_E_NOTFOUND if the file the user named is not there
 */
RGQ_MUST_CHECK rgq_status rgq_plans_load(char used[RGQ_PATH_MAX], rgq_context *context,
                                         const char *named, rgq_error *err);

#endif
