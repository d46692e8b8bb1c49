/*
 * mutex.c - tells ThreadSanitizer of Swift's Mutex.
 *
 * Where threads wait for a Mutex it is handed over in a part of Swift's runtime
 * that is not instrumented, so that the order of what they do under it is not
 * seen: reports of races that are none. These functions stand before those of
 * the runtime: linked into a program, or with LD_PRELOAD. To suppress reports of
 * what is done under a Mutex would hide those of what is also done without it.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

/* Of the sanitizer, which is in the program; `swift test` has others besides. */
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

typedef SWIFT void lock_fn(uint32_t thread, SELF void *self);
typedef SWIFT void unlock_fn(SELF void *self);

/* _MutexHandle._lockSlow(UInt32), and _unlockSlow() */
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

lock_fn lock_slow __asm__(LOCK);
unlock_fn unlock_slow __asm__(UNLOCK);

static lock_fn *real_lock;
static unlock_fn *real_unlock;

__attribute__((constructor)) static void find(void) {
    real_lock = (lock_fn *)dlsym(RTLD_NEXT, LOCK);
    real_unlock = (unlock_fn *)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF void *self) {
    real_lock(thread, self);
    if (__tsan_acquire != NULL) __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF void *self) {
    if (__tsan_release != NULL) __tsan_release(self);
    real_unlock(self);
}
