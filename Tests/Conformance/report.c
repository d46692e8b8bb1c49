#include "report.h"

#include <stdio.h>
#include <stdlib.h>

void report(const char *kind, sio_text nsp, const char *id, sio_text detail) {
    flockfile(stdout);
    printf("%s\t%.*s\t%s\t%.*s\n", kind, (int)nsp.length,
           nsp.data ? nsp.data : "", id, (int)detail.length,
           detail.data ? detail.data : "");
    fflush(stdout);
    funlockfile(stdout);
}

char *quoted(sio_text text) {
    char *result = malloc(text.length * 6 + 3), *to = result;
    size_t i;
    *to++ = '"';
    for (i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20) {
            to += sprintf(to, "\\u%04x", c);
        } else {
            if (c == '"' || c == '\\') *to++ = '\\';
            *to++ = (char)c;
        }
    }
    *to++ = '"';
    *to = '\0';
    return result;
}

char *prepended(const char *first, sio_text args) {
    size_t size = strlen(first) + args.length + 3;
    char *result = malloc(size);
    /* "[]" and "[ ]" have nothing for a comma to separate. */
    size_t start = 1;
    while (start < args.length && args.data[start] == ' ') start++;
    if (start + 1 >= args.length)
        snprintf(result, size, "[%s]", first);
    else
        snprintf(result, size, "[%s,%.*s", first, (int)(args.length - 1),
                 args.data + 1);
    return result;
}
