"""Databases, feature stores and vector stores are attached by an address from the environment.

## What it does
Looks at every call that opens a database, feature store or vector store (SQL, MongoDB, Redis, Elasticsearch,
BigQuery, Feast, Qdrant, Chroma, Pinecone…), at connection strings, settings files, compose images and
infrastructure, and follows the argument that locates the service to where it comes from.

- **met**: the address, path or connection comes from the environment, a flag, a pipeline parameter or the
  deployment.
- **partial**: it stands in a tracked config file, has a default that names a production host, comes with each
  request, or this holds for some of the services only.
- **unmet**: it is written into the code; a SQLite, Chroma or FAISS file at a fixed path counts as that.
- **na**: nothing of the kind is used.

## Why it matters
Predictions depend on features and vectors that live in a store. When its address is a value of the
deployment, the same image runs against a laptop's container, staging and production, and a broken store is
replaced without a new build.

## How to adopt it
```python
# before
client = QdrantClient(host="10.1.4.7", port=6333)
# after
client = QdrantClient(url=os.environ["QDRANT_URL"])
```

## References
- The Twelve-Factor App, IV. Backing services: https://12factor.net/backing-services
- SQLAlchemy, Engine configuration: https://docs.sqlalchemy.org/en/20/core/engines.html
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
        services.uses(facts, Kind.DATABASE),
        absence="No database, feature store or vector store was found in imports, calls, connection "
        "strings, compose files or infrastructure.",
        remedy="Take the connection string from an environment variable (`os.environ['DATABASE_URL']`) "
        "and set it in the deployment.",
    )
