#include "cli/segment_words.h"

#include <string.h>

#include "core/banned.h"

rgq_status rgq_segment_words_check(const rgq_segment_words *words, rgq_error *err)
{
    if (words->split && !words->components)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--split parts lesions into regions; give --components as well");
    return RGQ_OK;
}

void rgq_segment_words_take(rgq_segment_opts *to, const rgq_segment_words *words)
{
    to->has_seed = words->seed_mm.count == 3;
    memcpy(to->seed_mm, words->seed_mm.value, sizeof to->seed_mm);
    to->exclude_margin_mm = words->exclude_margin_mm;
    to->open_mm = words->open_mm;
    to->close_mm = words->close_mm;
    to->smooth_mm = words->smooth_mm;
    to->fill_holes = words->fill_holes;
    to->erode_mm = words->erode_mm;
    to->dilate_mm = words->dilate_mm;
    to->split_depth = words->split ? words->split_depth : 0.0;
    to->components = words->components;
    to->connectivity = words->connectivity[0] == '6'   ? 6
                       : words->connectivity[0] == '1' ? 18
                                                       : 26;
    to->min_volume_ml = words->min_volume_ml;
}
