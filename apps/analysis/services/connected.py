"""Brokers whose clients are told where these are when they connect, or by an option of Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.origins import origin_of_argument
from apps.analysis.expressions import expression
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import Use, located_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File


def uses(facts: Facts) -> list[Use]:
    return [
        Use(Kind.QUEUE, service, located_by(origin), (origin.place, file.at(call.line)), origin.literal or "")
        for service, file, call, position, name in (*_by_mqtt(facts), *_by_spark(facts))
        for origin in [origin_of_argument(facts, file, call, position, name)]
    ]


def _by_mqtt(facts: Facts) -> Iterator[tuple[str, File, Call, int, str]]:
    files = [file for file, _ in facts.imports("paho.mqtt", "gmqtt")]
    for file, call in facts.calls("*.connect", "*.connect_async", files=files):
        if call.argument(0, "host") is not None and call.name.rpartition(".")[0] in file.once(_clients_of_mqtt):
            yield "MQTT", file, call, 0, "host"


_MADE_BY_MQTT = expression(r"^\$(?:paho\.mqtt|gmqtt)\.(?:\w+\.)*\w*Client\(\)")


def _clients_of_mqtt(file: File) -> set[str]:
    """What the code calls its clients of a broker."""
    assigns = file.facts.code.assigns if file.facts.code else ()
    return {one.name for one in assigns if _MADE_BY_MQTT.match(str(one.value))}


def _by_spark(facts: Facts) -> Iterator[tuple[str, File, Call, int, str]]:
    for file, call in facts.calls("*.option"):
        if call.argument(0, "key") == "kafka.bootstrap.servers":
            yield "Kafka", file, call, 1, "value"
