"""Rule: one way in which a sentence says a claim."""

import re
from typing import Any

from posture.documents.parameters import Parameters, fixed
from posture.model import Value


class Rule(Value):
    """One way of saying a claim.

    One of ``says`` must occur in a sentence and none of ``unless``. ``named`` finds the parameters that the sentence
    names; where it finds none, ``assumed`` stands in under a reading, and a rule that ``needs_named`` is silent.
    ``alternative`` gives the parameters of another reading, to be judged beside it.
    ``meaning`` is what the claim would test, ``remainder`` what no scan can see of it where nothing was named.
    """

    claim: str
    says: tuple[str, ...]
    meaning: str
    unless: tuple[str, ...] = ()
    named: Parameters = fixed()
    needs_named: bool = False
    assumed: dict[str, Any] = {}
    alternative: Parameters = fixed()
    remainder: str = ""

    def matches(self, sentence: str) -> str:
        """The words by which the rule suggests its claim; empty where it is silent."""
        if any(re.search(pattern, sentence, re.IGNORECASE) for pattern in self.unless):
            return ""
        if self.needs_named and not self.named(sentence):
            return ""
        found = (re.search(pattern, sentence, re.IGNORECASE) for pattern in self.says)
        return next((said[0] for said in found if said), "")
