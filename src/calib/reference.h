/* Which moment a scan is decay-corrected to, and when the injection was, from what the file
 * states. Clock times [s]; nothing here reaches the log or a record but differences of them. */
#ifndef RGQ_CALIB_REFERENCE_H
#define RGQ_CALIB_REFERENCE_H

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

/** A moment and how it is known. */
typedef struct rgq_moment {
    double clock_s;
    char what[64];               /**< "series time" */
    char origin[RGQ_ORIGIN_MAX]; /**< "(0008,0031) SeriesTime" */
} rgq_moment;

/** When one slice of one frame was acquired; from the slice times, else from the frames. Each
 *  member NaN where unknown. */
RGQ_API rgq_slice_time rgq_scan_slice_time(const rgq_scan *scan, int frame, int slice);

/** Begin of the earliest acquisition; false if no time is known. */
RGQ_API bool rgq_scan_first_acquisition(rgq_moment *out, const rgq_scan *scan);

/** End of the last frame of a dynamic scan [s]; NaN for a static one or if unknown. */
RGQ_API double rgq_scan_dynamic_end_s(const rgq_scan *scan);

/**
 * @brief Fill the slice times a format will write: reference_s where it is unknown.
 *
 * The reference time is the moment the count rate had its mean over the frame, counted from the
 * series time: acquisition - series time + T_ave, T_ave = ln(x / (1 - exp(-x))) / lambda with
 * x = lambda * duration. Then acquisition + T_ave - reference_s is the series time for each
 * slice. Values corrected to START make the stated decay reference the series time; an unknown
 * series time becomes the earliest acquisition. What cannot be known stays NaN.
 *
 * @return RGQ_OK; RGQ_E_NOMEM (the scan is as before)
 * @see cite:IBSISUV2026; DICOM PS3.3 C.8.9.4.1.5
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_complete_times(rgq_scan *scan, rgq_error *err);

/** Decay over `difference_s`, as a fraction: 0.01 is 1 %. */
RGQ_API double rgq_decay_between(double difference_s, double half_life_s);

/** The moments that values corrected to START may refer to. */
typedef enum rgq_reference_rule {
    RGQ_REFERENCE_STATED,      /**< the file states it (DecayCorrectionDateTime, BIDS) */
    RGQ_REFERENCE_SERIES,      /**< series date and time */
    RGQ_REFERENCE_GE,          /**< private element of GE */
    RGQ_REFERENCE_SIEMENS,     /**< private element of Siemens */
    RGQ_REFERENCE_ACQUISITION, /**< earliest acquisition */
    RGQ_REFERENCE_BACK,        /**< acquisition + mean count-rate time - frame reference time */
    RGQ_REFERENCE_RULES
} rgq_reference_rule;

typedef struct rgq_reference_candidate {
    const char *name; /**< as after --reference-time; "private" for two of them */
    bool known;       /**< `at` is set */
    bool sound;       /**< not later than the earliest acquisition, nor from another day */
    char why_not[96]; /**< "" if sound */
    rgq_moment at;
} rgq_reference_candidate;

typedef struct rgq_reference {
    rgq_reference_candidate candidate[RGQ_REFERENCE_RULES];
    rgq_reference_rule taken;
    char reason[RGQ_MESSAGE_MAX]; /**< why none was taken, "" if one was */
} rgq_reference;

/**
 * @brief The start of the scan that values corrected to START refer to.
 *
 * The fact `reference_time` chooses; without it, or with "auto", in this order: the decay
 * reference the file states; the series time if not later than the earliest acquisition (where
 * GE's scan time disagrees with it by over 1 % of decay, the one that is nearer to acquisition
 * - frame reference time); GE's scan time, Siemens's decay correction time likewise;
 * acquisition + mean count-rate time - frame reference time; the earliest acquisition if
 * `decay_correction` comes from an option. Warns where what was taken disagrees with another
 * sound one, but the earliest acquisition, by over 1 % of decay.
 *
 * A frame reference time shorter than the mean count-rate time of its frame by over 0.5 % of
 * decay counts from the start of the frame (GE), and back-computation is not sound.
 *
 * @param[out] out  all candidates; `reason` if none was taken
 * @return true if one was taken
 * @see cite:IBSISUV2026, options A and B
 */
RGQ_API bool rgq_decay_reference_find(rgq_reference *out, const rgq_scan *scan,
                                      double half_life_s, const rgq_log *log);

/**
 * @brief Clock time of the injection; the fact `injection_time_s` must be known.
 *
 * Without a date it is put on the last day that has it before `latest_s`.
 */
RGQ_API rgq_moment rgq_injection_place(const rgq_scan *scan, double latest_s,
                                       double half_life_s, const rgq_log *log);

#endif
