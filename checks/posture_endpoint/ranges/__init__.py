"""Whose addresses are whose: a dated snapshot of the ranges that providers publish, and how it is renewed."""
