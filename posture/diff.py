"""Compares two runs: what changed for each statement and each finding, and one cause for each change."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType

from posture.allowances import expired
from posture.assess import Assessment, ClaimVerdict, ProfileVerdict, StatementVerdict
from posture.between import Between, between
from posture.cause import Ground, Standing, Why, why_absent, why_changed
from posture.gate import stops
from posture.model import Finding, Fail, NotApplicable, Pass, Resource, Severity, Unknown, Value, Verdict
from posture.pairs import NEW, OLD, Excepts, Pairs
from posture.profile import StatementSource
from posture.run.directory import Run
from posture.run.record import Head

SHOWN = 5
"""Changes of findings that are kept with a statement; ``Comparison.changes`` tells all of them."""
