"""Profiles that come with posture: one YAML file a document."""
