"""S3: buckets, how they encrypt, whom they let in, and how long they keep what was deleted."""
