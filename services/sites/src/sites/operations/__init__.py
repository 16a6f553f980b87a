"""What can be done: one function, one transaction, ends with outbox rows."""
