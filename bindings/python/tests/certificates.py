"""Certificates for tests, made by openssl when they run."""

from __future__ import annotations

import subprocess
from functools import cached_property
from pathlib import Path


def openssl(*arguments, **options):
    return subprocess.run(
        ["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60, **options
    ).stdout.decode()


class Certificate:
    """A certificate with its key, in files."""

    def __init__(self, folder: Path, name: str):
        self.chain = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"

    @property
    def pem(self) -> str:
        """The first of the chain."""
        return self.chain.read_text().partition("-----END CERTIFICATE-----")[0] + (
            "-----END CERTIFICATE-----\n"
        )

    @property
    def serial(self) -> int:
        return int(openssl("x509", "-in", self.chain, "-noout", "-serial").split("=")[1], 16)

    def encrypted_key(self, password: str) -> Path:
        path = self.key.with_suffix(".encrypted")
        openssl(*("pkcs8", "-topk8", "-in", self.key, "-out", path, "-passout", f"pass:{password}"))
        return path

    def copy_to(self, chain: Path, key: Path) -> None:
        chain.write_bytes(self.chain.read_bytes())
        self.key_to(key)

    def key_to(self, key: Path) -> None:
        key.write_bytes(self.key.read_bytes())


class Authority:
    """Signs certificates."""

    def __init__(self, folder: Path, name: str = "authority"):
        self._folder = folder
        self.certificate = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-keyout", self._key, "-out", self.certificate, "-days", "2"),
            *("-subj", f"/CN={name}"),
        )

    def sign(self, name: str, alternative_names: str, *, ca: bool = False) -> Certificate:
        made = Certificate(self._folder, name)
        request = self._folder / f"{name}.request"
        extensions = self._folder / f"{name}.extensions"
        extensions.write_text(
            f"subjectAltName = {alternative_names}\n"
            + ("basicConstraints = critical,CA:TRUE\n" if ca else "")
        )
        openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-keyout", made.key, "-out", request, "-subj", f"/CN={name}"),
        )
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key),
            *("-days", "2", "-extfile", extensions, "-out", made.chain),
        )
        return made

    @cached_property
    def server(self) -> Certificate:
        return self.sign("server", "DNS:localhost,IP:127.0.0.1")

    @cached_property
    def renewed(self) -> Certificate:
        return self.sign("renewed", "DNS:localhost,IP:127.0.0.1")

    @cached_property
    def client(self) -> Certificate:
        return self.sign("client", "email:someone@example.com")

    @cached_property
    def other_name(self) -> Certificate:
        return self.sign("other_name", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:someone")

    @cached_property
    def stranger(self) -> Certificate:
        """Signed by somebody else."""
        return Authority(self._folder, "nobody").sign("stranger", "email:nobody@example.com")

    @cached_property
    def chained(self) -> Certificate:
        """Signed by one whom the authority has signed, who is in the chain."""
        middle = Authority.__new__(Authority)
        signer = self.sign("middle", "DNS:middle", ca=True)
        middle._folder, middle.certificate, middle._key = self._folder, signer.chain, signer.key
        made = middle.sign("chained", "DNS:localhost,IP:127.0.0.1")
        made.chain.write_text(made.chain.read_text() + signer.chain.read_text())
        return made
