"""Who we are: organisations, members, identity."""
