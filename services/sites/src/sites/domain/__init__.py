"""The rules of the sites service, without I/O."""
