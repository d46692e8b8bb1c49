/* measure.c - warming up, measuring, and the figures that all works have. */
#include "measure.h"

#include "loop.h"
#include "options.h"
#include "process.h"
#include "report.h"

struct measure measure;

void measure_run(void) {
    measure.begin = measure.end = NEVER;
    if (options.warmup > 0)
        loop_run(clock_now() + seconds_to_ns(options.warmup), NULL);
    uint64_t load = process_cpu(0);
    uint64_t server = options.pid != 0 ? process_cpu(options.pid) : 0;
    measure.begin = clock_now();
    measure.end = measure.begin + seconds_to_ns(options.seconds);
    loop_run(measure.end, NULL);
    measure.load_cpu = process_cpu(0) - load;
    if (options.pid != 0)
        measure.server_cpu = process_cpu(options.pid) - server;
}

void measure_report(uint64_t messages, const struct histogram *latency) {
    double time = (double)(measure.end - measure.begin);
    report_number("messages", (double)messages);
    report_number("rate", (double)messages / (time / 1e9));
    report_latency("", latency, true);
    report_number("load_cpu", (double)measure.load_cpu / time);
    if (options.pid != 0) {
        report_number("server_cpu", (double)measure.server_cpu / time);
        if (messages > 0)
            report_number("cpu_us_per_message",
                          (double)measure.server_cpu / 1e3 / (double)messages);
    }
    if (measure.reordered > 0)
        report_number("reordered", (double)measure.reordered);
}
