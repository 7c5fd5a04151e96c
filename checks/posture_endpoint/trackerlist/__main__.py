"""Makes a tracker list from filter lists: ``python -m posture_endpoint.trackerlist FILE... > list.txt``.

Files are filter lists in Adblock syntax or host lists, as text. Of them are kept the rules that name a host (see
rules.py), each once, without hosts whose parent domain is listed as a whole.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from posture_endpoint.trackerlist.listing import parse_list, suffixes, unpacked
from posture_endpoint.trackerlist.rules import Rule, parse_rule

_TOLD = ("title", "version", "timeupdated", "last modified", "homepage", "license", "licence")


def kept(rules: Iterable[Rule]) -> list[Rule]:
    """The rules without those that another makes idle: hosts by themselves first, then the others."""
    every = set(rules)
    whole = {rule.host for rule in every if rule == Rule(rule.host)}
    needed = [
        rule
        for rule in every
        if rule.exception or not any(name in whole for name in suffixes(rule.host) if name != rule.host)
    ]
    needed = [rule for rule in needed if rule.exception or rule == Rule(rule.host) or rule.host not in whole]
    return sorted(needed, key=lambda rule: (rule != Rule(rule.host), rule.host, rule.text()))


def head(text: str) -> Iterator[str]:
    """What the head of a filter list says of itself."""
    for line in text.splitlines()[:60]:
        name, _, value = line.lstrip("!# ").partition(":")
        if line.startswith(("!", "#")) and name.strip().lower() in _TOLD:
            yield f"{name.strip()}: {value.strip()}"


def main(paths: list[str]) -> None:
    """Print the list; its date is the oldest of the files' dates."""
    texts = [unpacked(Path(path).read_bytes()) for path in paths]
    dates = [parse_list(text, path).date for text, path in zip(texts, paths, strict=True)]
    print("# Title: " + " + ".join(parse_list(text, path).name for text, path in zip(texts, paths, strict=True)))
    print(f"# Date: {min(dates) if all(dates) else 'unknown'}")
    for text in texts:
        print("\n".join(["#", *(f"# {line}" for line in head(text))]))
    print("#\n# Kept are the rules about hosts. Made by: python -m posture_endpoint.trackerlist")
    rules = (rule for text in texts for line in text.splitlines() if (rule := parse_rule(line)) is not None)
    print("\n".join(rule.text() for rule in kept(rules)))


if __name__ == "__main__":
    main(sys.argv[1:])
