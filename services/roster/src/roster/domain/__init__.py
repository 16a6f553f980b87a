"""Rules of the roster, without I/O."""
