"""What of an order has no effect or less than was meant, in a line each for standard error."""

from collections.abc import Iterator

from posture.assess import drafts
from posture.registry import profile_files
from posture.report.inert import inert
from posture.report.words import number
from posture.run.directory import Run
from posture.scan import Order
from posture.unmatched import unmatched
from posture.yamlfile import nearest


def notices(order: Order, run: Run) -> Iterator[str]:
    """Readings that nobody confirmed, attestations of nothing, and patterns that match nothing."""
    yield from map(inert, (*_drafts(order), *_attestations(order), *_patterns(order, run)))


def _drafts(order: Order) -> Iterator[str]:
    for use in order.scoped:
        count = sum(len(drafts(statement)) for statement in use.profile.statements)
        if count:
            yield (
                f"{use.profile.file}: {number(count, 'reading')} not confirmed by a person: "
                "what rests on one is at best partly verified"
            )


def _attestations(order: Order) -> Iterator[str]:
    statements = [f"{use.profile.id}/{statement.id}" for use in order.scoped for statement in use.profile.statements]
    judged = {use.profile.id for use in order.scoped}
    elsewhere = profile_files().keys() - judged
    for attestation in order.attestations:
        if attestation.statement not in statements and attestation.statement.partition("/")[0] not in elsewhere:
            hint = nearest(attestation.statement, statements)
            yield f"attestation {attestation.id}: there is no statement {attestation.statement!r}{hint}"


def _patterns(order: Order, run: Run) -> Iterator[str]:
    for pattern in unmatched(order.scoped, order.holds, run):
        yield f"{pattern} matched no resource that was judged or left out"
