"""The way of a model's answers through the code that serves: into logs, into stores, and where they are only printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code.by_line import ByLine, chained, chains
from apps.analysis.code.names import scope_of
from apps.analysis.events import telling
from apps.analysis.events.answer_names import NAMES, NO_ANSWER, tells
from apps.analysis.events.scopes import Scopes
from apps.analysis.expressions import expression
from apps.analysis.kept import kept
from apps.analysis.learning import frameworks, measuring, objects
from apps.analysis.running import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

    Scope = tuple[str, str]  # the path and the dotted scope of a function

HOPS = 4
ASKS = (
    "*.invoke", "*.ainvoke", "*.completions.create", "*.generate_content", "*.generate_content_async", "*.chat", "*.converse", "*.run_inference", "*.stream", "*.astream", "*.responses.create",
    "*.messages.create", "*.ChatCompletion.create", "*.ChatCompletion.acreate", "litellm.completion", "litellm.acompletion", "ollama.generate", "*.invoke_model", "*.invoke_endpoint", "*.query_engine.query",
    "*.as_query_engine().query", "*.aquery", "*.text_generation", "*.compute_prediction", "*.score_samples", "*.classify",
)  # fmt: skip
_NAMED = expression(
    r"predict|infer|(^|_)score|answer|generat(?!\w*(?:id|uuid|token|hash|key|name|url|prompt|report)s?$)|post_?process|respond|classif|recommend|forecast|on_(llm|chain|agent|chat_model)_(end|finish)"
)
_MEASURES = frozenset({"len", "time", "type", "print", "isinstance", "round_time", "perf_counter"})
_MEASURED = expression(r"[\w.]{1,99}\(\)\.(?:shape|dtype|ndim|size)\b")

# --- where an answer may go: the last name of the call -> what its receiver must be called -------------------------------
_STORES = {
    "insert_one": "", "insert_many": "", "insert_rows_json": "", "insert_rows": "", "put_item": "", "put_record": "", "put_records": "", "send_and_wait": "", "produce": "", "publish": "", "xadd": "",
    "append_row": "", "append_rows": "", "write_points": "", "bulk_save_objects": "", "basic_publish": "", "log_table": "", "log_dict": "", "executemany": "", "acreate": "", "objects.create": "",
    "log_metric": "", "log_metrics": "", "log_struct": "", "log_text": "", "track_event": "", "log_event": "", "log_records": "", "index_document": "", "write": r"influx|write_api", "send_batch": "", "save_feedback": "", "batch_put_item": "",
    "add": r"db|session|sess$|conn|uow", "add_all": r"db|session", "merge": r"db|session", "insert": r"db|table\(|client|coll|supabase|repo|store|pending", "upsert": r"table\(|supabase|repo",
    "send": r"producer|queue|kafka|sqs|publisher|event_?hub", "send_message": r"sqs|queue", "index": r"(^|\.)(es|elastic\w*|opensearch)$|_es$", "set": r"collection|document\(|doc_ref|firestore|predict\w*$",
    "push": r"firebase|\bref\(|reference\(", "create": r"log|predict|record|repo|histor|crud|(^|\.)db", "save": r"log|record|repo|histor|crud|store|(^|\.)db", "log": r"^(whylogs|wandb|why|mon|monitor|aim|neptune)$|\.mon$",
    "observe": "predict", "capture": "posthog", "track": r"analytics|posthog|mixpanel|tracker|monitor",
}  # fmt: skip
# Those in which an application keeps its own data: histories, conversations, answers for the next request.
_TABLES = frozenset({
    "insert_one", "insert_many", "put_item", "batch_put_item", "bulk_save_objects", "executemany", "execute", "acreate", "add", "add_all", "merge", "insert", "upsert", "create", "save", "set", "push",
})  # fmt: skip
# What a table, or what writes into it, is called that is there to watch the model.
_WATCHES = expression(
    r"(?:^|[^a-z])log(?:s|ged|ger|ging|_?entry|_?record)?(?![a-z])|Log(?:s|ger|ging|Entry|Record)?(?![a-z])|(?i:monitor|evidently|audit|telemetr|observ|drift|feedback|capture|(?:^|[^a-z])trac(?:e|ing)|metric)"
)
_INSERTS = expression(r"\b(insert|upsert|merge)\b", re.IGNORECASE)
_LOCAL_FILES = frozenset({"writerow", "writerows", "to_csv", "write"})
_HANDED_ON = frozenset({"add_task", "submit", "Thread", "Process", "run_in_executor", "delay", "apply_async", "create_task", "to_thread", "send_task", "run_in_threadpool", "ensure_future", "enqueue"})  # fmt: skip
# Levels at which each answer may be told; a warning tells of some only.
_LEVELS_OF_ANSWERS = frozenset({"info", "log", "success", "msg", "notice", "log_struct", "log_text"})


class Recorded(msgspec.Struct):
    """Where answers go. `kept`: into streams and stores that watch the model; `owned`: among the application's own data;
    `logged`: to loggers; `shown`: they are printed, or written into a local file."""

    kept: list[Evidence] = []
    owned: list[Evidence] = []
    logged: list[Evidence] = []
    shown: list[Evidence] = []


def recorded(facts: Facts) -> Recorded:
    return facts.once(_recorded)


def _recorded(facts: Facts) -> Recorded:
    return _Way(facts).recorded()


@kept
def asking(facts: Facts) -> set[Scope]:
    """Functions of what serves that ask a model, that are named for it, or that call such functions."""
    served = answering.served(facts)
    files = list(served.values())
    asked = [*frameworks.predictions(facts), *facts.calls(*ASKS), *_pipelines(files)]
    found = {(file.path, call.scope) for file, call in asked if file.path in served}
    named = facts.defines(_NAMED.pattern)
    found |= {(file.path, scope_of(one)) for file, one in named if file.path in served and one.kind == "def"}
    functions, apart = _functions(facts), _learning(facts) | _commands(files)
    found = {pair for pair in found if pair not in apart and not _ELSE.search(pair[1])}
    for _ in range(HOPS):
        names = {scope.rsplit(".", 1)[-1] for _, scope in found if scope}
        names = {name for name in names if len(functions.get(name, ())) == 1}
        more = {(file.path, scope) for file in files for scope in _callers(file, names)} - found - apart
        if not more:
            break
        found |= more
    return found


_ELSE = expression(r"(^|[._])(train|fit|eval|valid|test|bench)(?!imate)|prompt$")


def _learning(facts: Facts) -> set[Scope]:
    """Functions that fit a model or measure it: what they tell is no answer to anybody."""
    return {
        (file.path, call.scope) for file, call in [*frameworks.fits(facts), *measuring.measures(facts)] if call.scope
    }


def _callers(file: File, names: set[str]) -> Iterator[str]:
    callers = file.once(Scopes).callers
    for name in callers.keys() & names:
        yield from callers[name]


def _commands(files: list[File]) -> set[Scope]:
    """Commands of a command line, which answer a person at a terminal."""
    return {pair for file in files for pair in file.once(_commands_of)}


def _commands_of(file: File) -> list[Scope]:
    return [
        (file.path, scope_of(one))
        for one in (file.facts.code.defines if file.facts.code else ())
        if any(decorator.last == "command" for decorator in one.decorators)
    ]


def _pipelines(files: list[File]) -> list[tuple[File, Call]]:
    """Pipelines of a hub's models are called like functions."""
    return [pair for file in files for pair in file.once(_pipelines_of)]


def _pipelines_of(file: File) -> list[tuple[File, Call]]:
    receivers = file.once(objects.receivers)
    return [
        (file, call)
        for call in (file.facts.code.calls if file.facts.code else ())
        if call.args and receivers.get(call.name, "").endswith("transformers.pipeline")
    ]


@kept
def _functions(facts: Facts) -> dict[str, list[tuple[File, Define]]]:
    """Those of what serves, by their names."""
    named: dict[str, list[tuple[File, Define]]] = {}
    for file in answering.served(facts).values():
        for one in file.once(Scopes).functions:
            named.setdefault(one.name, []).append((file, one))
    return named


class _Way:
    """Follows answers from the calls that ask, through names and parameters, to the calls that keep them."""

    def __init__(self, facts: Facts) -> None:
        self._served = answering.served(facts)
        self._functions = _functions(facts)
        self._asking = asking(facts)
        self._loggers = {(file.path, id(call)) for file, call in telling.of(facts).loggers}
        predictions = [*frameworks.predictions(facts), *facts.calls(*ASKS), *_pipelines(list(self._served.values()))]
        self._asks = {(file.path, call.line, call.name) for file, call in predictions}
        self._telling = {scope.rsplit(".", 1)[-1] for _, scope in self._asking if scope}
        self._inside = {path: file.once(Scopes) for path, file in self._served.items()}
        self._known: dict[Scope, set[str]] = {}

    def recorded(self) -> Recorded:
        found = Recorded()
        waiting: list[tuple[Scope, set[str]]] = [(scope, set()) for scope in sorted(self._asking)]
        waiting += [(scope, names) for scope, names in self._decorators()]
        for _ in range(4000):
            if not waiting:
                break
            scope, given = waiting.pop(0)
            if scope in self._known and given <= self._known[scope]:
                continue
            names = self._holding(scope, given | self._known.get(scope, set()))
            self._known[scope] = names
            for call in self._calls(scope):
                if self._mentions(scope, call, names):
                    self._note(scope, call, found)
                    waiting.extend(self._onward(scope, call, names))
        found.kept = list(dict.fromkeys(found.kept))
        found.owned = list(dict.fromkeys(found.owned))
        found.logged = list(dict.fromkeys(found.logged))
        found.shown = list(dict.fromkeys(found.shown))
        return found

    def _calls(self, scope: Scope) -> list[Call]:
        return self._inside[scope[0]].calls.get(scope[1], [])

    def _holding(self, scope: Scope, names: set[str]) -> set[str]:
        """The names that hold an answer in the function."""
        names = set(names)
        calls = self._calls(scope)
        asked = [one for one in calls if (scope[0], one.line, one.name) in self._asks or one.last in self._telling]
        known, within = {id(one) for one in asked}, ByLine(asked)
        lines = {one.line for one in asked}
        lines |= {one.line for one in calls if within.between(one.line, one.line + one.span)}
        of_results = chains(calls)
        for _ in range(2):
            for call in calls:
                target = call.target or chained(call, of_results) or _filled(call)
                if target and call.last not in _MEASURES and (id(call) in known or self._mentions(scope, call, names)):
                    names.add("" if NO_ANSWER.search(target) else target)
            owner = ""  # of the entries of a dictionary
            for one in self._inside[scope[0]].assigns.get(scope[1], ()):
                if one.how != "key" or "[" in one.name:
                    owner = one.name if one.value == "$?" else ""
                value = str(one.value)
                if tells(one.value, names) or (one.line in lines and value[:1] == "$" and "()" in value):
                    name = owner or one.name.partition("[")[0]
                    names.add("" if NO_ANSWER.search(name) else name)
        return names - {""}

    def _mentions(self, scope: Scope, call: Call, names: set[str]) -> bool:
        """Whether an answer is among what the call is given: as it is, within a text, a dictionary or another call."""
        inside = self._inside[scope[0]]
        words = scope in self._asking and scope[1] not in inside.callers.get("call_next", ())
        values = [*call.args, *call.kwargs.values()]
        given = str(values)
        if "$?" in given or "()" in given:
            last = call.line + call.span
            if scope[1] in inside.entries:
                values += [one.value for one in inside.entries[scope[1]].between(call.line, last)]
                given = str(values)
            values += self._nested(scope, call, given)
        return any(tells(value, names, words=words) for value in values)

    def _nested(self, scope: Scope, call: Call, given: str) -> list[object]:
        """What those calls are given whose results `call` is given; of a sum of texts, all that stand in it."""
        given = _MEASURED.sub("", given)
        last, own = call.line + call.span, f"${call.name}()"
        return [
            value
            for one in self._inside[scope[0]].calls_by_line[scope[1]].between(call.line, last)
            if one is not call and one.last not in _MEASURES
            if f"${one.name}()" in given or f"{{{one.name}()" in given or ("$?" in given and own not in str(one.args))
            for value in (*one.args, *one.kwargs.values())
        ]

    def _note(self, scope: Scope, call: Call, found: Recorded) -> None:
        file = self._served[scope[0]]
        begun = file.facts.code.main if file.facts.code else 0
        if not scope[1] and 0 < begun < call.line:
            return  # of the file as a command; what serves only imports it
        place = file.at(call.line)
        if (scope[0], id(call)) in self._loggers:
            if call.last in _LEVELS_OF_ANSWERS or call.last not in telling.LEVELS:
                found.logged.append(place)
            elif call.last in {"debug", "warning", "warn"}:  # production writes no `debug`
                found.shown.append(place)
        elif _stores(call):
            (found.kept if self._is_watched(scope, call) else found.owned).append(place)
        elif call.name == "print" or call.last in _LOCAL_FILES:
            found.shown.append(place)

    def _is_watched(self, scope: Scope, call: Call) -> bool:
        """Whether what is kept is there to watch the model, not only for the application's users."""
        gauges = call.last == "set" and "predict" in call.name  # of Prometheus
        if call.last not in _TABLES or gauges:
            return True
        inside = self._inside[scope[0]]
        given = {str(one).strip("$") for one in (*call.args, *call.kwargs.values())}
        made = [inside.made[scope[1], name].before(call.line) for name in given if (scope[1], name) in inside.made]
        chain = [
            one
            for one in inside.calls_by_line[scope[1]].between(call.line, call.line + call.span)
            if call.name.startswith(f"{one.name}()")
        ]
        told = " ".join(f"{one.name} {one.args}" for one in (call, *filter(None, made), *chain))
        return is_watched(f"{scope[0].rpartition('/')[2]} {scope[1]} {told}")

    def _onward(self, scope: Scope, call: Call, names: set[str]) -> Iterator[tuple[Scope, set[str]]]:
        """The repository's own functions that are given an answer, with the parameters that hold it."""
        name, given = call.last, list(enumerate(call.args))
        if name in _HANDED_ON:
            handed = [str(one).lstrip("$").rsplit(".", 1)[-1] for one in (*call.args, call.kwargs.get("target"))]
            name = next((one for one in handed if one in self._functions), "")
            at = handed.index(name) + 1 if name else 0
            rest = call.kwargs.get("args")
            given = list(enumerate(rest if isinstance(rest, list) else call.args[at:]))
        if len(self._functions.get(name, ())) != 1:
            return
        file, define = self._functions[name][0]
        parameters = [one for one in define.parameters if one not in {"self", "cls"}]
        passed = [(parameters[n], value) for n, value in given if n < len(parameters)]
        passed += [(key, value) for key, value in call.kwargs.items() if key in parameters]
        held = {
            key
            for key, value in passed
            if tells([value, *(self._nested(scope, call, value) if str(value)[-2:] == "()" else ())], names, words=True)
        }
        if held:
            yield (file.path, scope_of(define)), held

    def _decorators(self) -> Iterator[tuple[Scope, set[str]]]:
        """Wrappers of functions that ask: what they get from the function that they wrap is an answer."""
        for file in self._served.values():
            for one in file.once(Scopes).functions:
                if not one.decorators or (file.path, scope_of(one)) not in self._asking:
                    continue
                for name in {decorator.last for decorator in one.decorators} & self._functions.keys():
                    for where, define in self._functions[name]:
                        yield from self._wrapping(where, define)

    def _wrapping(self, file: File, define: Define) -> Iterator[tuple[Scope, set[str]]]:
        within = scope_of(define)
        parameters = {
            name for one in (file.facts.code.defines if file.facts.code else ()) for name in one.parameters
            if scope_of(one) == within or scope_of(one).startswith(f"{within}.")
        }  # fmt: skip
        for scope, calls in self._inside[file.path].calls.items():
            if scope.startswith(f"{within}."):
                got = {call.target for call in calls if call.name in parameters and call.target}
                if got:
                    yield (file.path, scope), got


def _filled(call: Call) -> str:
    """The list that the call adds to; "" for other calls."""
    name, _, last = call.name.rpartition(".")
    return name if last in {"append", "extend"} and name.isidentifier() else ""


def _stores(call: Call) -> bool:
    receiver = call.name.rpartition(".")[0].lower()
    if call.last == "execute":
        query = str(call.argument(0))
        return bool(_INSERTS.search(query)) or (query.startswith("$") and len(call.args) > 1)
    if call.last == "post":  # to a service that watches the model
        return bool(_SENDERS.search(receiver)) and is_watched(f"{call.scope} {call.args[:1]}")
    if receiver and ".".join(call.name.rsplit(".", 2)[-2:]) in _STORES:
        return True
    return call.last in _STORES and bool(re.search(_STORES[call.last], receiver))


_SENDERS = expression(r"^(requests|httpx)$|session|client")


def is_watched(text: str) -> bool:
    """Whether names tell of a log or a monitor, and not of an application's own data alone."""
    return bool(_WATCHES.search(text))


_LITERAL = expression(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_HOLE = expression(r"\$?\{([^{}]+)\}")


def is_told(line: str, *, asking: bool) -> bool:
    """Whether a line of another language gives an answer to what it calls; words in its texts are none, and where no
    model is asked results are those of anything."""
    called = _MEASURED_THERE.sub(" ", line.partition("(")[2])
    holes = " ".join(hole for text in _LITERAL.findall(called) for hole in _HOLE.findall(text))
    names = NAMES.findall(f"{_LITERAL.sub(' ', called)} {holes}")
    telling_so = _STRONG if asking else _PLAIN
    return any(telling_so.search(name) and not NO_ANSWER.search(name) for name in names)


_MEASURED_THERE = expression(
    r"\b(?:len|size|count)\s*\(\s*[\w.]{1,80}\s*\)|[\w.]{1,80}\.(?:length|size|count|size\(\)|Count)\b"
)
_PLAIN = expression(r"predict|probab|completion|(?:\b|_)(?:score|preds?)s?\b|inferen|recommend|classif", re.IGNORECASE)
_STRONG = expression(
    rf"{_PLAIN.pattern}|answer|confidence(?!_?(?:min|max|thr|lim|cut))|(?:\b|_)(?:label|result|output)s?\b",
    re.IGNORECASE,
)
