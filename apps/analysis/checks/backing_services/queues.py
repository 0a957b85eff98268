"""Message queues and brokers are attached by an address from the environment.

## What it does
Looks for Kafka, RabbitMQ, Celery, Redis queues, SQS, Kinesis, Pub/Sub, Service Bus, NATS and MQTT in calls,
settings files, compose images and infrastructure, and follows broker addresses, topics and queue names to
where they come from. Event rules and cron triggers of a cloud are no queues.

- **met**: the address comes from the environment, a parameter or the deployment.
- **partial**: from a tracked config file, from the environment with a production fallback, or for some queues
  only.
- **unmet**: it is written into the code.
- **na**: no queue is used.

## Why it matters
Streams feed online features and carry predictions away. A broker's address in code couples every environment
to one cluster, so that a test can write into production topics.

## How to adopt it
```python
# before
producer = KafkaProducer(bootstrap_servers="broker-1:9092")
# after
producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BROKERS"].split(","))
```

## References
- The Twelve-Factor App, IV. Backing services: https://12factor.net/backing-services
- Celery, Configuration: https://docs.celeryq.dev/en/stable/userguide/configuration.html
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
        services.uses(facts, Kind.QUEUE),
        absence="No message queue and no broker was found in calls, settings, compose files or infrastructure.",
        remedy="Take the broker's address from an environment variable (`KAFKA_BROKERS`, `CELERY_BROKER_URL`).",
    )
