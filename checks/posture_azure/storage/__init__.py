"""Storage accounts: their encryption and keys, who reaches them, where they lie, and how long deleted data stays.

What Resource Manager does not show is not judged: shared access signatures that were handed out, a static website (a
setting of the data plane that serves the container ``$web`` whatever the account forbids) and what is in the blobs.
"""
