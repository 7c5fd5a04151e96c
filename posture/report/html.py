"""The report as one page that stands alone: it asks for nothing and runs only its own script, under a policy."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from posture.model import Verdict
from posture.report import brief, opening, picture, words
from posture.report.catalogue import Catalogue
from posture.report.inert import inert_value
from posture.report.view import RunFacts, View

MEANINGS: dict[Verdict, str] = {
    Verdict.VERIFIED: "all that the sentence speaks about was seen and judged, and all of it holds.",
    Verdict.CONTRADICTED: "at least one thing that was seen breaks the sentence.",
    Verdict.PARTLY_VERIFIED: "what was judged holds, but something was not seen, or is not for a scan to see.",
    Verdict.UNKNOWN: "too little was seen to say anything. That is no pass and no failure.",
    Verdict.NOT_TESTABLE: "no scan can show it: it is about people, papers or conduct, for somebody to vouch for.",
}
"""What each verdict of a statement tells a reader (see ``posture.verdict``)."""


def render(view: View, catalogue: Catalogue | None = None) -> str:
    """The page. Style and script are inline and named by their hashes in its policy; without the script it is whole.

    The script lists the findings of the catalogue. Without one the page shows those of the view and says where all are.
    """
    view = inert_value(view)
    style, script = _part("report.css") + _sheets(view.run), _part("findings.js") + _part("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            view=view,
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
            anchors=_anchors(view),
            catalogue=catalogue,
            block=Markup(catalogue.data) if catalogue else "",
            sections={profile.id: picture.sections(profile) for profile in view.profiles},
            grids={profile.id: picture.grid(profile) for profile in view.profiles},
        )
    )


def policy(style: str, script: str) -> str:
    """A policy that admits one style sheet and one script, by their hashes, and nothing else (CSP level 3, W3C)."""
    return (
        f"default-src 'none'; style-src '{_mark(style)}'; script-src '{_mark(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _sheets(run: RunFacts) -> str:
    """Which run each printed sheet belongs to. Instant and seal are made here of digits and letters, as CSS needs."""
    name = f"run {run.seal[:16]}" if run.seal else "a run without seal"
    return f'@page {{ @top-right {{ content: "{name} · {words.moment(run.started)}"; }} }}\n'


def _mark(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("posture.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "verdicts": list(Verdict),
        "symbols": words.SYMBOLS,
        "outcomes": words.OUTCOMES,
        "classes": words.CLASSES,
        "bases": words.BASES,
        "meanings": MEANINGS,
        "foremost": brief.foremost,
        "stands": brief.stands,
        "standing": brief.standing,
    }
    environment.filters |= {
        "spoken": words.spoken,
        "listing": words.listing,
        "moment": words.moment,
        "counted": words.number,
    }
    environment.globals |= {"headline": words.headline, "tally_words": words.tally_words}
    environment.globals |= {"partial": opening.partial, "whose": opening.whose, "summaries": opening.SUMMARIES}
    environment.globals |= {"holders_words": words.holders_words, "widest": picture.widest}
    return environment


def _part(name: str) -> str:
    return files("posture.report").joinpath("templates", name).read_text(encoding="utf-8")


def _anchors(view: View) -> dict[str, str]:
    """Where each statement stands on the page, by the name that actions use for it."""
    alone = len(view.profiles) == 1
    return {
        statement.id if alone else f"{profile.id}/{statement.id}": f"s{place}-{number}"
        for place, profile in enumerate(view.profiles, 1)
        for number, statement in enumerate(profile.statements, 1)
    }
