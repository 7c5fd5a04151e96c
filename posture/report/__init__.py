"""Reports: one view of a run, and its renderings as text, page and JSON. Pure functions of a run directory."""
