"""Permissions-Policy as browsers read it: a dictionary of structured fields (RFC 9651)."""

import re

_KEY = r"[a-z*][a-z0-9_.*-]*"
_STRING = r'"(?:[^"\\\x00-\x1f\x7f-\uffff]|\\["\\])*"'
_TOKEN = r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*"
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?"
_BARE = rf"(?:{_STRING}|{_TOKEN}|{_NUMBER}|\?[01])"
_PARAMETERS = rf"(?:; *{_KEY}(?:={_BARE})?)*"
_ITEM = rf"{_BARE}{_PARAMETERS}"
_LIST = rf"\( *(?:{_ITEM}(?: +{_ITEM})* *)?\)"
_MEMBER = re.compile(rf"{_KEY}(?:=(?:{_LIST}|{_BARE}))?{_PARAMETERS}")
_BETWEEN = re.compile(r"[ \t]*,[ \t]*")


def is_permissions_policy(header: str) -> bool:
    """Whether browsers can read it, with at least one feature: of one that they cannot, nothing counts."""
    text, at = header.strip(" "), 0
    while member := _MEMBER.match(text, at):
        if member.end() == len(text):
            return True
        between = _BETWEEN.match(text, member.end())
        if between is None:
            return False
        at = between.end()
    return False
