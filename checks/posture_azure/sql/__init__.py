"""Azure SQL: logical servers with their databases, and managed instances with theirs.

Long-term backups that outlive their server, replicas in other subscriptions, IPv6 firewall rules and Always Encrypted
columns are not read here.
"""
