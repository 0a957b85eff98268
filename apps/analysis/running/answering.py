"""The code that answers requests: the modules of a server, what they import, and the functions behind its routes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apps.analysis.code.importing import HOPS, imported_by
from apps.analysis.code.names import scope_of
from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.paths import Kind
from apps.analysis.running import serving, workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.analysis.facts.model import Call, Define
    from apps.analysis.repository import Facts, File

_ROUTES = expression(
    r"\.(?:get|post|put|delete|patch|route|websocket|api_route|api|endpoint|event|on_message|predict|method|tool)$|^bentoml\.api|chainlit\.on_|serve\.batch|functions_framework|^jina\.requests"
)
_HANDLERS = frozenset(
    {
        "lambda_handler",
        "handler",
        "run",
        "predict",
        "handle",
        "__call__",
        "inference",
        "post",
        "get",
        "on_post",
        "on_get",
        "predict_fn",
        "transform_fn",
        "preprocess",
        "postprocess",
        "execute",
        "dispatch",
        "Predict",
        "invocations",
    }
)
# Decorators of what a bot does about a message, and what takes such a function as an argument.
_OF_BOTS = frozenset({"message_handler", "callback_query_handler", "message", "callback_query", "command", "on_message", "event"})  # fmt: skip
_OF_CLASSES = frozenset({"classmethod", "staticmethod"})  # which no server calls

# What takes the function that answers as an argument, and by which arguments; of a page's elements only where they are made.
_GIVEN = frozenset({
    "Interface", "ChatInterface", "add_api_route", "add_url_rule", "add_route", "add_api_websocket_route", "add_get", "add_post", "add_put", "add_delete", "Route", "WebSocketRoute", "CommandHandler", "MessageHandler", "CallbackQueryHandler", "register_message_handler",
})  # fmt: skip
_EVENTS = frozenset(
    {"click", "submit", "change", "then", "success", "upload", "select", "release", "input", "stop_recording"}
)
_FUNCTIONS = ("fn", "fns", "endpoint", "view_func", "handler")


_MODEL_SERVERS = ("BaseHandler", "VisionHandler", "TextHandler", "ImageClassifier", "MLModel", "LitAPI")
_VIEWS = ("APIView", "ViewSet", "MethodView", "Resource", "RequestHandler", "TemplateView", "FormView", "HTTPEndpoint", "Servicer", "django.views.View", "View")  # fmt: skip


def served(facts: Facts) -> dict[str, File]:
    """Files that run in a serving process: where a server is made, and the modules of the repository that it imports."""
    return facts.once(_served)


def _served(facts: Facts) -> dict[str, File]:
    start = [file for file, _ in serving.servers(facts) if file.facts.code]
    start += [file for file, _ in serving.functions(facts) if file.facts.code]
    start += [one.file for one in workers.loops(facts) if one.is_bot]
    start += [
        file
        for file, _ in serving.endpoints(facts)
        if file.facts.code and re.search(r"scor|infer|predict|handler|serv", file.name)
    ]
    start += [file for file, _ in facts.defines("", where=_is_served)]
    start += (
        [
            file
            for file, _ in facts.imports(
                "django.http", "django.shortcuts", "rest_framework.decorators", files=facts.scripts
            )
        ]
        if start
        else []
    )
    start += [file for file, _ in facts.defines("", where=_has_route)]
    return imported_by(facts, start)


def _is_served(_: File, one: Define) -> bool:
    return any(base.endswith((*_MODEL_SERVERS, *_VIEWS)) for base in one.bases)


def _has_route(_: File, one: Define) -> bool:
    return any(_is_route(d.name) for d in one.decorators)


@lru_cache(maxsize=16_384)
def _is_route(name: str) -> bool:
    return _ROUTES.search(name) is not None


def handlers(facts: Facts) -> list[tuple[File, Define]]:
    """Functions that a request runs, in scripts."""
    return facts.once(_handlers)


def _handlers(facts: Facts) -> list[tuple[File, Define]]:
    files = [file for file in served(facts).values() if file.kind is Kind.PYTHON and file.facts.code]
    handed = facts.once(_handed_over)
    bots = {one.file.path for one in workers.loops(facts) if one.is_bot}
    found: list[tuple[File, Define]] = []
    for file in files:
        given, dash = file.once(_given) | handed.get(file.path, set()), file.imports("dash")
        found += [
            (file, one)
            for one in (file.facts.code.defines if file.facts.code else ())
            if one.kind == "def"
            and (
                any(_is_route(d.name) or (dash and d.last == "callback") for d in one.decorators)
                or _is_named_for_it(one)
                or one.name in given
                or _is_view(file, one)
                or (one.name == "forward" and one.scope in file.once(_workers_of_mosec))
                or (file.path in bots and any(d.last in _OF_BOTS for d in one.decorators))
            )
        ]
    return found


def _is_named_for_it(one: Define) -> bool:
    """Functions with the names that servers call; what only runs, given nothing, is the program itself."""
    if one.name == "run" and set(one.parameters) <= {"self"}:
        return False
    return one.name in _HANDLERS and _OF_CLASSES.isdisjoint(d.last for d in one.decorators)


def _handed_over(facts: Facts) -> dict[str, set[str]]:
    """By path, the functions of a module that another one gives to a server: `bp.route("/x")(controller.answer)`."""
    files = [file for file in served(facts).values() if file.kind is Kind.PYTHON]
    named: dict[str, set[str]] = {}
    for file in files:
        for name in file.once(_functions):
            named.setdefault(name, set()).add(file.path)
    found: dict[str, set[str]] = {}
    for file in files:
        for name in file.once(_given):
            if len(named.get(name, ())) == 1:  # a name that several modules give tells no function
                found.setdefault(next(iter(named[name])), set()).add(name)
    return found


def _functions(file: File) -> set[str]:
    code = file.facts.code
    return {one.name for one in (code.defines if code else ()) if one.kind == "def" and not one.scope}


@kept
def given(facts: Facts) -> list[tuple[File, Define]]:
    """Functions that a server or a page is given, whatever they are called."""
    handed = facts.once(_handed_over)
    return [
        (file, one)
        for file, one in handlers(facts)
        if one.name in file.once(_given) or one.name in handed.get(file.path, ())
    ]


def _given(file: File) -> set[str]:
    """Names of functions that a server or a page is given: `app.add_api_route("/x", f)`, `app.post("/x")(f)`, `button.click(f)`."""
    code = file.facts.code
    page = file.imports("gradio")
    given: list[Any] = []
    for call in code.calls if code else ():
        if call.last in _GIVEN or (page and call.last in _EVENTS) or _is_route(call.name.removesuffix("()")):
            given += call.args[:3]
            given += [call.kwargs[name] for name in _FUNCTIONS if name in call.kwargs]
    return {
        text[1:].rsplit(".", 1)[-1]
        for one in given
        for text in (one if isinstance(one, list) else [one])
        if isinstance(text, str) and text.startswith("$") and not text.endswith(")")
    }


def _workers_of_mosec(file: File) -> set[str]:
    """Classes whose `forward` a request runs; that of a network is a part of the model."""
    code = file.facts.code if file.imports("mosec") else None
    return {one.name for one in (code.defines if code else ()) if any(base.endswith("Worker") for base in one.bases)}


def _is_view(file: File, one: Define) -> bool:
    """Functions that Django gives a request, and methods of a gRPC service."""
    if one.parameters[:3] == ["self", "request", "context"]:
        return True
    return one.parameters[:1] == ["request"] and not one.scope and file.name.startswith("view")


def within(file: File, define: Define) -> list[Call]:
    """The calls inside of the function."""
    return file.once(_by_scope).get(scope_of(define), [])


def _by_scope(file: File) -> dict[str, list[Call]]:
    """The calls inside of each function and class, and of what is defined in these."""
    found: dict[str, list[Call]] = {}
    for call in file.facts.code.calls if file.facts.code else ():
        scope = call.scope
        while scope:
            found.setdefault(scope, []).append(call)
            scope = scope.rpartition(".")[0]
    return found


_HANDING = frozenset({"add_task", "submit", "run_in_executor", "to_thread", "Thread", "Process", "create_task", "apply_async", "map", "run_in_threadpool", "Depends"})  # fmt: skip


def _handed(call: Call) -> list[str]:
    """Functions that the call has run elsewhere: in a thread, after the response, or before the function that asks for them."""
    if call.last not in _HANDING:
        return []
    given = [*call.args[:3], call.kwargs.get("target")]
    return [
        one[1:].removesuffix("()").rsplit(".", 1)[-1] for one in given if isinstance(one, str) and one.startswith("$")
    ]


def reached(facts: Facts) -> list[tuple[File, Define]]:
    """The functions that a request runs, and those of the serving modules that these call, step by step."""
    return facts.once(_reached)


def _reached(facts: Facts) -> list[tuple[File, Define]]:
    return follow(facts, within)


def follow(facts: Facts, calls_of: Callable[[File, Define], list[Call]]) -> list[tuple[File, Define]]:
    """As `reached`, but of each function only the calls that `calls_of` names are followed. The call of a class leads to
    what makes its objects."""
    named = facts.once(_callable)
    found = {(file.path, scope_of(one)): (file, one) for file, one in handlers(facts)}
    edge = list(found.values())
    for _ in range(HOPS):
        called = {name for file, one in edge for call in calls_of(file, one) for name in (call.last, *_handed(call))}
        # a name that several modules give tells no function
        following = [
            pair
            for name in sorted(called)
            if len({file.path for file, _ in named.get(name, ())}) == 1
            for pair in named[name]
        ]
        edge = [pair for pair in following if (pair[0].path, scope_of(pair[1])) not in found]
        found |= {(file.path, scope_of(one)): (file, one) for file, one in edge}
    return list(found.values())


def _callable(facts: Facts) -> dict[str, list[tuple[File, Define]]]:
    """The functions of the serving modules, by the names by which they are called."""
    named: dict[str, list[tuple[File, Define]]] = {}
    for file in served(facts).values():
        for one in file.facts.code.defines if file.facts.code and file.kind is Kind.PYTHON else ():
            if one.kind == "def":
                name = one.scope.rpartition(".")[2] if one.name == "__init__" else one.name
                named.setdefault(name, []).append((file, one))
    return named
