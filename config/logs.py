"""How every process speaks: one line per event on stdout, JSON for machines or text for a terminal."""

from __future__ import annotations

from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from config.log_lines import MaskedLine

# What every line carries, whether structlog or the standard library was asked: when, how grave, who, and the ids of
# the request, the task and the scan that are bound at that moment.
SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow={"status_code"}),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)
# Neither tells the values of variables: they could hold passwords, tokens and lines of private repositories.
JSON = (
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    structlog.processors.EventRenamer("message"),
    structlog.processors.JSONRenderer(sort_keys=True),
)
TEXT = (
    structlog.dev.ConsoleRenderer(
        colors=False, pad_event_to=0, pad_level=False, exception_formatter=structlog.dev.plain_traceback
    ),
)


def configured(*, level: str, form: str) -> dict[str, Any]:
    """Directs structlog to the standard library, and returns the `LOGGING` that renders both as `form`."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *SHARED,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    rendered = [ProcessorFormatter.remove_processors_meta, *(JSON if form == "json" else TEXT)]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": MaskedLine, "foreign_pre_chain": list(SHARED), "processors": rendered},
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stdout"], "propagate": False},
            # gunicorn brings handlers of its own; here it shares the one. Its access log would tell addresses, which
            # the lines of `config.requests` leave out.
            "gunicorn.error": {"handlers": ["stdout"], "propagate": False},
            "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
            # What it says of a request that went wrong tells the address; `config.requests` has told the route.
            "django.request": {"level": "ERROR"},
            # Wake-ups come and go by the thousand and say nothing; scans speak for themselves.
            **{
                f"celery.{name}": {"level": "WARNING"}
                for name in ("app.trace", "beat", "worker.request", "worker.strategy")
            },
        },
    }
