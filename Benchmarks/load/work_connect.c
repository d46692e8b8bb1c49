#include "works.h"
#include "report.h"
void work_connect(void) {
    usage_error("not yet");
}
