/* later */
#include "rgdquant/ihc.h"
#include "rgq_check.h"
START_TEST(a)
{
    ck_assert(1);
}
END_TEST
RGQ_CHECK_MAIN("x", tcase_add_test(tc, a))
