"""The SMS gateways, one module each. Each is a Courier (`daemon.courier`)."""
