/* process.c - /proc, and the clock that counts a process's CPU time. */
#include "process.h"

#include "clock.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

/* Finer than /proc/PID/stat, which counts in hundredths of a second. */
uint64_t process_cpu(int pid) {
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    struct timespec time;
    if ((pid != 0 && clock_getcpuclockid(pid, &clock) != 0) ||
        clock_gettime(clock, &time) != 0)
        fail("--pid %d: there is no such process", pid);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* smaps_rollup counts pages; the number in statm may be a few hundred off. */
uint64_t process_rss_kb(int pid) {
    static const char *const files[] = {"smaps_rollup", "status"};
    static const char *const lines[] = {"Rss: %llu", "VmRSS: %llu"};
    for (int i = 0; i < 2; i++) {
        char path[64], line[256];
        unsigned long long kb = 0;
        snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
        FILE *file = fopen(path, "r");
        while (file != NULL && kb == 0 && fgets(line, sizeof line, file))
            if (sscanf(line, lines[i], &kb) != 1) kb = 0;
        if (file != NULL) fclose(file);
        if (kb > 0) return kb;
    }
    fail("--pid %d: cannot read /proc/%d/smaps_rollup: is the server running, "
         "and may this user see it?",
         pid, pid);
}
