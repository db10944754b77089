"""The TLS context that all connections share. Verification is always on."""

import ssl
from pathlib import Path

import httpx

from reconciler.errors import UsageError


def build_context(url: str, ca_bundle: Path | None) -> ssl.SSLContext:
    """Build the context for *url*; one takes 50 ms. *ca_bundle* adds to what is trusted anyway."""
    if url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and is never used
    try:
        context = httpx.create_ssl_context()  # obeys SSL_CERT_FILE, SSL_CERT_DIR, SSLKEYLOGFILE
    except OSError as error:
        if error.filename is not None:  # only the log of keys is opened by its name
            raise UsageError(
                f"SSLKEYLOGFILE: can't be written: {str(error.strerror).lower()}",
                hint="name a file that can be written, or take the variable away",
            ) from None
        raise _bad_bundle("SSL_CERT_FILE", error) from None
    context.set_alpn_protocols(["http/1.1"])
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=ca_bundle)
        except OSError as error:
            raise _bad_bundle(str(ca_bundle), error) from None
    return context


def _bad_bundle(place: str, error: OSError) -> UsageError:
    why = "no certificate in it" if isinstance(error, ssl.SSLError) else str(error.strerror).lower()
    return UsageError(
        f"{place}: the certificates can't be read: {why}",
        hint="name a file of certificates in PEM format",
    )
