"""Markdown: its marks taken off, so that sentences read, and are anchored, as they are shown."""

import re

_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
_RULE = re.compile(r"^\s*(?:[|:\s-]*-[|:\s-]*|[*_=\s]{3,})$")
_LEAD = re.compile(r"^\s{0,3}(?:#{1,6}\s+|(?:>\s?)+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,500})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3}|`{1,2})(?=\S)([^\n]{1,1000}?)(?<=\S)\1(?!\w)")


def plain_text(markdown: str) -> str:
    """The text of a Markdown document: headings, items and cells are lines; comments and pictures are left out."""
    lines = _COMMENT.sub("", markdown).splitlines()
    return "\n".join(shown for line in lines for shown in _shown(line))


def _shown(line: str) -> list[str]:
    if _FENCE.match(line):
        return [""]
    if _RULE.match(line):
        return [""] if line.strip() else [line]
    bare = _LEAD.sub("", line)
    plain = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _PICTURE.sub("", bare)))
    if bare != line:
        return ["", plain, ""]
    if plain.lstrip().startswith("|"):
        return [part for cell in re.split(r"(?<!\\)\|", plain) if cell.strip() for part in (cell.strip(), "")]
    return [plain]
