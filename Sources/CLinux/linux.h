/* What Linux has and the Swift standard library's module of glibc leaves out. */
#include <sys/eventfd.h>
