"""Packages: which ones the code imports, which ones manifests declare, how firmly, and in which environment."""
