#include "works.h"
#include "report.h"
void work_broadcast(void) {
    usage_error("not yet");
}
