"""What is sent and received on the wire. These modules may need sslyze and cryptography to load."""
