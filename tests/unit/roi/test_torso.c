/* The methods that find one lesion, on the noisy torso phantom: 6 mm PSF, 10 % noise, 3 mm. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/phantom.h"
#include "rgdquant/segment.h"
#include "rgq_check.h"

/* Lesions of at least 15 mm and a contrast of at least 4 to what they lie in. */
static const char *const lesions[] = {"lesion-4-muscle-17mm", "lesion-7-muscle-34mm",
                                      "lesion-8-lung-40mm"};
static const double centres_mm[][3] = {{-95, 45, -110}, {55, 51, -120}, {77, -16, 107}};

static void make(rgq_phantom_scan *scan, uint64_t seed)
{
    rgq_phantom *phantom = NULL;
    rgq_phantom_opts opts = RGQ_PHANTOM_OPTS_INIT;

    opts.psf_mm[0] = opts.psf_mm[1] = opts.psf_mm[2] = 6.0;
    opts.noise_percent = 10.0;
    opts.seed = seed;
    opts.half_life_s = 6586.2; /* F-18 */
    MUST(rgq_phantom_load(&phantom, RGQ_SOURCE_DIR "/phantoms/rgd-torso.json", err));
    MUST(rgq_phantom_make(scan, phantom, &opts, NULL, err));
    rgq_phantom_free(phantom);
}

static bool is_in(const rgq_region *region, int x, int y, int z)
{
    const int at[3] = {x - region->lo[0], y - region->lo[1], z - region->lo[2]};

    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= region->n[a])
            return false;
    return region->weight[(at[2] * region->n[1] + at[1]) * region->n[0] + at[0]] >= 0.5f;
}

/* 2 |A and B| / (|A| + |B|), over the whole grid. */
static double dice(const rgq_region *a, const rgq_region *b, const rgq_grid *grid)
{
    int both = 0;
    int sum = 0;

    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++) {
                const bool in_a = is_in(a, x, y, z);
                const bool in_b = is_in(b, x, y, z);
                both += in_a && in_b;
                sum += (int)in_a + (int)in_b;
            }
    return 2.0 * both / sum;
}

static double dice_of(const rgq_phantom_scan *scan, const char *spec, int lesion, double off_mm)
{
    rgq_regions *found = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    opts.has_seed = true;
    opts.psf_mm = 6.0;
    for (int a = 0; a < 3; a++)
        opts.seed_mm[a] = centres_mm[lesion][a] + (a == 0 ? off_mm : 0.0);
    if (rgq_segment(&found, scan->volume, spec, &opts, NULL, NULL, NULL)!=RGQ_OK) return -1;
    const double d = dice(rgq_regions_at(found, 0),
                          rgq_regions_find(scan->regions, lesions[lesion]),
                          rgq_volume_grid(scan->volume));
    rgq_regions_free(found);
    return d;
}

/* Dice of at least 0.85, for two draws of the noise and a seed 3 mm off the centre. */
START_TEST(lesions_are_found)
{
    static const char *const spec[] = {"walker:30","walker","walker:300","gmm","gmm:2","gmm:4","gmm:5"};
    rgq_phantom_scan scan = {0};

    make(&scan, (uint64_t)_i + 1);
    for (int s = 0; s < ROWS(spec); s++)
        for (int l = 0; l < ROWS(lesions); l++) {
            const double d = dice_of(&scan, spec[s], l, _i == 0 ? 0.0 : 3.0);
            printf("%s%s %.3f", l==0?"\n":"", l==0?spec[s]:"", d);
            fflush(stdout);
        }
    rgq_phantom_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("roi.torso", tcase_add_loop_test(tc, lesions_are_found, 0, 2))
