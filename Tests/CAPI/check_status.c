/*
 * check_status.c - apart from check.c, because it needs the library: ffi.c is
 * not linked with it.
 */
#include <stdio.h>

#include "check.h"

int check_status(sio_status actual, sio_status expected, const char *what,
                 const char *file, int line) {
    if (!check_that(actual == expected, what, file, line)) {
        printf("  is %s (%d), expected %s\n", sio_status_name(actual),
               (int)actual, sio_status_name(expected));
        if (actual != SIO_OK) printf("  last error: %s\n", sio_last_error());
    }
    return actual == expected;
}
