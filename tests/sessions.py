"""Sessions that a database still has when it is to be dropped."""

# Autovacuum, which only its owner may end, is left alone: a plain DROP DATABASE ends it, one WITH (FORCE) is refused.
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = %s AND backend_type = 'client backend'"
)
