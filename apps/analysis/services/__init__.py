"""Which backing services the system uses, and how each of them is located."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from apps.analysis.code.constants import is_setting
from apps.analysis.services import code, connected, declared, django, elsewhere, storage
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import Located, Use

if TYPE_CHECKING:
    from apps.analysis.repository import Facts

__all__ = ["Kind", "Located", "Use", "uses"]


def uses(facts: Facts, kind: Kind) -> list[Use]:
    """All uses of services of the kind, the ones in code first; notebooks count where nothing else does.

    What a deployment declares counts where nothing tells how the code reaches it: there its configuration locates it.
    """
    found = [use for use in facts.once(_all) if use.kind is kind]
    outside_notebooks = [use for use in found if not any(place.path.endswith(".ipynb") for place in use.places)]
    return [_with_deployment(facts, use) for use in outside_notebooks or found]


def _all(facts: Facts) -> list[Use]:
    reached = [
        *code.uses(facts),
        *connected.uses(facts),
        *django.uses(facts),
        *storage.uses(facts),
        *elsewhere.uses(facts),
        *declared.data_files(facts),
        *declared.platform_data(facts),
        *declared.catalogued_data(facts),
    ]
    reached = [_by_settings(facts, use) for use in reached]
    told = declared.by_configuration(facts)
    variables = code.by_variables(facts)
    found = list(reached)
    for kind in Kind:
        of_kind = [use for use in reached if use.kind is kind]
        configured = [use for use in told if use.kind is kind]
        if (
            not of_kind
            or any(use.located in {Located.CONFIG, Located.UNTOLD} for use in of_kind)
            or _foreign(configured)
        ):
            found += configured
        else:  # a remote of DVC brings the files that the code then reads
            found += [use for use in configured if use.places[0].path.endswith(".dvc/config")]
        named = [use for use in variables if use.kind is kind]
        if kind is Kind.STORAGE or all(use.located is Located.UNTOLD for use in of_kind):
            found += named
        if not of_kind and not configured and not named:
            found += [use for use in declared.by_deployment(facts) if use.kind is kind]
    return found


def _with_deployment(facts: Facts, use: Use) -> Use:
    """Where the environment locates a service, the deployment that sets its variables shows it too."""
    given = code.given_variables(facts, use.kind) if use.located is Located.ATTACHED else []
    return replace(use, places=(*use.places, *given[:1]))


def _by_settings(facts: Facts, use: Use) -> Use:
    """A literal of a module that holds settings stands in a tracked configuration file; a local path is one anywhere."""
    if use.located is not Located.HARDCODED:
        return use
    held = (place.path in facts.by_path and is_setting(facts.by_path[place.path], place.line) for place in use.places)
    return replace(use, located=Located.CONFIG) if any(held) else use


def _foreign(configured: list[Use]) -> bool:
    """Settings of another language's part of the system (`application.properties`): no Python code reads them."""
    return any(
        use.places[0].path.endswith((".properties", "application.yml", "application.yaml", "airflow.cfg"))
        for use in configured
    )
