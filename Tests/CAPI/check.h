/*
 * check.h - counting checks. A failed one says where and what, and the program
 * goes on; the last line of a program's output is TOTAL <passed> <failed>.
 */
#ifndef CHECK_H
#define CHECK_H

#include <socketio.h>

/* That something holds. */
#define CHECK(condition) \
    check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

/* That a call returns a status. */
#define CHECK_STATUS(call, expected) \
    check_status((call), (expected), #call, __FILE__, __LINE__)

/* That two texts are the same. */
#define CHECK_TEXT(actual, expected) \
    check_text((actual), (expected), #actual, __FILE__, __LINE__)

/* That two numbers are the same. */
#define CHECK_NUMBER(actual, expected)                                \
    check_number((long long)(actual), (long long)(expected), #actual, \
                 __FILE__, __LINE__)

/* Like CHECK, but the program cannot go on without it. */
#define REQUIRE(condition)                                                    \
    do {                                                                      \
        if (!check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)) \
            check_give_up();                                                  \
    } while (0)

#ifdef __cplusplus
extern "C" {
#endif

/* All return 1 if the check passed. Callable from every thread. */
int check_that(int passed, const char *what, const char *file, int line);
int check_status(sio_status actual, sio_status expected, const char *what,
                 const char *file, int line);
int check_text(const char *actual, const char *expected, const char *what,
               const char *file, int line);
int check_number(long long actual, long long expected, const char *what,
                 const char *file, int line);

/* Says that something could not be tried here; neither passed nor failed. */
void check_skip(const char *why);

/* Adds what another process counted. */
void check_add(int passed, int failed);
int check_passed(void);
int check_failed(void);

/* Prints the totals; the program's exit status. */
int check_total(void);
void check_give_up(void);

#ifdef __cplusplus
}
#endif

#endif
