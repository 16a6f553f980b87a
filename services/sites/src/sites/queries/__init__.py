"""What can be asked: SQL becomes plain rows, or GeoJSON bytes that PostGIS built."""
