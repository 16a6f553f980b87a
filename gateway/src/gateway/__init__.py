"""What people and programs see: pages, JSON API."""
