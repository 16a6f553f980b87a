"""The whole platform on one machine: private servers, supervised processes."""
