"""How a service runs: doors, database, outbox, inbox, work."""
