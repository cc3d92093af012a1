/* dose/svalues.c: a matrix, its text, and what is made of a damaged one. */
#include <math.h>
#include <string.h>

#include "dose/material.h"
#include "dose/svalues.h"
#include "rgq_check.h"

enum { SIDE = 20 };

/* A wall about contents, in nothing. */
static rgq_anatomy *bladder(void)
{
    rgq_anatomy *body = NULL;
    size_t i = 0;

    MUST(rgq_anatomy_create(&body, "bladder", (const int[3]){SIDE, SIDE, SIDE},
                            (const double[3]){5, 5, 5}, false, err));
    body->n_organs = 2;
    body->organs[0] = (rgq_organ){.name = "contents", .is_contents = true, .wall_of = -1};
    body->organs[1] = (rgq_organ){.name = "wall", .wall_of = 0};
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++, i++) {
                const double r = 5.0 * sqrt((x - 9.5) * (x - 9.5) + (y - 9.5) * (y - 9.5) +
                                            (z - 9.5) * (z - 9.5));
                body->organ[i] = r < 36.0 ? 1 : r < 42.0 ? 2 : 0;
                body->material[i] = r < 42.0 ? RGQ_MATERIAL_SOFT : RGQ_MATERIAL_VOID;
            }
    rgq_anatomy_weigh(body);
    return body;
}

static rgq_svalues *matrix(const rgq_anatomy *body, double yield)
{
    rgq_line photon = {0.511, yield};
    rgq_line electron = {0.25, 1.0};
    const rgq_spectrum spectrum = {.nuclide = "F-18",
                                   .n_photons = 1,
                                   .photon = &photon,
                                   .n_electrons = 1,
                                   .electron = &electron,
                                   .electron_mev = 0.25};
    const double wall[2] = {(double)NAN, 0.084};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_svalues *s = NULL;

    opts.histories = 20000;
    MUST(rgq_svalues_compute(&s, body, &spectrum, wall, &opts, NULL, err));
    return s;
}

/* Charged particles in closed form: E / m in the contents, half of that at their surface, 8.4 %
 * of the half on average in the wall; nothing back into the contents. */
START_TEST(charged_particles)
{
    rgq_anatomy *body = bladder();
    rgq_svalues *s = matrix(body, 2.0);
    const double self = 0.25 * rgq_mgy_per_mev_g / body->organs[0].mass_g;

    ck_assert_double_eq_tol(s->electron[0] / self, 1.0, 1e-14);
    ck_assert_double_eq_tol(s->electron_surface[1] / (0.5 * self), 1.0, 1e-14);
    ck_assert_double_eq_tol(s->electron[1] / (0.5 * 0.084 * self), 1.0, 1e-14);
    ck_assert(s->electron[2] == 0.0 && s->electron_surface[2] == 0.0);
    rgq_svalues_free(s);
    rgq_anatomy_free(body);
}
END_TEST

/* Photons go both ways alike per mass (reciprocity, uniform sources, 4 % of noise), and twice
 * the yield is twice the dose. */
START_TEST(photons)
{
    rgq_anatomy *body = bladder();
    rgq_svalues *s = matrix(body, 1.0);
    rgq_svalues *twice = matrix(body, 2.0);

    ck_assert_double_eq_tol(s->photon[1] / s->photon[2], 1.0, 0.04);
    ck_assert_double_eq_tol(twice->photon[0] / s->photon[0], 2.0, 1e-12);
    ck_assert(s->photon_sd[0] > 0.0 && s->photon_sd[0] < 0.02 * s->photon[0]);
    ck_assert_str_ne(s->key, twice->key);
    rgq_svalues_free(s);
    rgq_svalues_free(twice);
    rgq_anatomy_free(body);
}
END_TEST

/* Text reads back to the same bits; any byte changed, or the end lost, is seen. */
START_TEST(text_and_damage)
{
    rgq_anatomy *body = bladder();
    rgq_svalues *s = matrix(body, 1.0);
    rgq_svalues *back = NULL;
    char *text = NULL;

    MUST(rgq_svalues_print(&text, s, err));
    const size_t length = strlen(text);
    MUST(rgq_svalues_parse(&back, text, length, s->key, err));
    ck_assert_int_eq(back->n, 2);
    ck_assert_str_eq(back->organ[1], "wall");
    ck_assert(memcmp(back->photon, s->photon, 4 * sizeof(double)) == 0);
    ck_assert(memcmp(back->electron, s->electron, 4 * sizeof(double)) == 0);
    rgq_svalues_free(back);
    REFUSED(rgq_svalues_parse(&back, text, length, "0", err), RGQ_E_FORMAT, "of another body");
    ck_assert_ptr_null(back);
    for (size_t i = 0; i < length; i += 7) {
        text[i] = (char)(text[i] ^ 1);
        REFUSED(rgq_svalues_parse(&back, text, length, s->key, err), RGQ_E_FORMAT, "damaged");
        text[i] = (char)(text[i] ^ 1);
    }
    for (size_t cut = 0; cut < length; cut += 13)
        REFUSED(rgq_svalues_parse(&back, text, cut, s->key, err), RGQ_E_FORMAT, "damaged");
    TORTURE(rgq_svalues_parse(&back, text, length, s->key, err), rgq_svalues_free(back), 4);
    rgq_free(text);
    rgq_svalues_free(s);
    rgq_anatomy_free(body);
}
END_TEST

RGQ_CHECK_MAIN("dose.svalues", tcase_add_test(tc, charged_particles);
               tcase_add_test(tc, photons); tcase_add_test(tc, text_and_damage))
