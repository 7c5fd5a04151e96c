"""Whether a certificate leads to a root that clients trust: of the stores that sslyze ships, or of the target's own."""

from __future__ import annotations

import datetime
import ipaddress
import threading
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture_endpoint._probes.certificate import explain_distrust
from posture_endpoint._probes.wire import ProbeFailed, is_ip_address

if TYPE_CHECKING:
    from cryptography.x509 import Name
    from sslyze.plugins.certificate_info.trust_stores.trust_store import TrustStore

_reading = threading.Lock()


def validate(pems: list[str], host: str, ca_file: str | None) -> dict[str, dict[str, Any]]:
    """Looks for a path from the chain to a root of each store, now; `own` is the store of `ca_file`.

    ProbeFailed("malformed-reply") when the verifier cannot read the chain; OSError or ValueError for a bad `ca_file`.
    """
    from cryptography.x509 import DNSName, IPAddress

    ip = is_ip_address(host)
    subject = IPAddress(ipaddress.ip_address(host)) if ip else DNSName(host.encode("idna").decode("ascii"))
    now = datetime.datetime.now(datetime.UTC)
    report: dict[str, dict[str, Any]] = {}
    for store, roots in _stores(ca_file):
        try:
            result = store.verify_certificate_chain(pems, subject, now)
        except ValueError as error:
            raise ProbeFailed("malformed-reply", f"the certificate cannot be verified: {error}") from error
        trusted = result.was_validation_successful
        report[store.name] = {
            "trusted": trusted,
            "reason": None if trusted else explain_distrust(pems, host, roots, now),
            "detail": result.validation_error,
            "store_version": store.version,
        }
    return report


def _stores(ca_file: str | None) -> list[tuple[TrustStore, frozenset[Name]]]:
    """Each store with the names of its roots. Of many threads the first reads, and the others wait for it."""
    with _reading:
        own = [] if ca_file is None else [_own_store(ca_file, Path(ca_file).stat().st_mtime_ns)]
        return [*_bundled_stores(), *own]


@cache
def _bundled_stores() -> tuple[tuple[TrustStore, frozenset[Name]], ...]:
    """The stores that sslyze ships: Mozilla, Apple, Android, Windows, Java."""
    from sslyze.plugins.certificate_info.trust_stores.trust_store_repository import TrustStoresRepository

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # roots with serial number 0 are old but in use
        return tuple((store, _root_names(store)) for store in TrustStoresRepository.get_default().get_all_stores())


@lru_cache(maxsize=4)
def _own_store(ca_file: str, changed: int) -> tuple[TrustStore, frozenset[Name]]:
    """The store of a file as it was when it was `changed`."""
    from sslyze.plugins.certificate_info.trust_stores.trust_store import TrustStore

    store = TrustStore(Path(ca_file), "own", "")
    return store, _root_names(store)


def _root_names(store: TrustStore) -> frozenset[Name]:
    from cryptography.x509 import load_pem_x509_certificates

    return frozenset(root.subject for root in load_pem_x509_certificates(store.path.read_bytes()))
