"""What a page names in its markup as it is served: addresses that it loads, or sends something to. No script is run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from posture_endpoint._probes.markup import Tag, tags
from posture_endpoint.target import canonical_host

MOST_ADDRESSES = 10_000
"""Addresses of a page that are looked at; a page with more of them is not read to its end."""

_LONGEST = 8192
_LOADED: dict[str, tuple[tuple[str, str], ...]] = {
    "audio": (("src", "media"),),
    "embed": (("src", "object"),),
    "frame": (("src", "subdocument"),),
    "iframe": (("src", "subdocument"),),
    "image": (("href", "image"), ("xlink:href", "image")),
    "img": (("src", "image"), ("lowsrc", "image")),
    "input": (("src", "image"),),
    "object": (("data", "object"),),
    "script": (("src", "script"), ("href", "script"), ("xlink:href", "script")),
    "source": (("src", "media"),),
    "track": (("src", "media"),),
    "use": (("href", "image"), ("xlink:href", "image")),
    "video": (("src", "media"), ("poster", "image")),
}
_SENT = {"form": ("action",), "button": ("formaction",), "input": ("formaction",)}
_LINKS = {
    "apple-touch-icon": "image",
    "apple-touch-icon-precomposed": "image",
    "dns-prefetch": "hint",
    "icon": "image",
    "manifest": "other",
    "mask-icon": "image",
    "modulepreload": "script",
    "preconnect": "hint",
    "prefetch": "other",
    "preload": "other",
    "prerender": "other",
    "stylesheet": "stylesheet",
}
_PRELOADED = {"font": "font", "image": "image", "script": "script", "style": "stylesheet"}
_RUN = frozenset(
    {
        "",
        "module",
        *(f"text/{name}" for name in ("ecmascript", "javascript", "jscript", "livescript")),
        *(f"text/x-{name}" for name in ("ecmascript", "javascript")),
        *(f"text/javascript1.{number}" for number in range(6)),
        *(f"application/{name}" for name in ("ecmascript", "javascript", "x-ecmascript", "x-javascript")),
    }
)
"""Types of scripts that browsers load and run (WHATWG MIME Sniffing, JavaScript MIME types); no others are loaded."""

_HEAD = frozenset(
    {"base", "basefont", "bgsound", "head", "html", "link", "meta", "noframes", "noscript", "script", "style"}
    | {"template", "title"}
)
"""Elements that may stand before the body: a policy behind any other does not count (HTML, pragma directives)."""

_STYLE = re.compile(
    r"""/\*.*?(?:\*/|\Z)|@namespace[^;{}]*|url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)|"[^"\n]*"|'[^'\n]*'""",
    re.IGNORECASE | re.DOTALL,
)
"""What is passed over in styles (comments, the names of namespaces, texts), and the addresses in them."""
_IN_SCRIPT = re.compile(r"//([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)(?::\d+)?(/[^\s\"'`<>\\]*)?", re.IGNORECASE)
_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")
_SLASHES = re.compile(r"(?:(https?|wss?):(/*)|//+)", re.IGNORECASE)
_INERT = ("about:", "blob:", "data:", "javascript:", "mailto:", "tel:")
_CONTROLS = dict.fromkeys((9, 10, 13))


@dataclass(frozen=True, slots=True)
class Named:
    """An absolute address, the element that names it, and what the element does with it.

    ``kind`` is a word of Adblock syntax for what is loaded (script, image …), ``form`` for what is sent, ``hint`` for a
    connection that is opened ahead, and ``text`` for an address in a script or a template.
    """

    element: str
    kind: str
    address: str

    @property
    def host(self) -> str:
        """The host of the address."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True, slots=True)
class PageNames:
    """All that a page names. ``policies`` are the texts of Content-Security-Policy in it, where browsers obey them.

    ``complete`` is False where the page names more than was looked at.
    """

    named: tuple[Named, ...]
    policies: tuple[str, ...]
    complete: bool


def read_names(page: str, url: str) -> PageNames:
    """What the page at ``url`` names."""
    policies: list[str] = []
    named: dict[Named, None] = {}
    base, based, looked, complete, in_head = url, False, 0, True, True
    for tag in tags(page):
        in_head = in_head and tag.name in _HEAD
        if tag.name == "base" and not based and "href" in tag.attributes:
            complete = complete and not _is_too_long(tag.attributes["href"])
            base, based = _absolute(url, tag.attributes["href"]) or url, True
        if in_head and tag.name == "meta" and _is_policy(tag):
            policies.append(tag.attributes.get("content", ""))
        for kind, text in _texts(tag, nested=False):
            looked += 1
            if looked > MOST_ADDRESSES:
                return PageNames(tuple(named), tuple(policies), complete=False)
            complete = complete and (kind == "text" or not _is_too_long(text))
            if (address := _absolute(base, text)) is not None:
                named.setdefault(Named(tag.name, kind, address))
    return PageNames(tuple(named), tuple(policies), complete)


def _is_policy(tag: Tag) -> bool:
    return tag.attributes.get("http-equiv", "").strip().lower() == "content-security-policy"


def _texts(tag: Tag, *, nested: bool) -> Iterator[tuple[str, str]]:
    """What an element does, and the address as it is written, for each address that it names."""
    given = tag.attributes
    runs = tag.name != "script" or given.get("type", "").strip().lower() in _RUN
    for attribute, kind in _LOADED.get(tag.name, ()):
        if attribute in given:
            yield kind if runs else "text", given[attribute]
    for attribute in _SENT.get(tag.name, ()):
        if attribute in given:
            yield "form", given[attribute]
    if tag.name in ("img", "source") and "srcset" in given:
        yield from (("image", text) for text in _candidates(given["srcset"]))
    if tag.name == "link":
        yield from _linked(given)
    if tag.name in ("a", "area"):
        yield from (("ping", text) for text in given.get("ping", "").split())
    if "background" in given:
        yield "image", given["background"]
    for style in (given.get("style", ""), tag.text if tag.name == "style" else ""):
        yield from _styled(style)
    for name, value in given.items():
        if name.startswith("on"):
            yield from _in_script(value)
    if tag.name in ("script", "template") and given.get("type", "").strip().lower() != "application/ld+json":
        yield from _in_script(tag.text)
    if tag.name == "iframe" and "srcdoc" in given and not nested:
        for inner in tags(given["srcdoc"]):
            yield from _texts(inner, nested=True)


def _styled(style: str) -> Iterator[tuple[str, str]]:
    for match in _STYLE.finditer(style):
        if match[1] or match[2]:
            yield "image" if match[1] else "stylesheet", match[1] or match[2]


def _linked(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for word in given.get("rel", "").lower().split():
        if word in _LINKS and "href" in given:
            kind = _PRELOADED.get(given.get("as", "").strip().lower(), "other") if word == "preload" else _LINKS[word]
            yield kind, given["href"]
            yield from (("image", text) for text in _candidates(given.get("imagesrcset", "")))


def _candidates(srcset: str) -> Iterator[str]:
    """The addresses of a srcset: each ends at a blank or at the comma before one; a descriptor may follow."""
    at = 0
    while match := _CANDIDATE.match(srcset, at):
        yield match[1].rstrip(",")
        at = match.end()
        if not match[1].endswith(","):
            comma = srcset.find(",", at)
            if comma < 0:
                return
            at = comma + 1


def _in_script(text: str) -> Iterator[tuple[str, str]]:
    for match in _IN_SCRIPT.finditer(text.replace("\\/", "/")):
        yield "text", f"https://{match[1]}{match[2] or '/'}"


def _bare(text: str) -> str:
    """An address without what browsers take no notice of around it and in it."""
    return text.strip("".join(map(chr, range(33)))).translate(_CONTROLS)


def _is_inert(text: str) -> bool:
    return not text or text[:12].lower().startswith(_INERT)


def _is_too_long(text: str) -> bool:
    """Whether an address is not looked at for its length, although a browser may ask for it."""
    return len(text) > _LONGEST and not _is_inert(bare := _bare(text)) and len(bare) > _LONGEST


def _absolute(base: str, text: str) -> str | None:
    """The address as a browser would ask for it; None for what names no host, or none that could be asked."""
    text = _bare(text)
    if _is_inert(text) or len(text) > _LONGEST:
        return None
    try:
        parts = urlsplit(urljoin(base, _with_slashes(base, text.replace("\\", "/"))))
        host = _host(unquote(parts.hostname or ""))
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https", "ws", "wss"):
        return None
    return urlunsplit((parts.scheme, f"[{host}]{port}" if ":" in host else host + port, parts.path, parts.query, ""))


def _with_slashes(base: str, text: str) -> str:
    """Two slashes before the host, where browsers make do with any number of them (WHATWG URL, special schemes)."""
    found = _SLASHES.match(text)
    if found is None:
        return text
    scheme, slashes = (found[1] or "").lower(), found[2] or ""
    if scheme and len(slashes) < 2 and scheme == urlsplit(base).scheme:
        return text[found.end(1) + 1 :]  # of the page's own scheme, and so below the page
    return f"{scheme}:" * bool(scheme) + "//" + text[found.end() :]


def _host(name: str) -> str:
    """One spelling of a host; also of names with letters that are younger than Python's tables. ValueError for none."""
    try:
        return canonical_host(name)
    except ValueError:
        if name.isascii():
            raise
    labels = unicodedata.normalize("NFKC", name).lower().split(".")
    return canonical_host(
        ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)
    )
