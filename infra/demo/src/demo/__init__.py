"""The Zichuan demonstration: real divisions and sites, made-up people."""
