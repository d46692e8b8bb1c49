/*
 * files.c - what sio_server_serve_files and sio_server_serve_client take, and
 * what they say about the rest.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve.h"

static char folder[64];

static const char *in_folder(const char *name) {
    static char path[2][128];
    static int used;
    used ^= 1;
    snprintf(path[used], sizeof path[used], "%s/%s", folder, name);
    return path[used];
}

static void put(const char *name, const char *content) {
    FILE *file = fopen(in_folder(name), "w");
    if (file == NULL) abort();
    fputs(content, file);
    fclose(file);
}

static void prepare(void) {
    snprintf(folder, sizeof folder, "/tmp/sio-files-%d", (int)getpid());
    if (mkdir(folder, 0700) != 0) abort();
    put("index.html", "index");
    put("page.txt", "page");
    put(".hidden", "hidden");
    put("socket.io.js", "/*!\n * Socket.IO v4.8.1\n */");
    if (mkfifo(in_folder("pipe"), 0600) != 0) abort();
}

static void tidy(void) {
    static const char *const names[] = {"index.html", "page.txt", ".hidden",
                                        "socket.io.js", "pipe"};
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
}

static int port;

static void expect(const char *method, const char *target, int status,
                   const char *body) {
    raw_response response;
    raw_stream stream;
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, method, target, NULL, NULL, 0, &response));
    CHECK_NUMBER(response.status, status);
    if (body != NULL) CHECK_TEXT(response.body, body);
    raw_response_free(&response);
    raw_close(&stream);
}

static void serves(void) {
    sio_files_options options = SIO_FILES_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    port = serve_listen(server);
    expect("GET", "/s/page.txt", 404, NULL);
    CHECK_STATUS(sio_server_serve_files(server, "/s", folder, NULL), SIO_OK);
    expect("GET", "/s/page.txt", 200, "page");
    expect("GET", "/s/", 200, "index");
    expect("GET", "/s/.hidden", 404, "Not Found\n");
    expect("GET", "/s/pipe", 404, NULL);
    expect("POST", "/s/page.txt", 405, NULL);
    expect("POST", "/other", 404, NULL);
    options.flags = SIO_FILES_HIDDEN;
    options.index = "page.txt";
    CHECK_STATUS(sio_server_serve_files(server, "/s", folder, &options),
                 SIO_OK);
    expect("GET", "/s/", 200, "page");
    expect("GET", "/s/.hidden", 200, "hidden");
    options.index = "";
    CHECK_STATUS(sio_server_serve_files(server, "/s", folder, &options),
                 SIO_OK);
    expect("GET", "/s/", 404, NULL);
    CHECK_STATUS(
        sio_server_serve_files(server, "/", in_folder("page.txt"), NULL),
        SIO_OK);
    expect("GET", "/", 200, "page");
    expect("GET", "/page.txt", 404, NULL);
    CHECK_STATUS(sio_server_serve_files(server, "/s", NULL, NULL), SIO_OK);
    expect("GET", "/s/page.txt", 404, NULL);
    CHECK_STATUS(sio_server_serve_files(server, "/s", NULL, NULL), SIO_OK);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

static void headers_of_options(void) {
    sio_files_options options = SIO_FILES_OPTIONS_INIT;
    sio_server server = serve_new(NULL);
    raw_response response;
    raw_stream stream;
    char value[64];
    options.cache_control = "no-store";
    options.content_type = "text/odd";
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options), SIO_OK);
    port = serve_listen(server);
    CHECK(raw_connect(&stream, NULL, port));
    CHECK(raw_http(&stream, "GET", "/page.txt", NULL, NULL, 0, &response));
    CHECK_TEXT(raw_http_header(&response, "cache-control", value, 64),
               "no-store");
    CHECK_TEXT(raw_http_header(&response, "content-type", value, 64),
               "text/odd");
    raw_response_free(&response);
    raw_close(&stream);
    serve_destroy(server);
}

static void refuses(void) {
    static const char *const prefixes[] = {"",   "static", "/../x",  "/a?b",
                                           "//", "/a//b",  "/%2e%2e"};
    sio_files_options options = SIO_FILES_OPTIONS_INIT;
    sio_server server = serve_new(NULL), none = {0};
    size_t i;
    for (i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        CHECK_STATUS(sio_server_serve_files(server, prefixes[i], folder, NULL),
                     SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_serve_files(server, NULL, folder, NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_serve_files(none, "/", folder, NULL), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_serve_files(server, "/", in_folder("no"), NULL),
                 SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "/no\" cannot be served") != NULL);
    CHECK_STATUS(sio_server_serve_files(server, "/", in_folder("pipe"), NULL),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_serve_files(server, "/", "", NULL), SIO_E_ARGUMENT);
    options.flags = 2;
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options),
                 SIO_E_ARGUMENT);
    options.flags = 0;
    options.index = "../page.txt";
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options),
                 SIO_E_ARGUMENT);
    options.index = NULL;
    options.cache_control = "a\r\nX-Injected: yes";
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options),
                 SIO_E_ARGUMENT);
    options.cache_control = NULL;
    options.content_type = "a\nb";
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options),
                 SIO_E_ARGUMENT);
    options.struct_size = 0;
    CHECK_STATUS(sio_server_serve_files(server, "/", folder, &options),
                 SIO_E_ARGUMENT);
    serve_destroy(server);
}

static void client(void) {
    sio_server server = serve_new(NULL), none = {0};
    CHECK_STATUS(sio_server_serve_client(none, folder), SIO_E_HANDLE);
    CHECK_STATUS(sio_server_serve_client(server, in_folder("no")),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_serve_client(server, in_folder("page.txt")),
                 SIO_E_ARGUMENT);
    CHECK_STATUS(sio_server_serve_client(server, "/"), SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "socket.io.min.js") != NULL);
    CHECK_STATUS(sio_server_serve_client(server, NULL), SIO_OK);
    CHECK_STATUS(sio_server_serve_client(server, folder), SIO_OK);
    port = serve_listen(server);
    expect("GET", "/socket.io/socket.io.js", 200,
           "/*!\n * Socket.IO v4.8.1\n */");
    put("socket.io.js", "changed");
    expect("GET", "/socket.io/socket.io.js", 200,
           "/*!\n * Socket.IO v4.8.1\n */");
    CHECK_STATUS(sio_server_serve_client(server, folder), SIO_OK);
    expect("GET", "/socket.io/socket.io.js", 200, "changed");
    CHECK_STATUS(sio_server_serve_client(server, NULL), SIO_OK);
    expect("GET", "/socket.io/socket.io.js", 400, NULL);
    CHECK(serve_idle(server));
    serve_destroy(server);
}

/* The paths of relative folders are those of the call. */
static void another_directory(void) {
    sio_server server = serve_new(NULL);
    char before[256];
    if (getcwd(before, sizeof before) == NULL || chdir(folder) != 0) abort();
    CHECK_STATUS(sio_server_serve_files(server, "/", ".", NULL), SIO_OK);
    if (chdir("/") != 0) abort();
    port = serve_listen(server);
    expect("GET", "/page.txt", 200, "page");
    if (chdir(before) != 0) abort();
    serve_destroy(server);
}

int main(void) {
    prepare();
    serves();
    headers_of_options();
    refuses();
    client();
    another_directory();
    tidy();
    return check_total();
}
