"""Monitoring and error tracking are attached by configuration.

## What it does
Looks for Prometheus, Grafana, OpenTelemetry, Sentry, Datadog, cloud monitors, tracers of language models,
model monitors and alert channels (Slack, e-mail, SNS), and follows their addresses to where they come from.

- **met**: the address or key comes from the environment or the platform; a `/metrics` endpoint, which names nobody,
  counts as that.
- **partial**: the address stands in a tracked file.
- **unmet**: it is written into the code.
- **na**: nothing of the kind is used.

## Why it matters
Models fail silently: inputs drift and nobody sees an exception. Monitoring must be attachable in production
and detachable in tests, without an edit of the code.

## How to adopt it
```python
# before
sentry_sdk.init(dsn="https://abc@o1.ingest.sentry.io/2")
# after
sentry_sdk.init(dsn=os.environ["SENTRY_DSN"])
```

## References
- Sentry, Configuration: https://docs.sentry.io/platforms/python/configuration/options/
- OpenTelemetry, OTLP exporter configuration:
  https://opentelemetry.io/docs/languages/sdk-configuration/otlp-exporter/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.services import Kind
from apps.analysis.services.verdict import judged

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    return judged(
        services.uses(facts, Kind.MONITORING),
        absence="No monitoring, error tracking or alert channel was found in calls, settings, compose "
        "files or infrastructure.",
        remedy="Take the address or key from the environment (`SENTRY_DSN`, "
        "`OTEL_EXPORTER_OTLP_ENDPOINT`), or track the scraper's configuration.",
    )
