"""Rule: one way in which a sentence says a claim."""

from typing import Any

from posture.documents.parameters import Parameters, fixed
from posture.documents.speech import denied
from posture.documents.wording import compiled
from posture.model import Value

# Words that say a claim together stand within so many characters.
_TOGETHER = 160


class Rule(Value):
    """One way of saying a claim.

    One of ``says`` must occur in a sentence and none of ``unless``; of several patterns in brackets all must, in any
    order. Words that are denied say nothing, unless the rule is ``negative``: a claim that something is not so.
    ``about`` lists beginnings of words, one of which stands wherever the rule can speak: it only saves a search.

    ``named`` finds the parameters that the sentence names; where it finds none, ``assumed`` stands in under a reading,
    and a rule that ``needs_named`` is silent. ``alternative`` gives the parameters of another reading, to be judged
    beside it. ``meaning`` is what the claim would test, ``remainder`` what no scan can see of it.
    """

    claim: str
    says: tuple[str | tuple[str, ...], ...]
    meaning: str
    unless: tuple[str, ...] = ()
    named: Parameters = fixed()
    needs_named: bool = False
    assumed: dict[str, Any] = {}
    alternative: Parameters = fixed()
    remainder: str = ""
    negative: bool = False
    about: str = ""

    def matches(self, sentence: str) -> str:
        """The words by which the rule suggests its claim; empty where it is silent."""
        lower = sentence.lower()
        if self.about and not any(stem in lower for stem in self.about.split()):
            return ""
        if any(compiled(pattern).search(sentence) for pattern in self.unless):
            return ""
        found = (_span(saying, sentence) for saying in self.says)
        spans = (span for span in found if span and (self.negative or not denied(sentence, *span)))
        said = next((sentence[start:end] for start, end in spans), "")
        return "" if self.needs_named and not (said and self.named(sentence)) else said


def _span(saying: str | tuple[str, ...], sentence: str) -> tuple[int, int] | None:
    """Where a pattern, or all of several, stand in a sentence."""
    patterns = (saying,) if isinstance(saying, str) else saying
    found = [compiled(pattern).search(sentence) for pattern in patterns]
    spans = [said.span() for said in found if said]
    if len(spans) < len(patterns):
        return None
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    return (start, end) if len(patterns) == 1 or end - start <= _TOGETHER else None
