"""Published TLS policies as data, one file each, and the check that holds what an endpoint accepts against them."""
