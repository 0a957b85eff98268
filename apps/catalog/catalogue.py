"""The whole standard in its order, and the version of it that scans and exports name."""

from apps.catalog.factors import (
    admin_processes,
    backing_services,
    build_release_run,
    codebase,
    concurrency,
    config,
    dependencies,
    dev_prod_parity,
    disposability,
    logs,
    port_binding,
    processes,
)
from apps.catalog.types import Factor, Item

CATALOGUE_VERSION = "2026.11"

FACTORS: tuple[Factor, ...] = (
    codebase.FACTOR,
    dependencies.FACTOR,
    config.FACTOR,
    backing_services.FACTOR,
    build_release_run.FACTOR,
    processes.FACTOR,
    port_binding.FACTOR,
    concurrency.FACTOR,
    disposability.FACTOR,
    dev_prod_parity.FACTOR,
    logs.FACTOR,
    admin_processes.FACTOR,
)

# Every item weighs the same: the standard ranks none of its lines above another, and a tracked credential already
# shows as the weakest factor, which gates the grade.
ITEMS: dict[str, Item] = {item.id: item for factor in FACTORS for item in factor.items}

_BY_SLUG = {factor.slug: factor for factor in FACTORS}


def factor(slug: str) -> Factor:
    """Return the factor of that slug; KeyError if there is none."""
    return _BY_SLUG[slug]
