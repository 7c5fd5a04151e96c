"""The hello engine: what an address accepts of TLS, proven with a few hellos that posture writes and reads itself."""
