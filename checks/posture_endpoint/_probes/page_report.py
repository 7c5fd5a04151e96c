"""What is reported of a page's markup: hosts, addresses without TLS, listed trackers; never queries, never content."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from posture_endpoint._probes.page_names import Named, read_names

Lookup = Callable[[str, str, str], tuple[str, bool] | None]
"""The rule of a list for the kind of an element, an address and the page's host, and whether the kind fits the rule."""

MOST_SHOWN = 100
"""Hosts, and addresses, that a report lists; the counts beside them go on."""

_PATH = 100


def describe(page: str, url: str, lookup: Lookup) -> dict[str, Any]:
    """The report of the page at `url`, whose addresses are looked up in a tracker list."""
    names = read_names(page, url)
    own = urlsplit(url).hostname or ""
    others = sorted({one.host for one in names.named if one.kind != "text"} - {own})
    insecure = dict.fromkeys(f"{one.element} {_bare(one.address)}" for one in names.named if _is_insecure(one))
    certain: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for one in names.named:
        if found := lookup(one.kind, one.address, own):
            rule, fits = found
            (certain if fits and one.kind != "text" else doubtful).setdefault(one.host, rule)
    return {
        "complete": names.complete,
        "hosts": others[:MOST_SHOWN],
        "hosts_count": len(others),
        "insecure": list(insecure)[:MOST_SHOWN],
        "insecure_count": len(insecure),
        "policies": list(names.policies[:MOST_SHOWN]),
        "listed": _listed(certain.items()),
        "doubtful": _listed((host, rule) for host, rule in doubtful.items() if host not in certain),
    }


def _is_insecure(named: Named) -> bool:
    return named.kind not in ("hint", "text") and named.address.startswith(("http:", "ws:"))


def _bare(address: str) -> str:
    """The address without what follows its path, which may identify someone."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path.partition(';')[0][:_PATH] or '/'}"


def _listed(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"host": host, "rule": rule} for host, rule in sorted(found)]
