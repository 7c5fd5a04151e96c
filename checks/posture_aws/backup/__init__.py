"""AWS Backup: vaults with their policies, the recovery points in them, and where backup plans copy to."""
