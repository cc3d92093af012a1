/* The words of `rgdquant pvc`: its options, and what can be found wrong with them before a scan
 * is read. */
#ifndef RGQ_CLI_PVC_WORDS_H
#define RGQ_CLI_PVC_WORDS_H

#include "cli/opt.h"
#include "rgdquant/pvc.h"

typedef struct rgq_pvc_words_opts {
    const char *scan;
    const char *out;
    const char *method;
    rgq_reals psf_mm;
    const char *psf_file;
    const char *regions;
    int iterations;
    int then_iterations;
    double tolerance;
    double relaxation;
    const char *kernel;
    const char *border;
    const char *path;
    const char *negatives;
    const char *target;
    const char *values;
    const char *table;
    const char *rc_curve;
    const char *background;
    double confidence;
    const char *side_file;
    const char *series;
    bool keep_times;
} rgq_pvc_words_opts;

enum { RGQ_PVC_N_ROWS = 23 };
extern const rgq_opt rgq_pvc_rows[RGQ_PVC_N_ROWS];

/** Is it correction by recovery coefficients, which is no method of rgq_pvc()? */
bool rgq_pvc_is_rc(const rgq_pvc_words_opts *o);

/** --psf-mm F or X,Y,Z as widths; 0,0,0 if it was not given. */
RGQ_MUST_CHECK rgq_status rgq_pvc_psf_words(double fwhm_mm[3], const rgq_reals *psf_mm,
                                            rgq_error *err);

/**
 * @brief Options of rgq_pvc(), without the PSF of a file and without --values.
 *
 * For `rc` `pvc` is left as it is. Texts stay borrowed.
 * @return RGQ_OK; RGQ_E_ARGUMENT: the command line is wrong (exit code 2)
 */
RGQ_MUST_CHECK rgq_status rgq_pvc_words_check(rgq_pvc_opts *pvc, const rgq_context *context,
                                              const rgq_pvc_words_opts *o, rgq_error *err);

/** Numbers of --values; caller releases them with rgq_free(). */
RGQ_MUST_CHECK rgq_status rgq_pvc_values(double **out, int *count, const char *text,
                                         rgq_error *err);

#endif
