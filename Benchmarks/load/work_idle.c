#include "works.h"
#include "report.h"
void work_idle(void) {
    usage_error("not yet");
}
