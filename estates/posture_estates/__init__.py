"""Estates: throw-away worlds on this machine that posture can be tried against."""
