"""What the assessment says and hears, a module for each noun."""
