/* The volume that is measured, corrected for the partial-volume effect. */
#include <stdio.h>

#include "core/banned.h"
#include "pipeline/job.h"

/* What the results say of it. */
static void describe(rgq_job *job, const rgq_pvc_report *report)
{
    char words[RGQ_PVC_WORDS_MAX];
    const double *fwhm_mm = report->effective_fwhm_mm;

    (void)snprintf(job->partial_volume, sizeof job->partial_volume,
                   "corrected by %s with %s of %.4g x %.4g x %.4g mm FWHM",
                   rgq_pvc_words(words, &job->pvc),
                   job->pvc.psf.image != NULL ? "a measured PSF" : "a PSF", fwhm_mm[0],
                   fwhm_mm[1], fwhm_mm[2]);
}

rgq_status rgq_job_correct(rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const bool from_file = job->opts->psf_file != NULL;
    const bool needed = rgq_pvc_needs_regions(job->pvc.method);
    rgq_pvc_report report = {0};
    rgq_labels *labels = NULL;

    if (job->opts->pvc == NULL)
        return RGQ_OK;
    if (from_file) {
        RGQ_TRY(err, rgq_record_input(job->record, job->opts->psf_file, "psf", err));
        rgq_psf_suits(&job->psf, rgq_volume_grid(job->volume), &job->log);
    }
    if (job->filtered.name[0] != '\0')
        rgq_psf_filtered(&job->pvc.psf, &job->filtered, &job->log);
    if (needed)
        RGQ_TRY(err, rgq_labels_from_whole(&labels, job->regions, err));
    const rgq_correction c = {&job->pvc, from_file ? &job->psf : NULL, &report, labels == NULL};
    RGQ_TRY(err, rgq_pvc(job->volume, labels, needed && labels == NULL ? job->regions : NULL,
                         &job->pvc, &report, &job->log, err));
    describe(job, &report);
    if (rgq_pvc_is_regional(job->pvc.method))
        RGQ_WARN(&job->log,
                 "%s leaves one value in all of a region: sd, quantiles and peaks say nothing "
                 "more, and there are no intervals",
                 job->opts->pvc);
    RGQ_TRY(err, rgq_record_pvc(NULL, job->record, &c, err));
    RGQ_TRY(err, rgq_job_keep(job, "pvc", err));
out:
    rgq_labels_free(labels);
    rgq_pvc_report_release(&report);
    return st;
}
