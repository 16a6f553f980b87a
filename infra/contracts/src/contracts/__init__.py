"""What the services say to each other and to the gateway."""
