"""Management commands of the scans."""
