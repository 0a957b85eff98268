"""How processes start, show that they are well, stop, and get over an interruption."""
