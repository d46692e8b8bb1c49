/*
 * tls.c - what TLS is told, and what it says to that. How clients come through
 * it is tested in Python.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve.h"

static char folder[] = "/tmp/sio-tls-XXXXXX";
static char certificate[64], key[64], other_key[64];

/* Makes a certificate with its key, and another key. */
static int made_files(void) {
    char command[512];
    if (!mkdtemp(folder)) return 0;
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(key, sizeof key, "%s/key.pem", folder);
    snprintf(other_key, sizeof other_key, "%s/other.pem", folder);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:"
             "prime256v1 -nodes -keyout %s -out %s -days 2 -subj /CN=localhost "
             "2>/dev/null && openssl genpkey -algorithm ed25519 -out %s",
             key, certificate, other_key);
    return system(command) == 0;
}

static void remove_files(void) {
    unlink(certificate);
    unlink(key);
    unlink(other_key);
    rmdir(folder);
}

static sio_tls_options good_options(void) {
    sio_tls_options tls = SIO_TLS_OPTIONS_INIT;
    tls.certificate_file = certificate;
    tls.key_file = key;
    return tls;
}

static sio_status listened(sio_server server, const sio_tls_options *tls) {
    sio_listen_options options = SIO_LISTEN_OPTIONS_INIT;
    options.tls = tls;
    return sio_server_listen(server, "127.0.0.1", 0, &options);
}

/* That listening fails with a sentence that has `words` in it. */
static void refused(sio_server server, const sio_tls_options *tls,
                    sio_status status, const char *words) {
    CHECK_STATUS(listened(server, tls), status);
    CHECK(strstr(sio_last_error(), words) != NULL);
}

static void wrong_options(void) {
    sio_server server = serve_new(NULL);
    sio_tls_options tls = SIO_TLS_OPTIONS_INIT;
    refused(server, &tls, SIO_E_ARGUMENT, "certificate_file or certificate");
    tls = good_options();
    tls.certificate.data = "x";
    tls.certificate.length = 1;
    refused(server, &tls, SIO_E_ARGUMENT, "Both certificate_file and");
    tls = good_options();
    tls.verify_client = 3;
    refused(server, &tls, SIO_E_ARGUMENT, "SIO_TLS_VERIFY_");
    tls = good_options();
    tls.min_version = 0x0302;
    refused(server, &tls, SIO_E_ARGUMENT, "SIO_TLS_1_2");
    tls = good_options();
    tls.flags = 1u << 31;
    refused(server, &tls, SIO_E_ARGUMENT, "flags");
    tls = good_options();
    tls.struct_size = 3;
    refused(server, &tls, SIO_E_ARGUMENT, "struct_size of tls");
    tls = good_options();
    tls.key_file = "/nowhere/key.pem";
    refused(server, &tls, SIO_E_SYSTEM, "key file /nowhere/key.pem");
    tls = good_options();
    tls.key_file = other_key;
    refused(server, &tls, SIO_E_ARGUMENT, "does not belong");
    serve_destroy(server);
}

/* An address with TLS serves; one without beside it, too. */
static void reload(void) {
    sio_server server = serve_new(NULL);
    sio_tls_options tls = good_options();
    raw_stream plain;
    int port;
    serve_echo_on(server);
    CHECK_STATUS(sio_server_reload_tls(server, 0, NULL), SIO_E_STATE);
    port = serve_listen(server);
    CHECK_STATUS(listened(server, &tls), SIO_OK);
    CHECK_STATUS(sio_server_reload_tls(server, 0, NULL), SIO_E_ARGUMENT);
    CHECK(strstr(sio_last_error(), "has no TLS") != NULL);
    CHECK_STATUS(sio_server_reload_tls(server, 1, NULL), SIO_OK);
    CHECK_STATUS(sio_server_reload_tls(server, 1, &tls), SIO_OK);
    CHECK_STATUS(sio_server_reload_tls(server, 2, NULL), SIO_E_ARGUMENT);
    tls.key_file = other_key;
    CHECK_STATUS(sio_server_reload_tls(server, 1, &tls), SIO_E_ARGUMENT);
    CHECK(raw_connect(&plain, "127.0.0.1", port));
    raw_close(&plain);
    CHECK_STATUS(sio_server_close(server), SIO_OK);
    CHECK_STATUS(sio_server_reload_tls(server, 1, NULL), SIO_E_STATE);
    serve_destroy(server);
}

/* A server that closes does not wait for those who shake hands. */
static void close_in_handshake(void) {
    sio_server server = serve_new(NULL);
    sio_tls_options tls = good_options();
    raw_stream silent;
    long long started;
    CHECK_STATUS(listened(server, &tls), SIO_OK);
    CHECK(raw_connect(&silent, "127.0.0.1", serve_port(server)));
    CHECK(raw_write(&silent, "\x16\x03\x01", 3));
    started = raw_now_ms();
    serve_destroy(server);
    CHECK(raw_now_ms() - started < 15000);
    CHECK(raw_ended(&silent, RAW_PATIENCE_MS));
    raw_close(&silent);
}

int main(void) {
    CHECK(made_files());
    wrong_options();
    reload();
    close_in_handshake();
    remove_files();
    return check_total();
}
