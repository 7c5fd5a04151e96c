"""Where statements and claims stand in the files of their profiles, so that results can be shown beside them."""

from collections.abc import Mapping, Sequence

from posture.model import Value
from posture.profile import Profile, from_data
from posture.run.record import ProfileRecord


class Placed(Value):
    """The file of a profile, with the line of each statement and of each of its claims in their order."""

    file: str
    statements: dict[str, int]
    claims: dict[str, tuple[int, ...]]

    def line(self, statement: str, number: int | None = None) -> int:
        """The line of a statement, or of one of its claims; 1 where the file could not be read again."""
        lines = self.claims.get(statement, ())
        if number is not None and number < len(lines):
            return lines[number]
        return self.statements.get(statement, 1)


Places = Mapping[str, Placed]
"""Where profiles stand, by their ids."""


def places(records: Sequence[ProfileRecord], files: Mapping[str, tuple[str, Profile]]) -> dict[str, Placed]:
    """Where the profiles of a run stand. A run records no lines: they come from ``files`` (path and profile by id).

    A profile that is not among the files, or is not the one that was judged, has its name alone.
    """
    found = {}
    for record in records:
        judged = from_data(record.data, record.file)
        path, profile = files.get(judged.id, (record.file, judged))
        found[judged.id] = placed(path, profile) if profile.source == judged.source else placed(record.file, judged)
    return found


def placed(file: str, profile: Profile) -> Placed:
    """The lines of one profile."""
    return Placed(
        file=file,
        statements={statement.id: statement.line for statement in profile.statements},
        claims={s.id: tuple(asserted.line for asserted in s.asserted) for s in profile.statements},
    )
