/*
 * status.c - versions, names of statuses, the last error.
 */
#include "serve.h"

#define CHECK_NAME(status) CHECK_TEXT(sio_status_name(status), #status)

static void names(void) {
    CHECK_NAME(SIO_OK);
    CHECK_NAME(SIO_E_ARGUMENT);
    CHECK_NAME(SIO_E_HANDLE);
    CHECK_NAME(SIO_E_STATE);
    CHECK_NAME(SIO_E_DEADLOCK);
    CHECK_NAME(SIO_E_FORKED);
    CHECK_NAME(SIO_E_JSON);
    CHECK_NAME(SIO_E_RESERVED);
    CHECK_NAME(SIO_E_LIMIT);
    CHECK_NAME(SIO_E_MEMORY);
    CHECK_NAME(SIO_E_ADDRESS_IN_USE);
    CHECK_NAME(SIO_E_PERMISSION);
    CHECK_NAME(SIO_E_HOST);
    CHECK_NAME(SIO_E_SYSTEM);
    CHECK_NAME(SIO_E_TIMEOUT);
    CHECK_NAME(SIO_E_DISCONNECTED);
    CHECK_NAME(SIO_E_CLOSED);
    CHECK_NAME(SIO_E_INTERNAL);
    CHECK_TEXT(sio_status_name(1), "SIO_E_UNKNOWN");
    CHECK_TEXT(sio_status_name(-12345), "SIO_E_UNKNOWN");
    CHECK_TEXT(sio_status_name(INT32_MIN), "SIO_E_UNKNOWN");
    CHECK_TEXT(sio_status_name(INT32_MAX), "SIO_E_UNKNOWN");
}

static void versions(void) {
    CHECK_TEXT(sio_version(), SIO_VERSION_STRING);
    CHECK_NUMBER(sio_version_number(), SIO_VERSION_NUMBER);
    CHECK_NUMBER(sio_abi_version(), SIO_ABI_VERSION);
}

static void features(void) {
    CHECK_NUMBER(sio_has_feature("server"), 1);
    CHECK_NUMBER(sio_has_feature("engine.io-4"), 1);
    CHECK_NUMBER(sio_has_feature("socket.io-5"), 1);
    CHECK_NUMBER(sio_has_feature("polling"), 1);
    CHECK_NUMBER(sio_has_feature("websocket"), 1);
    CHECK_NUMBER(sio_has_feature("queued-dispatch"), 1);
    CHECK_NUMBER(sio_has_feature("teleport"), 0);
    CHECK_NUMBER(sio_has_feature(""), 0);
    CHECK_NUMBER(sio_has_feature(NULL), 0);
}

static void *no_error_yet(void *unused) {
    (void)unused;
    CHECK_TEXT(sio_last_error(), "");
    return NULL;
}

static void last_error(void) {
    pthread_t other;
    sio_server server = {0};
    const char *held;
    CHECK_TEXT(sio_last_error(), "");
    CHECK_STATUS(sio_server_new(NULL, NULL), SIO_E_ARGUMENT);
    CHECK(sio_last_error()[0] != '\0');
    CHECK_STATUS(sio_server_close(server), SIO_E_HANDLE);
    CHECK(sio_last_error()[0] != '\0');
    held = sio_last_error();
    CHECK_STATUS(sio_server_new(NULL, NULL), SIO_E_ARGUMENT);
    CHECK_TEXT(held, sio_last_error()); /* it is the same memory */
    pthread_create(&other, NULL, no_error_yet, NULL);
    pthread_join(other, NULL);
    CHECK(sio_last_error()[0] != '\0');
}

int main(void) {
    last_error(); /* first: no call has failed yet */
    names();
    versions();
    features();
    sio_free(NULL);
    return check_total();
}
