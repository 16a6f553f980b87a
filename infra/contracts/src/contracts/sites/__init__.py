"""What the sites service says and hears, a module for each noun."""
