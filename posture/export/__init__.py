"""Exports: a run in the formats of other programs. Pure functions of its view and of the stream of its findings."""
