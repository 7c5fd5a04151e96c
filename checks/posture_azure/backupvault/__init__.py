"""Backup vaults (Microsoft.DataProtection), the newer kind: what they protect, for how long, and how safely.

Operational backups of blobs and disks stay in the account or group of their source, where they are judged as such.
"""
