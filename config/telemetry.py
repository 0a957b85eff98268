"""Errors to Sentry and traces to OpenTelemetry, where the environment says where to; otherwise nothing is loaded."""

from __future__ import annotations

import os


def start(process: str) -> None:
    """Call once in each process that does work, after it has been forked: exporters send from threads of their own."""
    if os.environ.get("SENTRY_DSN"):
        _report_errors(process)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        _trace(process)


def _report_errors(process: str) -> None:
    import sentry_sdk

    sentry_sdk.init(  # DSN, environment and release come from SENTRY_DSN, SENTRY_ENVIRONMENT and SENTRY_RELEASE
        send_default_pii=False,
        include_local_variables=False,  # they could hold tokens and lines of private repositories
        max_request_body_size="never",
    )
    sentry_sdk.set_tag("process", process)


def _trace(process: str) -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", f"twelvefold-{process}")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    for instrument in (CeleryInstrumentor, DjangoInstrumentor, PsycopgInstrumentor):
        instrument().instrument()
