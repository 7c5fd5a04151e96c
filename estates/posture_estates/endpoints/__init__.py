"""The endpoint estate: HTTPS servers on loopback whose faults are known."""
