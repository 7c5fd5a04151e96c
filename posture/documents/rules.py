"""Rules of drafting: which wording suggests which claim, with which parameters, and what it leaves to a reading.

The tables suggest; a person confirms.
"""

from posture.documents.operation import OPERATION
from posture.documents.pages import PAGES
from posture.documents.protection import PROTECTION
from posture.documents.rule import Rule

UNWORDED = frozenset({"policy-unchanged"})
"""Claims that no sentence makes: a reviewer pins the text that was read."""

RULES: tuple[Rule, ...] = (*PROTECTION, *OPERATION, *PAGES)
