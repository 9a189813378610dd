"""Between us and the mail server nobody reads along."""

from __future__ import annotations

import smtplib
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onthaal import clock
from onthaal.central.foundation.notices.mail_server import connected, on_this_machine
from onthaal.central.web.environment import Mail
from tests.central.foundation.post_office import PostOffice


@pytest.fixture
def certified(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody knows, as a fresh mail server has."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.aalter.example")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def test_a_server_that_offers_encryption_gets_mail_encrypted(certified: ssl.SSLContext) -> None:
    with PostOffice(tls_context=certified, require_starttls=True) as office, connected(office.mail) as server:
        assert isinstance(server.sock, ssl.SSLSocket)
        server.sendmail("post@aalter.example", ["an@example.org"], "Subject: hier\r\n\r\nUw kluisje")
    assert len(office.received) == 1


def test_a_password_is_only_given_once_the_line_is_encrypted(certified: ssl.SSLContext) -> None:
    given: list[bool] = []

    def authenticator(server: SMTP, session: object, *_: object) -> AuthResult:
        given.append(getattr(session, "ssl", None) is not None)
        return AuthResult(success=True)

    settings = {"tls_context": certified, "authenticator": authenticator, "auth_require_tls": False}
    with PostOffice(**settings) as office:
        mail = Mail(host="127.0.0.1", port=office.mail.port, user="aalter", password="geheim", tls=False)
        connected(mail).quit()
    assert given == [True]


def test_no_password_goes_to_another_machine_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    with PostOffice() as office:
        monkeypatch.setattr("onthaal.central.foundation.notices.mail_server.on_this_machine", lambda host: False)
        mail = Mail(host="127.0.0.1", port=office.mail.port, user="aalter", password="geheim", tls=False)
        with pytest.raises(smtplib.SMTPNotSupportedError, match="STARTTLS"):
            connected(mail)


def test_elsewhere_a_certificate_that_nobody_knows_is_not_believed(
    certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PostOffice(tls_context=certified) as office:
        monkeypatch.setattr("onthaal.central.foundation.notices.mail_server.on_this_machine", lambda host: False)
        with pytest.raises(ssl.SSLCertVerificationError):
            connected(office.mail)


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("mail.aalter.example", False), ("10.0.0.5", False)],
)
def test_only_this_machine_is_this_machine(host: str, here: bool) -> None:
    assert on_this_machine(host) is here
