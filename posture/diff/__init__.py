"""What changed between two runs, statement by statement and finding by finding, and why."""
