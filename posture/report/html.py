"""The report as one page that stands alone: no script, no request, and a policy that forbids both."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from posture.model import Verdict
from posture.report import words
from posture.report.inert import inert_value
from posture.report.statement import StatementView
from posture.report.view import ProfileView, View


def render(view: View) -> str:
    """The page. Its style is inline and named by its hash in the page's content security policy."""
    view = inert_value(view)
    style = _style()
    return (
        _environment()
        .get_template("report.html")
        .render(
            view=view,
            style=Markup(style),
            policy=policy(style),
            anchors=_anchors(view),
            sections=_sections,
        )
    )


def policy(style: str) -> str:
    """A policy that admits one style sheet, by its hash, and nothing else (CSP level 3, W3C)."""
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"


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
    }
    environment.filters |= {
        "spoken": words.spoken,
        "listing": words.listing,
        "moment": words.moment,
        "counted": words.number,
    }
    environment.globals |= {"headline": words.headline, "tally_words": words.tally_words}
    return environment


def _style() -> str:
    return files("posture.report").joinpath("templates", "report.css").read_text(encoding="utf-8")


def _sections(profile: ProfileView) -> list[tuple[str, list[tuple[int, StatementView]]]]:
    """The statements with their numbers, by section, in the order of the document."""
    groups = groupby(enumerate(profile.statements, 1), key=lambda item: item[1].section)
    return [(section, list(statements)) for section, statements in groups]


def _anchors(view: View) -> dict[str, str]:
    """Where each statement stands on the page, by the name that actions use for it."""
    alone = len(view.profiles) == 1
    return {
        statement.id if alone else f"{profile.id}/{statement.id}": f"s{place}-{number}"
        for place, profile in enumerate(view.profiles, 1)
        for number, statement in enumerate(profile.statements, 1)
    }
