#include "pipeline/chain.h"

#include <string.h>

#include "rgq_check.h"

static rgq_stage stage(const char *name, rgq_kind takes, rgq_kind gives)
{
    return (rgq_stage){.name = name,
                       .takes = {takes},
                       .takes_unit = RGQ_UNIT_ANY,
                       .gives = gives,
                       .gives_unit = RGQ_UNIT_SAME,
                       .cite = ""};
}

static void add(rgq_chain *chain, const char *name, rgq_kind takes, rgq_kind gives)
{
    const rgq_stage s = stage(name, takes, gives);
    rgq_chain_add(chain, &s);
}

/* scan, calibrate to Bq/mL, filter */
static rgq_chain short_chain(void)
{
    rgq_chain chain = {.count = 0};
    add(&chain, "scan", RGQ_KIND_FILES, RGQ_KIND_SCAN);
    add(&chain, "calibrate", RGQ_KIND_SCAN, RGQ_KIND_VOLUME);
    chain.stage[1].gives_unit = RGQ_UNIT_BQ_ML;
    add(&chain, "filter", RGQ_KIND_VOLUME, RGQ_KIND_VOLUME);
    return chain;
}

START_TEST(a_chain_that_fits)
{
    rgq_chain chain = short_chain();

    MUST(rgq_chain_check(&chain, err));
    add(&chain, "suv", RGQ_KIND_VOLUME, RGQ_KIND_VOLUME);
    chain.stage[3].takes_unit = RGQ_UNIT_BQ_ML;
    chain.stage[3].gives_unit = RGQ_UNIT_SUV_BW;
    MUST(rgq_chain_check(&chain, err));
    ck_assert_ptr_eq(rgq_chain_find(&chain, "filter"), &chain.stage[2]);
    ck_assert_ptr_null(rgq_chain_find(&chain, "filters"));
}
END_TEST

START_TEST(a_kind_that_nobody_gives)
{
    rgq_chain chain = short_chain();

    add(&chain, "measure", RGQ_KIND_VOLUME, RGQ_KIND_MEASURES);
    chain.stage[3].takes[1] = RGQ_KIND_REGIONS;
    REFUSED(rgq_chain_check(&chain, err), RGQ_E_ARGUMENT,
            "step 4: measure takes regions, but no step before it gives any");
    chain.stage[3].remedy = "give --regions";
    REFUSED(rgq_chain_check(&chain, err), RGQ_E_ARGUMENT, "gives any; give --regions");
    /* what comes later does not help */
    add(&chain, "regions", RGQ_KIND_FILES, RGQ_KIND_REGIONS);
    REFUSED(rgq_chain_check(&chain, err), RGQ_E_ARGUMENT, "step 4");
}
END_TEST

START_TEST(a_unit_that_does_not_fit)
{
    rgq_chain chain = short_chain();

    add(&chain, "percist", RGQ_KIND_VOLUME, RGQ_KIND_REGIONS);
    chain.stage[3].takes_unit = RGQ_UNIT_SUV_BW;
    REFUSED(rgq_chain_check(&chain, err), RGQ_E_UNIT,
            "step 4: percist takes a volume in SUVbw, but calibrate gives one in Bq/mL");
    chain.stage[1].gives_unit = RGQ_UNIT_ANY; /* known only once it ran */
    MUST(rgq_chain_check(&chain, err));
}
END_TEST

START_TEST(printed)
{
    rgq_chain chain = short_chain();
    char *text = NULL;
    rgq_json *list = NULL;

    chain.stage[2].cite = "Wahl2009";
    (void)strncpy(chain.stage[2].parameter, "gaussian:6 (command line)",
                  sizeof chain.stage[2].parameter - 1);
    MUST(rgq_chain_print(&text, &chain, err));
    ck_assert_str_eq(text, "step          takes   gives               parameters (origin)\n"
                           " 1 scan       files   scan\n"
                           " 2 calibrate  scan    volume [Bq/mL]\n"
                           " 3 filter     volume  volume [same unit]  gaussian:6 (command line)"
                           "  cite:Wahl2009\n");
    rgq_free(text);
    MUST(rgq_chain_json(&list, &chain, err));
    ck_assert_uint_eq(rgq_json_count(list), 3);
    ck_assert_str_eq(rgq_json_text(rgq_json_get(rgq_json_at(list, 2), "gives"), ""),
                     "volume [same unit]");
    rgq_json_free(list);
    TORTURE(rgq_chain_print(&text, &chain, err), rgq_free(text); text = NULL, 1);
    TORTURE(rgq_chain_json(&list, &chain, err), rgq_json_free(list); list = NULL, 0);
}
END_TEST

RGQ_CHECK_MAIN("chain", tcase_add_test(tc, a_chain_that_fits);
               tcase_add_test(tc, a_kind_that_nobody_gives);
               tcase_add_test(tc, a_unit_that_does_not_fit); tcase_add_test(tc, printed))
