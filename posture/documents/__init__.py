"""Documents: their text, their sentences and anchors, how they drift, and first drafts of profiles for them."""


class DocumentError(Exception):
    """A document that cannot be read. The message is one line that names the document and says what to do."""


class NotFetchedError(DocumentError):
    """An address that gave no document."""
