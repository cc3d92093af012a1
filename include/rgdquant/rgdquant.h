/**
 * @file rgdquant.h
 * @brief Includes every public header.
 */
#ifndef RGDQUANT_RGDQUANT_H
#define RGDQUANT_RGDQUANT_H

#include "rgdquant/agreement.h"
#include "rgdquant/background.h"
#include "rgdquant/blood.h"
#include "rgdquant/calibration.h"
#include "rgdquant/convolution.h"
#include "rgdquant/correlation.h"
#include "rgdquant/error.h"
#include "rgdquant/features.h"
#include "rgdquant/filter.h"
#include "rgdquant/grid.h"
#include "rgdquant/ihc.h"
#include "rgdquant/labels.h"
#include "rgdquant/line_fit.h"
#include "rgdquant/log.h"
#include "rgdquant/measure.h"
#include "rgdquant/ordinal.h"
#include "rgdquant/phantom.h"
#include "rgdquant/phantom_analysis.h"
#include "rgdquant/psf.h"
#include "rgdquant/pvc.h"
#include "rgdquant/quantify.h"
#include "rgdquant/recovery.h"
#include "rgdquant/regions.h"
#include "rgdquant/scan.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/segment.h"
#include "rgdquant/slide.h"
#include "rgdquant/slide_file.h"
#include "rgdquant/small_samples.h"
#include "rgdquant/statistic.h"
#include "rgdquant/surrogate.h"
#include "rgdquant/suv.h"
#include "rgdquant/table.h"
#include "rgdquant/target.h"
#include "rgdquant/tracer.h"
#include "rgdquant/unit.h"
#include "rgdquant/uptake_model.h"
#include "rgdquant/version.h"
#include "rgdquant/volume.h"

#endif
