"""Parts of ARM bodies that may be absent or null."""

from posture.reply import Reply


def part(item: Reply, *names: str) -> Reply:
    """The object at a path of field names; an absent or null one reads as one without fields."""
    for name in names:
        found = item.get(name)
        item = found if isinstance(found, Reply) else Reply({})
    return item
