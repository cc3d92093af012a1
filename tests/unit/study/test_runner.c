/* Cases that end in every way, with a shell script in place of the program: the case's tracer
 * tells it what to do. */
#include "rgdquant/study.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "study_folder.h"

static const char script[] =
    "#!/bin/sh\n"
    "for word; do case $word in --out=*) out=${word#--out=} ;; --tracer=*) do=${word#*=} ;;\n"
    "    --threads=*) threads=${word#*=} ;; esac; last=$word; done\n"
    "echo \"$last\"\n"
    "finish() { mkdir \"$out.tmp\" && echo '{\"run\": {}}' >\"$out.tmp/run.json\" &&\n"
    "    echo $threads >\"$out.tmp/threads\" && mv \"$out.tmp\" \"$out\"; }\n"
    "case $do in\n"
    "good) finish ;;\n"
    "bad) echo 'rgdquant quantify: format error: scan.nii: it is no scan' >&2; exit 1 ;;\n"
    "mute) exit 3 ;;\n"
    "talk) echo 'one'; printf 'last words'; exit 7 ;;\n"
    "crash) echo 'about to'; kill -SEGV $$ ;;\n"
    "hang) exec sleep 60 ;;\n"
    "deaf) trap '' TERM; sleep 60 & wait; sleep 60 ;;\n"
    "memory) echo 'rgdquant quantify: memory error: 9 GB could not be had' >&2; exit 1 ;;\n"
    "temp) echo 'rgdquant quantify: io error: o/.rgq-q1/a.png: disk full' >&2; exit 1 ;;\n"
    "flood) yes 0123456789012345678901234567890 | head -c 3000000; finish ;;\n"
    "slow) sleep 0.2; finish ;;\n"
    "esac\n";

static const struct timespec a_moment = {0, 10000000};
static rgq_study study;
static rgq_study_opts opts;
static char out_dir[256];
static char program[256];

static void set_up(void)
{
    begin();
    put("program", script);
    put("scan.nii", "x");
    (void)snprintf(program, sizeof program, "%s", in_folder("program"));
    (void)snprintf(out_dir, sizeof out_dir, "%s", in_folder("out"));
    ck_assert_int_eq(chmod(program, 0755), 0);
    const rgq_study_opts fresh = RGQ_STUDY_OPTS_INIT;
    opts = fresh;
    opts.out_dir = out_dir;
    opts.program = program;
    opts.data_dir = ".";
    study = (rgq_study){.cases = NULL};
}

static void add(const char *name, const char *what)
{
    rgq_case *one = NULL;
    MUST(rgq_study_add(&one, &study, name, in_folder("scan.nii"), NULL, err));
    MUST(rgq_case_set(one, "tracer", what, err));
}

static void tear_down(void)
{
    rgq_study_release(&study);
    end();
}

typedef struct ending {
    const char *what;
    rgq_case_status status;
    const char *words;
} ending;

static const ending endings[] = {
    {"good", RGQ_CASE_DONE, ""},
    {"flood", RGQ_CASE_DONE, ""},
    {"bad", RGQ_CASE_FAILED, "<scan>: it is no scan"},
    {"mute", RGQ_CASE_FAILED, "ended with code 3"},
    {"talk", RGQ_CASE_FAILED, "ended with code 7; its last words: last words"},
    {"crash", RGQ_CASE_KILLED, "signal 11, SIGSEGV: the program crashed"},
    {"memory", RGQ_CASE_FAILED, "9 GB could not be had; the limit was --mem-gb 4"},
    {"temp", RGQ_CASE_FAILED, "a.png: disk full"},
};

/* All of them at once: none hurts another. */
START_TEST(every_ending_is_a_row)
{
    rgq_case_outcome outcome[ROWS(endings)];
    char *text = NULL;
    size_t length = 0;

    set_up();
    for (int i = 0; i < ROWS(endings); i++)
        add(endings[i].what, endings[i].what);
    opts.jobs = _i;
    opts.threads = 3;
    opts.time_s = 60.0;
    opts.mem_mb = 4096.0;
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    for (int i = 0; i < ROWS(endings); i++) {
        ck_assert_msg(outcome[i].status == endings[i].status, "%s: %s, %s", endings[i].what,
                      rgq_case_status_name(outcome[i].status), outcome[i].reason);
        ck_assert_msg(strstr(outcome[i].reason, endings[i].words) != NULL, "%s: '%s'",
                      endings[i].what, outcome[i].reason);
        ck_assert_ptr_null(strstr(outcome[i].reason, ".rgq-"));
        ck_assert(outcome[i].ran && outcome[i].seconds >= 0.0 && outcome[i].seconds < 30.0);
        ck_assert(outcome[i].peak_mb > 0.1);
        ck_assert((outcome[i].status == RGQ_CASE_DONE) ==
                  rgq_path_exists(in_folder(i == 0   ? "out/good/run.json"
                                            : i == 1 ? "out/flood/run.json"
                                                     : "out/none")));
    }
    MUST(rgq_file_read(&text, &length, in_folder("out/good/threads"), 100, err));
    ck_assert_str_eq(text, "3\n");
    rgq_free(text);
    MUST(rgq_file_read(&text, &length, in_folder("out/logs/talk.log"), 1000, err));
    ck_assert_ptr_nonnull(strstr(text, "scan.nii\none\nlast words"));
    rgq_free(text);
    ck_assert(rgq_path_exists(in_folder("out/cases.tsv")));
    tear_down();
}
END_TEST

/* One that hears, and one that must be killed. */
START_TEST(a_case_that_hangs_is_ended)
{
    rgq_case_outcome outcome[2];

    set_up();
    add("hang", "hang");
    add("deaf", "deaf");
    opts.jobs = 2;
    opts.time_s = 0.6;
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(outcome[i].status, RGQ_CASE_TIMEOUT);
        ck_assert_str_eq(outcome[i].reason, "took longer than --time-min 0.01 allows");
        ck_assert(outcome[i].seconds < 30.0);
    }
    tear_down();
}
END_TEST

START_TEST(results_are_not_overwritten)
{
    rgq_case_outcome outcome[2];

    set_up();
    add("a", "good");
    add("b", "bad");
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    REFUSED(rgq_study_run(outcome, &study, &opts, NULL, err), RGQ_E_IO,
            "holds results of 1 of 2 cases (a, ...); --resume keeps");
    opts.force = true;
    put("out/a/old", "x");
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    ck_assert(outcome[0].ran && outcome[1].ran);
    ck_assert(!rgq_path_exists(in_folder("out/a/old")));
    tear_down();
}
END_TEST

START_TEST(one_case_alone)
{
    rgq_case_outcome outcome[3];

    set_up();
    add("a", "good");
    add("b", "good");
    add("c", "bad");
    opts.only = 1;
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    ck_assert(!rgq_path_exists(in_folder("out/a")) && rgq_path_exists(in_folder("out/b")));
    ck_assert_int_eq(outcome[0].status, RGQ_CASE_SKIPPED);
    ck_assert_int_eq(outcome[1].status, RGQ_CASE_DONE);
    opts.only = 2;
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    ck_assert_int_eq(outcome[1].status, RGQ_CASE_DONE); /* as the other task left it */
    ck_assert_int_eq(outcome[2].status, RGQ_CASE_FAILED);
    opts.only = 3;
    REFUSED(rgq_study_run(outcome, &study, &opts, NULL, err), RGQ_E_ARGUMENT, "case 3 alone");
    tear_down();
}
END_TEST

START_TEST(two_batches_in_one_folder)
{
    rgq_case_outcome outcome[1];
    rgq_error none = RGQ_ERROR_INIT;

    set_up();
    add("a", "hang");
    opts.time_s = 7.0; /* longer than the other one is willing to wait */
    const pid_t other = fork();
    if (other == 0)
        _exit(rgq_study_run(outcome, &study, &opts, NULL, &none) == RGQ_OK ? 0 : 1);
    for (int i = 0; i < 200 && !rgq_path_exists(in_folder("out/logs/a.log")); i++)
        (void)nanosleep(&a_moment, NULL);
    REFUSED(rgq_study_run(outcome, &study, &opts, NULL, err), RGQ_E_IO,
            "another batch works in");
    int status = 1;
    ck_assert_int_eq(waitpid(other, &status, 0), other);
    ck_assert_int_eq(status, 0);
    tear_down();
}
END_TEST

START_TEST(a_parent_that_is_killed_takes_its_workers_along)
{
    rgq_case_outcome outcome[2];
    rgq_error none = RGQ_ERROR_INIT;

    set_up();
    add("a", "hang");
    add("b", "hang");
    opts.jobs = 2;
    const pid_t other = fork();
    if (other == 0)
        _exit(rgq_study_run(outcome, &study, &opts, NULL, &none) == RGQ_OK ? 0 : 1);
    for (int i = 0; i < 200 && !rgq_path_exists(in_folder("out/logs/b.log")); i++)
        (void)nanosleep(&a_moment, NULL);
    ck_assert_int_eq(kill(other, SIGKILL), 0);
    int status = 0;
    ck_assert_int_eq(waitpid(other, &status, 0), other);
    /* the lock is free only when they are gone; a hanging one would hold it for 60 s */
    rgq_study_release(&study);
    add("a", "good");
    add("b", "good");
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    ck_assert_int_eq(outcome[0].status, RGQ_CASE_DONE);
    tear_down();
}
END_TEST

START_TEST(a_program_that_is_not_there)
{
    rgq_case_outcome outcome[1];

    set_up();
    add("a", "good");
    opts.program = "/no/such/program";
    MUST(rgq_study_run(outcome, &study, &opts, NULL, err));
    ck_assert_int_eq(outcome[0].status, RGQ_CASE_FAILED);
    ck_assert_ptr_nonnull(strstr(outcome[0].reason, "could not be started"));
    opts.out_dir = "/proc/none";
    REFUSED(rgq_study_run(outcome, &study, &opts, NULL, err), RGQ_E_IO, "/proc/none");
    tear_down();
}
END_TEST

int main(void)
{
    RGQ_CHECK_RUN("runner", tcase_add_loop_test(tc, every_ending_is_a_row, 1, 4);
                  tcase_add_test(tc, a_case_that_hangs_is_ended);
                  tcase_add_test(tc, results_are_not_overwritten);
                  tcase_add_test(tc, one_case_alone);
                  tcase_add_test(tc, two_batches_in_one_folder);
                  tcase_add_test(tc, a_parent_that_is_killed_takes_its_workers_along);
                  tcase_add_test(tc, a_program_that_is_not_there));
}
