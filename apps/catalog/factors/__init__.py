"""The twelve factors, one module each."""
