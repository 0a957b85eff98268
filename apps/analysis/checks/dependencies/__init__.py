"""Dependencies: explicitly declare and isolate dependencies."""
