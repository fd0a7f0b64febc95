"""No join and no wait in product, tests or bench goes on for good, and none gives up without a word.

This reads the source: a wait that nobody bounds hangs rarely, and then for as long as it is let.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    *("bench", "checkpoint", "collector", "config", "drivers", "gatepost", "kiosk", "sync"),
    *("tests", "ui"),
)
WAITS: Final = {
    "acquire",  # locks, semaphores
    "get",  # queues, results of a pool
    "join",  # threads, processes, queues
    "loop_stop",  # paho's, which joins its thread
    "result",  # futures
    "select",
    "shutdown",  # executors, servers
    "wait",  # events, conditions, processes, barriers
    "wait_for_publish",
}
"""Methods that, called without anything, wait for as long as it takes."""
FUNCTIONS: Final = {
    "communicate": ("",),
    **dict.fromkeys(("run", "call", "check_call", "check_output"), ("subprocess",)),
    "gather": ("asyncio",),
    "wait": ("asyncio", "futures"),
    "as_completed": ("", "futures", "asyncio"),
}
"""What goes on for as long as it takes unless it is given a ``timeout``, and of which modules; "": of any."""
WAIT_WHEN_LEFT: Final = {"ThreadPoolExecutor", "ProcessPoolExecutor", "Popen"}
"""As a ``with`` these wait for all that they have begun."""
DELIBERATE: Final[dict[str, str]] = {
    "drivers/door/lamps_buzzer.py: self._changed.wait()": "a daemon thread that waits for its next order",
    **dict.fromkeys(
        (
            "tests/proxy.py: self._flowing.wait()",
            "tests/proxy.py: under_way.get()",
            "tests/proxy.py: asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)",
        ),
        "a network that is silent for as long as it is told to be; its end cancels them",
    ),
    "bench/screen.py: self.beats.wait()": "a daemon thread that beats unless it is told not to",
}
"""Each with its reason."""
SAY_IT_NEXT: Final[dict[str, str]] = {
    "collector/processes/intake.py: storing.join(_GOODBYE_S)": "logs that storing hangs",
    "drivers/ending.py: thread.join(GOODBYE_S)": "logs which thread, and where it stands",
    "sync/wire/link.py: self._thread.join(GOODBYE_S)": "logs that the connection's thread hangs",
    "tests/ending.py: thread.join(within_s)": "raises with the thread's name and stack",
    "ui/page_server.py: self._thread.join(within_s)": "logs what the page hangs on",
}
"""A join says nothing when its time is over: whoever calls it asks in the next lines, and says what it waited for."""


@dataclass(frozen=True)
class Found:
    """One wait in a file."""

    file: str
    line: int
    source: str

    @property
    def name(self) -> str:
        return f"{self.file}: {self.source}"


def waits_of(text: str, file: str) -> tuple[list[Found], list[Found]]:
    """Those that nobody bounds, and joins that are bounded."""
    unbounded: list[Found] = []
    joins: list[Found] = []
    bounded_by_asyncio: set[ast.AST] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.withitem) and _called(node.context_expr) in WAIT_WHEN_LEFT:
            unbounded.append(_found(node.context_expr, file))
        if not isinstance(node, ast.Call):
            continue
        if _called(node) == "wait_for" and _is_of(node, ("asyncio",)):
            bounded_by_asyncio.add(node.args[0])  # walked later, for it lies within
        elif node not in bounded_by_asyncio and _is_unbounded(node):
            unbounded.append(_found(node, file))
        elif _called(node) == "join" and _is_no_string(node) and _is_number(node):
            joins.append(_found(node, file))
    return unbounded, joins


def _called(node: ast.expr) -> str:
    """The last name of what is called."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_unbounded(node: ast.Call) -> bool:
    names = {keyword.arg for keyword in node.keywords}
    if names & {"timeout", None}:
        return False
    name = _called(node)
    if name in FUNCTIONS and _is_of(node, FUNCTIONS[name]):
        return True
    given = [each for each in node.args if not _is_none(each)]
    return name in WAITS and not given and not (name == "shutdown" and "wait" in names)


def _is_of(node: ast.Call, modules: tuple[str, ...]) -> bool:
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return "" in modules or owner.rpartition(".")[2] in modules


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_no_string(node: ast.Call) -> bool:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return not isinstance(owner, ast.Constant | ast.JoinedStr)


def _is_number(node: ast.Call) -> bool:
    """A join's time: by name, by unit or as a figure."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if len(given) != 1:
        return False
    source = ast.unparse(given[0])
    return source.lower().endswith("_s") or source.replace(".", "").isdecimal()


def _found(node: ast.expr, file: str) -> Found:
    return Found(file, node.lineno, ast.unparse(node))


def _everything() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_no_queue_waits_for_good_when_a_signal_comes_as_its_time_is_over() -> None:
    """queue.SimpleQueue.get(timeout) does, in Python 3.11: what is left of the time is negative then."""
    users = [file for file, text in _everything() if _imports_or_names(text, "SimpleQueue")]
    assert users == []


def _imports_or_names(text: str, name: str) -> bool:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name | ast.Attribute):
            if name in {getattr(node, "id", ""), getattr(node, "attr", "")}:
                return True
        elif isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return True
    return False


def test_every_wait_is_bounded_and_says_what_it_waited_for() -> None:
    unbounded: list[Found] = []
    joins: list[Found] = []
    for file, text in _everything():
        without_end, with_time = waits_of(text, file)
        unbounded += without_end
        joins += with_time
    hang = [
        f"{each.file}:{each.line} {each.source}"
        for each in unbounded
        if each.name not in DELIBERATE
    ]
    assert hang == []
    silent = [
        f"{each.file}:{each.line} {each.source}" for each in joins if each.name not in SAY_IT_NEXT
    ]
    assert silent == [], "tests/ending.py and drivers/ending.py say what they waited for"
    there = {each.name for each in (*unbounded, *joins)}
    assert {*DELIBERATE, *SAY_IT_NEXT} <= there, "an exception for what is there no more"


@pytest.mark.parametrize(
    ("source", "hangs"),
    [
        ("thread.join()", True),
        ("thread.join(None)", True),
        ("thread.join(timeout=2)", False),
        ("', '.join(words)", False),
        ("event.wait()", True),
        ("event.wait(PATIENCE_S)", False),
        ("process.communicate()", True),
        ("process.communicate('said')", True),
        ("process.communicate(timeout=PATIENCE_S)", False),
        ("subprocess.run(command, check=True)", True),
        ("subprocess.run(command, timeout=3)", False),
        ("subprocess.run(command, **more)", False),
        ("queue.get()", True),
        ("queue.get_nowait()", False),
        ("future.result()", True),
        ("pool.shutdown()", True),
        ("pool.shutdown(wait=False)", False),
        ("asyncio.wait(tasks)", True),
        ("asyncio.wait_for(event.wait(), 3)", False),
        ("asyncio.wait_for(asyncio.gather(*tasks), timeout=3)", False),
        ("with ThreadPoolExecutor(1) as pool: pass", True),
        ("with subprocess.Popen(command) as child: pass", True),
        ("with open(path) as file: pass", False),
    ],
)
def test_an_unbounded_wait_is_found(source: str, *, hangs: bool) -> None:
    unbounded, _ = waits_of(source, "some.py")
    assert bool(unbounded) is hangs


@pytest.mark.parametrize(
    "source", ["thread.join(PATIENCE_S)", "thread.join(2.5)", "a.b.join(timeout=3)"]
)
def test_a_join_that_gives_up_silently_is_found(source: str) -> None:
    assert waits_of(source, "some.py")[1] != []
