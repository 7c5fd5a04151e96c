"""The run directory: what a scan leaves behind, and how it is written, sealed, verified and replayed."""
