/* process.h - what a process uses: CPU time and memory. */
#ifndef LOAD_PROCESS_H
#define LOAD_PROCESS_H

#include <stdint.h>

/* CPU time in ns of all threads, those that ended too. 0 is this process. */
uint64_t process_cpu(int pid);
/* Resident memory. */
uint64_t process_rss_kb(int pid);

#endif
