"""Whether a run can choose another configuration file than the tracked one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.origins import origin_of
from apps.analysis.expressions import expression
from apps.analysis.parameters import names as words

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.repository import Facts, File


def are_chosen(facts: Facts) -> bool:
    """Whether a run chooses its configuration file, by a flag or by a variable of the environment."""
    reads = facts.calls("os.getenv", "os.environ.get", "os.environ[]", files=facts.scripts)
    return (
        _has_flag(facts)
        or any(words.PRESET_VARIABLE.search(str(call.argument(0))) for _, call in reads)
        or any(
            _is_file_chosen(facts, file, call) for file, call in facts.calls(*words.LOADS_CONFIG, files=facts.scripts)
        )
    )


_LOADS_MODULE = ("importlib.import_module", "__import__", "*.Config.fromfile", "Config.fromfile", "*.SourceFileLoader", "*.spec_from_file_location", "*.load_source", "runpy.run_path")  # fmt: skip
_OF_MODULES = expression(r"(^|/)(config(uration)?s?|cfgs?|presets?|recipes)/[\w/.-]+\.py$")


def in_modules(facts: Facts) -> frozenset[str]:
    """Modules of parameters of which a run chooses one by a flag, so that it is imported by its name or path."""
    loads = facts.calls(*_LOADS_MODULE, files=facts.scripts)
    if not any(_is_told(call) for _, call in loads) or not _has_flag(facts):
        return frozenset()
    return frozenset(
        file.path for file in facts.named(_OF_MODULES.pattern) if file.facts.code and not file.facts.code.main
    )


def _is_told(loads: Call) -> bool:
    """Whether the name or path of the module is none that the code writes down."""
    return any(isinstance(one, str) and (one.startswith("$") or "{" in one) for one in loads.args[:2])


def _has_flag(facts: Facts) -> bool:
    flags = facts.calls("*.add_argument", "*.option", "typer.Option", "*.DEFINE_string", files=facts.scripts)
    declared = [call for _, call in flags]
    defines = facts.decorated(facts.scripts)
    declared += [one for _, define in defines for one in define.decorators if one.last in {"option", "argument"}]
    return any(_chooses_file(call) for call in declared)


def _chooses_file(call: Call) -> bool:
    """Whether the flag that `call` declares names a configuration file."""
    told = re.search(r"config(uration)? files?", str(call.kwargs.get("help", "")), re.IGNORECASE)
    return bool(told) or any(words.PRESET_FLAG.match(str(one)) for one in call.args[:3])


def _is_file_chosen(facts: Facts, file: File, loads: Call) -> bool:
    """Whether what `loads` reads, by itself or through `open` just before, is given from outside."""
    opened = file.once(_opened)
    near = range(loads.line - 3, loads.line + 1)
    given = [loads.argument(0), *(path for line in near for path in opened.get((loads.scope, line), ()))]
    return any(origin_of(facts, file, one, loads.scope, loads.line).settable for one in given)


def _opened(file: File) -> dict[tuple[str, int], list[Any]]:
    """What the code opens, by scope and line."""
    opened: dict[tuple[str, int], list[Any]] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        if call.last == "open":
            opened.setdefault((call.scope, call.line), []).append(call.argument(0))
    return opened
