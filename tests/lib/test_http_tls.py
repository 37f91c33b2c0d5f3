"""The same promises under TLS, and no page without a certificate that holds."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from newsforge.lib.errors import PermanentError
from newsforge.lib.http import HttpPolicy, get, wire
from newsforge.lib.http.errors import CertificateRejected, ConnectionFailed, FetchTimedOut
from tests.lib.loopback import answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for 127.0.0.1, of this run only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(tz=UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def speaking(certificate: Path | None, page: bytes, *, step: int = 1_000_000) -> Iterator[HttpPolicy]:
    """Serve one connection, ``step`` bytes at a time; without a certificate the handshake is never answered."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                if certificate is None:
                    while connection.recv(65536):
                        pass
                    return
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    for start in range(0, len(page), step):
                        secure.sendall(page[start : start + step])
                        if step < len(page):
                            time.sleep(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield HttpPolicy(timeout=0.6, allow=frozenset({("127.0.0.1", port)}))
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Trust the certificate the way an operator does who has a CA of his own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wire.tls_context.cache_clear()
    yield certificate
    wire.tls_context.cache_clear()


def url_of(policy: HttpPolicy) -> str:
    ((host, port),) = policy.allow
    return f"https://{host}:{port}/"


def test_a_page_arrives_over_tls(trusted: Path) -> None:
    with speaking(trusted, answer(body="서울".encode() * 50_000)) as policy:
        assert get(url=url_of(policy), policy=policy).body == "서울".encode() * 50_000


def test_an_unknown_certificate_is_no_page_and_no_retry(certificate: Path) -> None:
    with speaking(certificate, answer(body=b"x")) as policy, pytest.raises(CertificateRejected) as failure:
        get(url=url_of(policy), policy=policy)
    assert isinstance(failure.value, PermanentError)
    assert failure.value.code == "connection-failed"


def test_a_certificate_for_another_name_is_no_page(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    with speaking(trusted, answer(body=b"x")) as policy:
        ((_, port),) = policy.allow
        other = HttpPolicy(allow=frozenset({("news.example.com", port)}))
        with pytest.raises(CertificateRejected, match=r"news\.example\.com"):
            get(url=f"https://news.example.com:{port}/", policy=other)


@pytest.mark.parametrize("step", [1, 8])
def test_a_slow_server_ends_with_the_deadline(step: int, trusted: Path) -> None:
    with speaking(trusted, answer(body=b"x" * 60), step=step) as policy:
        began = time.monotonic()
        with pytest.raises(FetchTimedOut):
            get(url=url_of(policy), policy=policy)
        assert time.monotonic() - began < 1


def test_a_handshake_that_is_never_answered_ends_with_the_deadline() -> None:
    with speaking(None, b"") as policy:
        began = time.monotonic()
        with pytest.raises(FetchTimedOut):
            get(url=url_of(policy), policy=policy)
        assert time.monotonic() - began < 1


def test_a_cut_body_is_no_page(trusted: Path) -> None:
    with speaking(trusted, answer(body=b"x" * 60)[:-5]) as policy, pytest.raises(ConnectionFailed):
        get(url=url_of(policy), policy=policy)
