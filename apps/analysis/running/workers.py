"""Programs that run for long without being asked over HTTP: consumers of streams and queues, schedulers, bots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.importing import calls_beside
from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File

# Libraries of workers: whoever imports one has a process that takes one task after the other.
LIBRARIES = (
    "celery", "rq", "dramatiq", "huey", "arq", "faust", "kafka", "aiokafka", "confluent_kafka", "pika", "aio_pika", "airflow", "taskiq", "taskiq_redis", "taskiq_aio_pika", "faststream", "bytewax", "pyflink", "pathway", "quixstreams", "pulsar", "temporalio",
)  # fmt: skip

# What begins such a loop, whatever its file imports.
_LOOPS = (
    "*.KafkaConsumer", "confluent_kafka.*Consumer", "aiokafka.AIOKafkaConsumer", "*.start_consuming", "*.run_pending", "*.BlockingScheduler", "*.receive_message", "*.xreadgroup",
    "google.cloud.pubsub_v1.SubscriberClient", "pathway.run", "temporalio.worker.Worker",
)  # fmt: skip
# library -> what begins the loop in a file that imports it
_BESIDE = {
    "pulsar": ("*.receive",),
    "aio_pika": ("*.iterator", "*.consume"),
    "paho.mqtt": ("*.loop_forever",),
    "pyflink": ("*.execute",),
}
# Of workers that heed SIGTERM by themselves.
_GRACEFUL = {
    "faust": ("*.main",),
    "quixstreams": ("*.run",),
    "rq": ("*.work",),
}
_BOTS = {
    "telebot": ("*.polling", "*.infinity_polling"),
    "telethon": ("*.run_until_disconnected",),
    "slack_bolt": ("slack_bolt.*SocketModeHandler",),
    "vk_api": ("vk_api.*LongPoll",),
    "discord": ("*.run",),
    "nextcord": ("*.run",),
    "disnake": ("*.run",),
    "pyrogram": ("*.run",),
}
_GRACEFUL_BOTS = {
    "telegram.ext": ("*.run_polling", "*.start_polling"),
    "aiogram": ("*.start_polling",),  # not of its executor
}
_OF_A_BOT = expression(r"(^|\.)(\w*bot|\w*client|app)\.run$|(bot|client)\(\)\.run$", re.IGNORECASE)


class Loop(msgspec.Struct, frozen=True):
    """`graceful` ones finish what they are doing when they get SIGTERM."""

    file: File
    call: Call
    graceful: bool = False
    is_bot: bool = False


def loops(facts: Facts) -> list[Loop]:
    """In scripts, those that a bot runs first."""
    return facts.once(_loops)


def _loops(facts: Facts) -> list[Loop]:
    found = [
        Loop(file, call, graceful and "executor" not in call.name, is_bot=True)
        for table, graceful in ((_GRACEFUL_BOTS, True), (_BOTS, False))
        for file, call in calls_beside(facts, table, facts.scripts)
        if call.last != "run" or _OF_A_BOT.search(call.name)
    ]
    found += [Loop(file, call, graceful=True) for file, call in calls_beside(facts, _GRACEFUL, facts.scripts)]
    found += [Loop(file, call) for file, call in calls_beside(facts, _BESIDE, facts.scripts)]
    found += [Loop(file, call) for file, call in facts.calls(*_LOOPS, files=facts.scripts)]
    first = {(one.file.path, one.call.line): one for one in reversed(found)}
    return [one for one in found if first[one.file.path, one.call.line] is one]


COMMAND = expression(
    r"\bcelery\b.*\b(worker|beat|flower)\b|\brq worker\b|\brqworker\b|\bdramatiq\b|\bairflow (celery )?(webserver|scheduler|worker|triggerer|api-server|standalone)\b|"
    r"^(/?\S*entrypoint\.sh )?(webserver|scheduler|worker|flower|triggerer)$|\bray start\b|\bdagster-daemon\b|\bdagster (api grpc|code-server)\b|\bprefect (worker|agent) start\b|\bdagit\b|\bdagster-webserver\b|\barq\b|\bfaust\b.*worker|"
    r"\btaskiq worker\b|\bfaststream run\b|\bhuey_consumer(\.py)?\b"
)
