"""The doors of the sites service, by what they open on; `sites.service` puts them together."""
