/*
 * client_tls.c - whom a client believes, and what it shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dial.h"

static char folder[] = "/tmp/sio-client-tls-XXXXXX";
static char certificate[64], key[64], other[64], other_key[64];
static char pin[160];

/* Runs a command with the folder's files. */
static int done(const char *format, const char *one, const char *two) {
    char command[512];
    snprintf(command, sizeof command, format, one, two);
    return system(command) == 0;
}

#define MAKE                                                              \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 " \
    "-nodes -keyout %s -out %s -days 2 -subj /CN=localhost "              \
    "-addext subjectAltName=DNS:localhost 2>/dev/null"

static int made_files(void) {
    FILE *output;
    char command[256], digits[128];
    if (!mkdtemp(folder)) return 0;
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(key, sizeof key, "%s/key.pem", folder);
    snprintf(other, sizeof other, "%s/other.pem", folder);
    snprintf(other_key, sizeof other_key, "%s/other-key.pem", folder);
    if (!done(MAKE, key, certificate) || !done(MAKE, other_key, other))
        return 0;
    snprintf(command, sizeof command,
             "openssl x509 -in %s -noout -fingerprint -sha256 | cut -d= -f2",
             certificate);
    output = popen(command, "r");
    if (output == NULL || fgets(digits, sizeof digits, output) == NULL)
        return 0;
    pclose(output);
    digits[strcspn(digits, "\n")] = '\0';
    snprintf(pin, sizeof pin, "certificate:%s", digits);
    return 1;
}

static void remove_files(void) {
    unlink(certificate);
    unlink(key);
    unlink(other);
    unlink(other_key);
    rmdir(folder);
}

static sio_server tls_server(int *port, uint32_t verify) {
    sio_server server = serve_new(NULL);
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    sio_tls_options tls = SIO_TLS_OPTIONS_INIT;
    tls.certificate_file = certificate;
    tls.key_file = key;
    tls.client_ca_file = other;
    tls.verify_client = verify;
    options.tls = &tls;
    serve_echo_on(server);
    CHECK_STATUS(sio_server_listen(server, "127.0.0.1", 0, &options), SIO_OK);
    *port = serve_port(server);
    return server;
}

/* Whether a client with these options joins; else it says that it is TLS. */
static int believed(int port, const sio_client_tls_options *tls) {
    sio_client_options options = dial_options(1);
    char url[64];
    dial it;
    int joined;
    snprintf(url, sizeof url, "https://localhost:%d", port);
    options.url = url;
    options.tls = tls;
    options.transports = SIO_TRANSPORT_WEBSOCKET;
    options.flags = SIO_CLIENT_NO_RECONNECTION;
    dial_new(&it, &options);
    CHECK_STATUS(sio_client_connect(it.client, "/"), SIO_OK);
    while (probe_calls(&it.joined) == 0 && probe_calls(&it.failed) == 0)
        raw_sleep_ms(5);
    joined = probe_calls(&it.joined) == 1;
    if (joined)
        CHECK(dial_echo(&it, "[1]"));
    else
        CHECK_NUMBER(it.failed.events[0].code, SIO_FAILURE_TLS);
    dial_end(&it);
    return joined;
}

static void servers(void) {
    static const char *const none = "key:00000000000000000000000000000000"
                                    "00000000000000000000000000000000";
    const char *pins[1];
    sio_client_tls_options tls = SIO_CLIENT_TLS_OPTIONS_INIT, good;
    int port;
    sio_server server = tls_server(&port, SIO_TLS_VERIFY_NONE);
    CHECK(!believed(port, NULL)); /* nobody the system trusts has signed it */
    CHECK(!believed(port, &tls));
    tls.ca_file = other;
    CHECK(!believed(port, &tls));
    tls.ca_file = certificate;
    CHECK(believed(port, &tls));
    good = tls;
    tls.min_version = SIO_TLS_1_3;
    CHECK(believed(port, &tls));
    tls = good;
    tls.server_name = "elsewhere.example";
    CHECK(!believed(port, &tls));
    tls.flags = SIO_CLIENT_TLS_NO_HOST_CHECK;
    CHECK(believed(port, &tls));
    tls = good;
    tls.pins = pins;
    tls.pin_count = 1;
    pins[0] = pin;
    CHECK(believed(port, &tls));
    pins[0] = none;
    CHECK(!believed(port, &tls));
    tls.ca_file = NULL;
    tls.pin_count = 0;
    tls.flags = SIO_CLIENT_TLS_NO_VERIFY;
    CHECK(believed(port, &tls));
    serve_destroy(server);
}

static void clients(void) {
    sio_client_tls_options tls = SIO_CLIENT_TLS_OPTIONS_INIT;
    int port;
    sio_server server = tls_server(&port, SIO_TLS_VERIFY_REQUIRED);
    tls.ca_file = certificate;
    tls.certificate_file = other;
    tls.key_file = other_key;
    CHECK(believed(port, &tls));
    serve_destroy(server);
}

int main(void) {
    REQUIRE(made_files());
    servers();
    clients();
    remove_files();
    return check_total();
}
