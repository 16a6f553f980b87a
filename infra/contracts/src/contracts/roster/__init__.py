"""What the roster says and hears, a module for each noun."""
