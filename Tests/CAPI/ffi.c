/*
 * ffi.c - the library as a dynamic language uses it: found by dlopen and dlsym,
 * called through libffi with types described at run time, called back through
 * closures. Nothing here is linked with libsocketio; the header serves for its
 * constants and for comparing layouts. argv[1] is the library's path.
 */
#include <dlfcn.h>
#include <ffi.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "raw_client.h"

/* Types, as a binding would describe them */

static ffi_type *text_fields[] = {&ffi_type_pointer, &ffi_type_uint64, NULL};
static ffi_type *handle_fields[] = {&ffi_type_uint64, NULL};
static ffi_type text_type = {0, 0, FFI_TYPE_STRUCT, text_fields};
static ffi_type handle_type = {0, 0, FFI_TYPE_STRUCT, handle_fields};

static ffi_type *event_fields[] = {&ffi_type_uint64,
                                   &ffi_type_sint32,
                                   &ffi_type_sint32,
                                   &ffi_type_sint32,
                                   &handle_type,
                                   &handle_type,
                                   &handle_type,
                                   &handle_type,
                                   &handle_type,
                                   &text_type,
                                   &text_type,
                                   &text_type,
                                   &text_type,
                                   &ffi_type_pointer,
                                   &ffi_type_uint64,
                                   &text_type,
                                   &text_type,
                                   &ffi_type_pointer,
                                   &ffi_type_uint64,
                                   &text_type,
                                   &ffi_type_pointer,
                                   &text_type,
                                   &ffi_type_sint32,
                                   &ffi_type_sint32,
                                   &text_type,
                                   &ffi_type_pointer,
                                   &ffi_type_uint64,
                                   &text_type,
                                   &ffi_type_sint32,
                                   &handle_type,
                                   &text_type,
                                   &ffi_type_sint32,
                                   &ffi_type_sint32,
                                   &ffi_type_sint32,
                                   &ffi_type_uint32,
                                   &ffi_type_sint32,
                                   NULL};
static ffi_type event_type = {0, 0, FFI_TYPE_STRUCT, event_fields};

enum {
    EVENT_KIND = 1,
    EVENT_SOCKET = 5,
    EVENT_ACK = 6,
    EVENT_NAME = 10,
    EVENT_ARGS = 11,
    EVENT_ATTACHMENTS = 13,
    EVENT_ATTACHMENT_COUNT = 14,
    EVENT_CONTEXT = 20,
    EVENT_SECURE = 23,
    EVENT_SOCKET_COUNT = 26,
    EVENT_CODE = 28,
    EVENT_CLIENT = 29,
    EVENT_ATTEMPT = 34,
    EVENT_FIELDS = 36
};

static size_t event_offsets[EVENT_FIELDS];

static void layouts(void) {
    CHECK(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &event_type, event_offsets) ==
          FFI_OK);
    CHECK(text_type.size == sizeof(sio_text));
    CHECK(handle_type.size == sizeof(sio_socket));
    CHECK(event_type.size == sizeof(sio_event));
    CHECK(event_offsets[EVENT_KIND] == offsetof(sio_event, kind));
    CHECK(event_offsets[EVENT_SOCKET_COUNT] ==
          offsetof(sio_event, socket_count));
    CHECK(event_offsets[EVENT_CLIENT] == offsetof(sio_event, client));
    CHECK(event_offsets[EVENT_ATTEMPT] == offsetof(sio_event, attempt));
    CHECK(event_offsets[EVENT_CODE] == offsetof(sio_event, code));
    CHECK(event_offsets[EVENT_SOCKET] == offsetof(sio_event, socket));
    CHECK(event_offsets[EVENT_ACK] == offsetof(sio_event, ack));
    CHECK(event_offsets[EVENT_NAME] == offsetof(sio_event, name));
    CHECK(event_offsets[EVENT_ARGS] == offsetof(sio_event, args));
    CHECK(event_offsets[EVENT_ATTACHMENTS] == offsetof(sio_event, attachments));
    CHECK(event_offsets[EVENT_ATTACHMENT_COUNT] ==
          offsetof(sio_event, attachment_count));
    CHECK(event_offsets[EVENT_CONTEXT] == offsetof(sio_event, context));
    CHECK(event_offsets[EVENT_SECURE] == offsetof(sio_event, secure));
}

/* Calls */

static void *library;

static void *symbol(const char *name) {
    void *found = dlsym(library, name);
    if (found == NULL) {
        printf("%s\n", dlerror());
        exit(EXIT_FAILURE);
    }
    return found;
}

/* Calls a function that returns sio_status; up to eight arguments. */
static int32_t call(const char *name, unsigned count, ffi_type **types,
                    void **values) {
    ffi_cif cif;
    ffi_arg result = 0;
    void *address = symbol(name);
    void (*function)(void);
    memcpy(&function, &address, sizeof function);
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, count, &ffi_type_sint32, types) !=
        FFI_OK)
        exit(EXIT_FAILURE);
    ffi_call(&cif, function, &result, values);
    return (int32_t)result;
}

static int32_t call_with_handle(const char *name, uint64_t handle) {
    ffi_type *types[] = {&handle_type};
    void *values[] = {&handle};
    return call(name, 1, types, values);
}

/* {const char *, size_t}, made from memory that is only right for the call. */
static void make_text(unsigned char *text, const char *data, size_t length) {
    memcpy(text, &data, sizeof data);
    memcpy(text + sizeof data, &length, sizeof length);
}

/* Callbacks: closures, as for a function object of the language */

typedef struct closure {
    ffi_closure *memory;
    void *code;
    ffi_cif cif;
} closure;

static ffi_type *callback_types[] = {&ffi_type_pointer, &ffi_type_pointer};
static ffi_type *release_types[] = {&ffi_type_pointer};

static void make_closure(closure *it, unsigned count, ffi_type **types,
                         void (*target)(ffi_cif *, void *, void **, void *),
                         void *data) {
    it->memory =
        (ffi_closure *)ffi_closure_alloc(sizeof(ffi_closure), &it->code);
    if (it->memory == NULL ||
        ffi_prep_cif(&it->cif, FFI_DEFAULT_ABI, count, &ffi_type_void, types) !=
            FFI_OK ||
        ffi_prep_closure_loc(it->memory, &it->cif, target, data, it->code) !=
            FFI_OK)
        exit(EXIT_FAILURE);
}

static int events_seen, releases_seen;
static char own_data[] = "the closure's own";

/* fn(event, context): sends the event back, or replies. */
static void on_event(ffi_cif *cif, void *result, void **arguments, void *data) {
    unsigned char *event = *(unsigned char **)arguments[0];
    void *context = *(void **)arguments[1];
    sio_emit_options options = SIO_EMIT_OPTIONS_INIT;
    sio_emit_options *options_address = &options;
    unsigned char args[sizeof(sio_text)];
    const char *name;
    uint64_t socket, ack;
    (void)cif;
    (void)result;
    CHECK(data == own_data);
    CHECK(context == &events_seen);
    memcpy(&socket, event + event_offsets[EVENT_SOCKET], sizeof socket);
    memcpy(&ack, event + event_offsets[EVENT_ACK], sizeof ack);
    memcpy(&name, event + event_offsets[EVENT_NAME], sizeof name);
    memcpy(args, event + event_offsets[EVENT_ARGS], sizeof args);
    memcpy(&options.attachments, event + event_offsets[EVENT_ATTACHMENTS],
           sizeof options.attachments);
    memcpy(&options.attachment_count,
           event + event_offsets[EVENT_ATTACHMENT_COUNT],
           sizeof options.attachment_count);
    if (ack != 0) {
        ffi_type *types[] = {&handle_type, &text_type, &ffi_type_pointer};
        void *values[] = {&ack, args, &options_address};
        CHECK(call("sio_reply", 3, types, values) == SIO_OK);
    } else {
        ffi_type *types[] = {&handle_type, &ffi_type_pointer, &text_type,
                             &ffi_type_pointer};
        void *values[] = {&socket, &name, args, &options_address};
        CHECK(call("sio_emit", 4, types, values) == SIO_OK);
    }
    __atomic_add_fetch(&events_seen, 1, __ATOMIC_SEQ_CST);
}

static void on_release(ffi_cif *cif, void *result, void **arguments,
                       void *data) {
    (void)cif;
    (void)result;
    (void)data;
    CHECK(*(void **)arguments[0] == &events_seen);
    __atomic_add_fetch(&releases_seen, 1, __ATOMIC_SEQ_CST);
}

/* The steps of a program */

static uint64_t new_server(void) {
    uint64_t server = 0;
    void *options = NULL, *out = &server;
    ffi_type *types[] = {&ffi_type_pointer, &ffi_type_pointer};
    void *values[] = {&options, &out};
    CHECK(call("sio_server_new", 2, types, values) == SIO_OK);
    CHECK(server != 0);
    return server;
}

static void register_any(uint64_t server, void *fn, void *release) {
    const char *nsp = "/";
    void *context = &events_seen;
    ffi_type *types[] = {&handle_type, &ffi_type_pointer, &ffi_type_pointer,
                         &ffi_type_pointer, &ffi_type_pointer};
    void *values[] = {&server, &nsp, &fn, &context, &release};
    CHECK(call("sio_server_on_any", 5, types, values) == SIO_OK);
}

static int listen_anywhere(uint64_t server) {
    const char *host = "127.0.0.1";
    int32_t port = 0;
    void *options = NULL;
    uint64_t index = 0;
    sio_address address, *out = &address;
    ffi_type *types[] = {&handle_type, &ffi_type_pointer, &ffi_type_sint32,
                         &ffi_type_pointer};
    void *values[] = {&server, &host, &port, &options};
    ffi_type *address_types[] = {&handle_type, &ffi_type_uint64,
                                 &ffi_type_pointer};
    void *address_values[] = {&server, &index, &out};
    memset(&address, 0, sizeof address);
    CHECK(call("sio_server_listen", 4, types, values) == SIO_OK);
    CHECK(call("sio_server_address", 3, address_types, address_values) ==
          SIO_OK);
    return address.port;
}

static void broadcast(uint64_t server, const char *event, const char *json) {
    const char *nsp = "/";
    void *none = NULL;
    unsigned char args[sizeof(sio_text)];
    ffi_type *types[] = {&handle_type,      &ffi_type_pointer,
                         &ffi_type_pointer, &ffi_type_pointer,
                         &text_type,        &ffi_type_pointer};
    void *values[] = {&server, &nsp, &none, &event, args, &none};
    make_text(args, json, strlen(json));
    CHECK(call("sio_server_emit", 6, types, values) == SIO_OK);
}

static void round_trip(void) {
    closure event, release;
    raw_client client;
    uint64_t server = new_server();
    make_closure(&event, 2, callback_types, on_event, own_data);
    make_closure(&release, 1, release_types, on_release, NULL);
    register_any(server, event.code, release.code);
    CHECK(raw_join_websocket(&client, listen_anywhere(server)));
    CHECK(raw_echo(&client, "hello"));
    CHECK(raw_send(&client, "425[\"ask\",{\"a\":1}]"));
    CHECK(raw_expect(&client, "435[{\"a\":1}]"));
    CHECK(raw_send(&client, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_send_bytes(&client, "\1\2\3", 3));
    CHECK(raw_expect(&client, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]"));
    CHECK(raw_expect_bytes(&client, "\1\2\3", 3));
    broadcast(server, "all", "[\"of you\"]");
    CHECK(raw_expect(&client, "42[\"all\",\"of you\"]"));
    raw_leave(&client);
    CHECK(call_with_handle("sio_server_destroy", server) == SIO_OK);
    CHECK(events_seen == 3);
    CHECK(releases_seen == 1);
    /* A finalizer may come later, and twice. */
    CHECK(call_with_handle("sio_server_close", server) == SIO_E_HANDLE);
    CHECK(call_with_handle("sio_server_destroy", server) == SIO_E_HANDLE);
    CHECK(call_with_handle("sio_accept", server) == SIO_E_HANDLE);
    ffi_closure_free(event.memory);
    ffi_closure_free(release.memory);
    events_seen = releases_seen = 0;
}

static void load(const char *path) {
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("%s\n", dlerror());
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        printf("usage: ffi path/of/libsocketio.so\n");
        return EXIT_FAILURE;
    }
    layouts();
    load(argv[1]);
    round_trip();
    CHECK(dlclose(library) == 0);
    load(argv[1]); /* -z nodelete: it has never been away */
    round_trip();
    CHECK(dlclose(library) == 0);
    load(argv[1]);
    load(argv[1]);
    round_trip();
    return check_total();
}
