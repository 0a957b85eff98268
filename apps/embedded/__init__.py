"""PostgreSQL and Valkey for one machine, and the demonstration organisation."""
