"""How a system tells what happens, and what becomes of its answers."""
