"""The doors of the roster, by what they open on."""
