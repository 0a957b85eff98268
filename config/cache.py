"""The cache in Redis, which may be away: what is cached is a convenience or a limit, never the truth."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)


class PatientRedisCache(RedisCache):
    """Without its server it holds nothing, so that people still sign in; limits of attempts wait until it is back."""

    def _without(self, error: RedisError) -> None:
        log.warning("The cache does not answer: %s", error)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:  # noqa: ANN401
        try:
            return super().add(key, value, timeout, version)
        except RedisError as error:
            self._without(error)
            return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:  # noqa: ANN401
        try:
            return super().get(key, default, version)
        except RedisError as error:
            self._without(error)
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:  # noqa: ANN401
        try:
            super().set(key, value, timeout, version)
        except RedisError as error:
            self._without(error)

    def delete(self, key: Any, version: int | None = None) -> bool:  # noqa: ANN401
        try:
            return super().delete(key, version)
        except RedisError as error:
            self._without(error)
            return False
