"""The file of root certificates that a target may bring for private PKI."""

import ssl


def untrustworthy(ca_file: str) -> str:
    """Why a file of root certificates cannot be used; empty when it can, or when none is named."""
    try:
        if ca_file:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except OSError as error:
        return f"ca_file: {ca_file!r} cannot be used: {error.strerror or error}"
    return ""
