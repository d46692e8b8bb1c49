"""Certificates that clients have to trust, or not to."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KINDS = ("good", "expired", "self_signed", "wrong_host")


class Papers:
    """An authority, and servers' certificates with their keys, by what is wrong with them."""

    def __init__(self, folder):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("authority of the bench")
        certificate = _builder(self._name, self._name, self._key, days=2)
        certificate = certificate.add_extension(x509.BasicConstraints(True, None), critical=True)
        self._write("authority", certificate.sign(self._key, hashes.SHA256()))
        #: What clients are told to trust.
        self.authority = folder / "authority.pem"

    def server(self, kind):
        """The file with the certificate of a kind, and its key."""
        path = self._folder / f"{kind}.pem"
        if not path.exists():
            self._make(kind)
        return path

    def pin(self, kind):
        """The SHA-256 of the certificate of a kind, as the option of clients has it."""
        pem = self.server(kind).read_bytes()
        return (
            "certificate:" + x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()
        )

    def _make(self, kind):
        key = ec.generate_private_key(ec.SECP256R1())
        host = "elsewhere.test" if kind == "wrong_host" else "localhost"
        names = [x509.DNSName(host)]
        if kind != "wrong_host":
            names.append(x509.IPAddress(ip_address("127.0.0.1")))
        subject = _name(host)
        alone = kind == "self_signed"
        issuer, signer = (subject, key) if alone else (self._name, self._key)
        certificate = _builder(subject, issuer, key, days=-1 if kind == "expired" else 2)
        certificate = certificate.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self._write(kind, certificate.sign(signer, hashes.SHA256()), key)

    def _write(self, kind, certificate, key=None):
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            pem += key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        (self._folder / f"{kind}.pem").write_bytes(pem)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject, issuer, key, days):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
    )
