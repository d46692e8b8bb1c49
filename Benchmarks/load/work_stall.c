#include "works.h"
#include "report.h"
void work_stall(void) {
    usage_error("not yet");
}
