#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed_count;
static int failed_count;

static int count(int passed) {
    if (!passed) fflush(stdout); /* seen even if the program is killed */
    __atomic_add_fetch(passed ? &passed_count : &failed_count, 1,
                       __ATOMIC_SEQ_CST);
    return passed;
}

int check_that(int passed, const char *what, const char *file, int line) {
    if (!passed) printf("FAILED %s:%d: %s\n", file, line, what);
    return count(passed);
}

int check_text(const char *actual, const char *expected, const char *what,
               const char *file, int line) {
    int passed = actual != NULL && strcmp(actual, expected) == 0;
    if (!passed)
        printf("FAILED %s:%d: %s\n  is       %s\n  expected %s\n", file, line,
               what, actual ? actual : "(none)", expected);
    return count(passed);
}

int check_number(long long actual, long long expected, const char *what,
                 const char *file, int line) {
    if (actual != expected)
        printf("FAILED %s:%d: %s is %lld, expected %lld\n", file, line, what,
               actual, expected);
    return count(actual == expected);
}

void check_skip(const char *why) {
    printf("skipped: %s\n", why);
}

void check_add(int passed, int failed) {
    __atomic_add_fetch(&passed_count, passed, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&failed_count, failed, __ATOMIC_SEQ_CST);
}

int check_passed(void) {
    return __atomic_load_n(&passed_count, __ATOMIC_SEQ_CST);
}

int check_failed(void) {
    return __atomic_load_n(&failed_count, __ATOMIC_SEQ_CST);
}

int check_total(void) {
    printf("TOTAL %d %d\n", check_passed(), check_failed());
    fflush(stdout);
    return check_failed() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void check_give_up(void) {
    printf("cannot go on\n");
    check_total();
    _Exit(EXIT_FAILURE);
}
