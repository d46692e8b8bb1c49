"""Loads what its arguments name, in that order, then lets each of them work.
Run by test_loading.py."""

import ctypes
import importlib
import os
import sys


def load(name):
    if name == "socketio":
        return ctypes.CDLL(os.environ["INTEROP_LIBRARY"])
    if name == "cryptography":
        name = "cryptography.hazmat.bindings.openssl.binding"
    return importlib.import_module(name)


class Text(ctypes.Structure):
    _fields_ = (("data", ctypes.c_char_p), ("length", ctypes.c_size_t))


class Event(ctypes.Structure):
    """The head of sio_event, as far as it is used here."""

    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("kind", ctypes.c_int32),
        ("status", ctypes.c_int32),
        ("level", ctypes.c_int32),
        ("server", ctypes.c_uint64),
        ("socket", ctypes.c_uint64),
        ("ack", ctypes.c_uint64),
        ("request", ctypes.c_uint64),
        ("http", ctypes.c_uint64),
        ("nsp", Text),
        ("name", Text),
        ("args", Text),
    )


class Handle(ctypes.Structure):
    _fields_ = (("id", ctypes.c_uint64),)


class Address(ctypes.Structure):
    _fields_ = (
        ("text", ctypes.c_char * 128),
        ("host", ctypes.c_char * 112),
        ("port", ctypes.c_int32),
    )


EVENT_FN = ctypes.CFUNCTYPE(None, ctypes.POINTER(Event), ctypes.c_void_p)


def serve(library):
    """A server that echoes; a client that notices."""
    import socketio

    library.sio_last_error.restype = ctypes.c_char_p

    def must(status):
        assert status == 0, (status, library.sio_last_error())

    @EVENT_FN
    def echo(event, _context):
        args = event.contents.args
        library.sio_reply(Handle(event.contents.ack), args, None)

    server = Handle()
    must(library.sio_server_new(None, ctypes.byref(server)))
    must(library.sio_server_on(server, b"/", b"echo", echo, None, None))
    must(library.sio_server_listen(server, b"127.0.0.1", 0, None))
    address = Address()
    must(library.sio_server_address(server, ctypes.c_size_t(0), ctypes.byref(address)))

    for transports in (["polling"], ["websocket"]):
        client = socketio.Client(handle_sigint=False, reconnection=False)
        client.connect(f"http://127.0.0.1:{address.port}", transports=transports, wait_timeout=15)
        assert client.call("echo", {"x": [1]}, timeout=15) == {"x": [1]}
        client.eio.disconnect(abort=True)
    must(library.sio_server_destroy(server))


def certificate():
    """A key and a certificate that it signs, with cryptography."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(pem), made.public_bytes(pem).decode()


def shake_hands(pem, authority):
    """TLS in memory, with ssl."""
    import ssl
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
    trusting = ssl.create_default_context(cadata=authority)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = trusting.wrap_bio(to_client, to_server, server_hostname="localhost")
    waiting = [client, server]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    assert not waiting
    client.write(b"over TLS")
    assert server.read() == b"over TLS"


def main():
    modules = {name: load(name) for name in sys.argv[1:]}
    pem, authority = certificate()
    shake_hands(pem, authority)
    serve(modules["socketio"])
    print("socketio")
    shake_hands(pem, authority)
    print("ssl")
    shake_hands(*certificate())
    print("cryptography", flush=True)


main()
