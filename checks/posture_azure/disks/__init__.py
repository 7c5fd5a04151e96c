"""Managed disks and their snapshots: encryption at rest, export, sharing, place and age.

Two things are not judged here. ``encryptionAtHost`` of a virtual machine covers its temporary disk and caches; it adds
no layer to a disk and says nothing for `DoubleEncrypted`. An unmanaged disk is a blob: its storage account is judged.
"""
