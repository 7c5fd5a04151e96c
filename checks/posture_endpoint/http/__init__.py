"""HTTP at each address: what answers without TLS, what pages declare and name, and whether the policy can be read."""
