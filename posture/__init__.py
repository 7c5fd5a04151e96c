"""posture judges published sentences about a product against the accounts and endpoints behind it."""

__version__ = "0.1.0"
