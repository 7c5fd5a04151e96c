"""RDS: databases, Aurora, DocumentDB and Neptune clusters, their snapshots, automated backups and parameters."""
