/* Regions that other programs wrote: RTSTRUCT, DICOM SEG. */
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"
#include "rgq_reference.h"

static rgq_scan scan;
static rgq_regions *regions;
static rgq_regions *mask;

static void begin(void)
{
    scan = (rgq_scan){0};
    regions = mask = NULL;
}

static void end(void)
{
    rgq_regions_free(regions);
    rgq_regions_free(mask);
    rgq_scan_release(&scan);
}

static int n_voxels(const rgq_region *region)
{
    int n = 0;
    for (int i = 0; i < region->n[0] * region->n[1] * region->n[2]; i++)
        n += region->weight[i] > 0.0F;
    return n;
}

/* The published mask of the same region: every voxel the same. */
START_TEST(rtstruct_is_the_mask)
{
    static const struct {
        const char *name;
        int n_voxels;
    } rows[] = {{"STS_002", 555}, {"STS_003", 817}};
    char path[256];

    (void)snprintf(path, sizeof path, "sts-pet/%s-dicom/PET/image", rows[_i].name);
    MUST(rgq_scan_read(&scan, reference_path(path), NULL, NULL, err));
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    (void)snprintf(path, sizeof path, "sts-pet/%s-dicom/PET/mask", rows[_i].name);
    MUST(rgq_regions_read_on(&regions, reference_path(path), grid, NULL, NULL, err));
    (void)snprintf(path, sizeof path, "sts-pet/%s-nifti/PET_mask.nii.gz", rows[_i].name);
    MUST(rgq_regions_read_on(&mask, reference_path(path), grid, NULL, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    const rgq_region *a = rgq_regions_at(regions, 0);
    const rgq_region *b = rgq_regions_at(mask, 0);
    ck_assert_str_eq(a->name, "GTV_Mass_PET");
    ck_assert_int_eq(n_voxels(a), rows[_i].n_voxels);
    ck_assert_mem_eq(a->lo, b->lo, sizeof a->lo);
    ck_assert_mem_eq(a->n, b->n, sizeof a->n);
    ck_assert_mem_eq(a->weight, b->weight,
                     sizeof(float) * (size_t)(a->n[0] * a->n[1] * a->n[2]));
}
END_TEST

/* The SUV reference objects come with contours on 16 of their 20 slices. */
START_TEST(rtstruct_of_suv_objects)
{
    static const char *const objects[] = {"DRO_0_0", "DRO_1_0", "DRO_2_0", "DRO_3_1",
                                          "DRO_5_0"};
    char path[256];

    (void)snprintf(path, sizeof path, "suv-dro/%s/PT", objects[_i]);
    MUST(rgq_scan_read(&scan, reference_path(path), NULL, NULL, err));
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    (void)snprintf(path, sizeof path, "suv-dro/%s/RS", objects[_i]);
    MUST(rgq_regions_read_on(&regions, reference_path(path), grid, NULL, NULL, err));
    const rgq_region *region = rgq_regions_at(regions, 0);
    ck_assert_str_eq(region->name, "region_1");
    ck_assert_int_eq(region->label, 3);
    ck_assert_int_eq(region->n[2], 16);
    ck_assert_int_eq(n_voxels(region), 174690);
}
END_TEST

/* As highdicom counts them. */
START_TEST(segments)
{
    MUST(rgq_regions_read(&regions, reference_path("seg/seg_image_ct_binary.dcm"), NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "first segment");
    ck_assert_int_eq(n_voxels(rgq_regions_at(regions, 0)), 638);
    ck_assert_int_eq(rgq_regions_grid(regions)->n[2], 3);
    MUST(rgq_regions_read(&mask, reference_path("seg/seg_image_ct_binary_overlap.dcm"), NULL,
                          err));
    ck_assert_int_eq(rgq_regions_count(mask), 2);
    ck_assert_int_eq(n_voxels(rgq_regions_at(mask, 0)), 64);
    ck_assert_int_eq(n_voxels(rgq_regions_at(mask, 1)), 16);
    ck_assert_str_eq(rgq_regions_at(mask, 1)->name, "second segment");
    ck_assert_int_eq(rgq_regions_grid(mask)->n[2], 165); /* of which four have frames */
}
END_TEST

int main(void)
{
    RGQ_NEED_REFERENCE();
    RGQ_CHECK_RUN("regions", tcase_add_checked_fixture(tc, begin, end);
                  tcase_add_loop_test(tc, rtstruct_is_the_mask, 0, 2);
                  tcase_add_loop_test(tc, rtstruct_of_suv_objects, 0, 5);
                  tcase_add_test(tc, segments));
}
