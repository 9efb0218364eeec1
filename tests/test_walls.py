"""The walls of the house: which module may import what. The sources are read, nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

# A module imports only from the layers above its own line here, or from within its own package.
LAYERS = (
    {"genmod", "genmod.errors", "genmod.files", "genmod.memory", "genmod.palette", "genmod.processes", "genmod.quiet"},
    {"genmod.config", "genmod.datasets", "genmod.latent", "genmod.images", "genmod.charts"},
    {"genmod.distances", "genmod.metrics"},
    {"genmod.architecture", "genmod.diagnosis", "genmod.logs"},
    {"genmod.models"},
    {"genmod.diagrams", "genmod.runs"},
    {"genmod.control", "genmod.inference", "genmod.limits", "genmod.workers"},
    {"genmod.codes", "genmod.evaluation", "genmod.jobs", "genmod.reference"},
    {"genmod.keeper"},
    {"genmod.library"},
    {"genmod.quality"},
    {"genmod.measuring"},
    {"genmod.training", "genmod.ui"},
    {"genmod.__main__", "pages"},
    {"app"},
)
HEAVY = ("genmod.models", "genmod.training")
# Who may reach into the heavy rooms, and only when a function is called.
LAZY = {("genmod.__main__", "genmod.training"), ("genmod.library", "genmod.models")}
PURE = (
    "genmod.charts",
    "genmod.diagnosis",
    "genmod.images",
    "genmod.diagrams",
    "genmod.latent",
    "genmod.palette",
    "genmod.distances",
    "genmod.metrics",
)
DISK = ("os", "pathlib", "shutil", "tempfile", "io.open", "streamlit", "genmod.files", "genmod.runs")
NO_NOUN = {"utils", "util", "helpers", "helper", "common", "misc"}


@dataclass(frozen=True)
class Import:
    """One imported module."""

    target: str
    line: int
    in_function: bool


@dataclass(frozen=True)
class Module:
    """A source file under its dotted name."""

    name: str
    tree: ast.Module
    known: frozenset[str]

    @property
    def imports(self) -> Iterator[Import]:
        """All imports, those inside functions too; not those for the type checker alone."""
        yield from self._imports(self.tree, in_function=False)

    def _imports(self, node: ast.AST, in_function: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, in_function)
            elif isinstance(child, ast.ImportFrom):
                for alias in child.names:
                    yield Import(self._source(child, alias.name), child.lineno, in_function)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                for otherwise in child.orelse:
                    yield from self._imports(otherwise, in_function)
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from self._imports(child, in_function or inside)

    def _source(self, statement: ast.ImportFrom, name: str) -> str:
        """`from genmod import runs` imports the module `genmod.runs`; `from os import path` imports `os`."""
        source = statement.module or ""
        if statement.level:
            package = self.name.split(".")[: -statement.level]
            source = ".".join([*package, source] if source else package)
        return f"{source}.{name}" if f"{source}.{name}" in self.known else source


def within(name: str, rooms: tuple[str, ...] | set[str]) -> bool:
    """Whether a dotted name is one of the rooms or lies in one."""
    return any(name == room or name.startswith(room + ".") for room in rooms)


def layer(name: str) -> int | None:
    """The number of the layer a module belongs to; None for a module that has not been given one."""
    for number, rooms in enumerate(LAYERS):
        if name in rooms or any(room != "genmod" and name.startswith(room + ".") for room in rooms):
            return number
    return None


def streamlit_in_its_rooms(module: Module) -> Iterator[str]:
    """Only app.py, pages/ and genmod/ui import streamlit."""
    if not within(module.name, ("app", "pages", "genmod.ui")):
        yield from (f"line {i.line}: {i.target}" for i in module.imports if within(i.target, ("streamlit",)))


def tensorflow_in_its_rooms(module: Module) -> Iterator[str]:
    """Only genmod/models and genmod/training import tensorflow or keras."""
    if not within(module.name, HEAVY):
        yield from (f"line {i.line}: {i.target}" for i in module.imports if within(i.target, ("tensorflow", "keras")))


def heavy_rooms_closed(module: Module) -> Iterator[str]:
    """Nobody else imports the heavy rooms, but for two functions that need them when they are called."""
    if within(module.name, HEAVY):
        return
    for imported in module.imports:
        allowed = imported.in_function and any(
            module.name == who and within(imported.target, (room,)) for who, room in LAZY
        )
        if within(imported.target, HEAVY) and not allowed:
            yield f"line {imported.line}: {imported.target}"


def screen_and_training_apart(module: Module) -> Iterator[str]:
    """genmod/ui and genmod/training never import each other."""
    for one, other in (("genmod.ui", "genmod.training"), ("genmod.training", "genmod.ui")):
        if within(module.name, (one,)):
            yield from (f"line {i.line}: {i.target}" for i in module.imports if within(i.target, (other,)))


def pages_alone(module: Module) -> Iterator[str]:
    """Nobody imports a page, least of all a page; pages are run."""
    yield from (f"line {i.line}: {i.target}" for i in module.imports if within(i.target, ("pages", "app")))


def pure_rooms_without_disk(module: Module) -> Iterator[str]:
    """What draws and computes takes data: it neither reads the disk nor knows a session."""
    if not within(module.name, PURE):
        return
    yield from (f"line {i.line}: {i.target}" for i in module.imports if within(i.target, DISK))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"line {node.lineno}: open()"


def one_way(module: Module) -> Iterator[str]:
    """Imports run one way through the layers."""
    own = layer(module.name)
    if own is None:
        yield "has no layer yet: give it one in LAYERS"
        return
    for imported in module.imports:
        other = layer(imported.target)
        same_package = module.name.split(".")[:2] == imported.target.split(".")[:2]
        if module.name == "genmod":  # the public names, imported when first used
            same_package = same_package or imported.in_function
        if other is None and within(imported.target, ("genmod", "pages")):
            yield f"line {imported.line}: {imported.target} has no layer"
        elif other is not None and other >= own and not same_package:
            yield f"line {imported.line}: {imported.target} is not below it"


def named_by_a_noun(module: Module) -> Iterator[str]:
    """No module is called utils, helpers or common."""
    yield from (f"is called {part}" for part in module.name.split(".") if part in NO_NOUN)


def titled_in_a_line(module: Module) -> Iterator[str]:
    """Each module of genmod begins with a docstring whose first line is a whole title."""
    if within(module.name, ("genmod",)):
        title, _, rest = (ast.get_docstring(module.tree) or "").partition("\n")
        if not title.endswith((".", "?", "!")) or (rest and not rest.startswith("\n")):
            yield "has no title of one line"


Wall = Callable[[Module], Iterator[str]]
WALLS: tuple[Wall, ...] = (
    streamlit_in_its_rooms,
    tensorflow_in_its_rooms,
    heavy_rooms_closed,
    screen_and_training_apart,
    pages_alone,
    pure_rooms_without_disk,
    one_way,
    named_by_a_noun,
    titled_in_a_line,
)


def project_modules() -> list[Module]:
    """All modules the walls speak of: app.py, pages/ and genmod/."""
    files = [PROJECT / "app.py", *(PROJECT / "pages").rglob("*.py"), *(PROJECT / "genmod").rglob("*.py")]
    sources = {dotted_name(file): file.read_text(encoding="utf-8") for file in files}
    return modules(sources)


def modules(sources: Mapping[str, str]) -> list[Module]:
    """Sources by dotted name, parsed."""
    return [Module(name, ast.parse(source), frozenset(sources)) for name, source in sources.items()]


def dotted_name(file: Path) -> str:
    """genmod/ui/frame.py is genmod.ui.frame, genmod/__init__.py is genmod."""
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("wall", WALLS, ids=lambda wall: wall.__name__)
def test_the_project_holds_the_wall(wall: Wall) -> None:
    found = [f"{module.name}: {breach}" for module in project_modules() for breach in wall(module)]
    assert not found, f"{wall.__doc__} But:\n" + "\n".join(found)


def test_all_modules_are_read() -> None:
    names = {module.name for module in project_modules()}
    assert {"app", "pages.home", "genmod", "genmod.runs", "genmod.ui.frame", "genmod.training.loop"} <= names


BREACHES: tuple[tuple[Wall, str, str], ...] = (
    (streamlit_in_its_rooms, "genmod.charts", "import streamlit as st"),
    (streamlit_in_its_rooms, "genmod.jobs", "def f():\n    from streamlit.runtime import get_instance"),
    (tensorflow_in_its_rooms, "genmod.inference", "import tensorflow as tf"),
    (tensorflow_in_its_rooms, "genmod.ui.models", "def f():\n    from keras import ops"),
    (tensorflow_in_its_rooms, "pages.train", "try:\n    import keras.layers\nexcept ImportError:\n    pass"),
    (heavy_rooms_closed, "genmod.library", "from genmod.models.registry import load_keras"),
    (heavy_rooms_closed, "genmod.__main__", "from genmod.training import trainer"),
    (heavy_rooms_closed, "genmod.jobs", "def f():\n    from genmod.training import trainer"),
    (heavy_rooms_closed, "genmod.library", "def f():\n    import genmod.training.trainer"),
    (screen_and_training_apart, "genmod.ui.live", "def f():\n    import genmod.training.loop"),
    (screen_and_training_apart, "genmod.training.trainer", "from genmod.ui import frame"),
    (screen_and_training_apart, "genmod.training.trainer", "from ..ui import frame"),
    (pages_alone, "pages.train", "from pages import home"),
    (pages_alone, "genmod.ui.frame", "def f():\n    import pages.home"),
    (pure_rooms_without_disk, "genmod.charts", "from pathlib import Path"),
    (pure_rooms_without_disk, "genmod.images", "import os.path"),
    (pure_rooms_without_disk, "genmod.images", "def f(name):\n    return open(name).read()"),
    (pure_rooms_without_disk, "genmod.charts", "from genmod import runs"),
    (one_way, "genmod.config", "from genmod import runs"),
    (one_way, "genmod.runs", "def f():\n    from genmod.jobs import start"),
    (one_way, "genmod.models.vae", "from genmod.training.loop import Loop"),
    (one_way, "genmod.inference", "from genmod.ui import frame"),
    (one_way, "genmod.latent", "from . import runs"),
    (one_way, "genmod", "from genmod.library import load"),
    (one_way, "genmod.misplaced", ""),
    (named_by_a_noun, "genmod.utils", ""),
    (named_by_a_noun, "genmod.ui.helpers", ""),
    (titled_in_a_line, "genmod.config", "x = 1"),
    (titled_in_a_line, "genmod.config", '"""Settings that go\non to a second line."""'),
)


@pytest.mark.parametrize(("wall", "name", "source"), BREACHES)
def test_the_wall_falls_when_it_is_breached(wall: Wall, name: str, source: str) -> None:
    known = {"genmod": "", "genmod.runs": "", "genmod.ui": "", "genmod.ui.frame": "", "pages.home": ""}
    module = next(module for module in modules({**known, name: source}) if module.name == name)
    assert list(wall(module))


def test_each_wall_has_a_breach() -> None:
    assert {wall for wall, _, _ in BREACHES} == set(WALLS)


@pytest.mark.parametrize(
    ("wall", "name", "source"),
    [
        (
            tensorflow_in_its_rooms,
            "genmod.library",
            "import typing\nif typing.TYPE_CHECKING:\n    import keras",
        ),
        (tensorflow_in_its_rooms, "genmod.models.vae", "import keras"),
        (heavy_rooms_closed, "genmod.library", "def f():\n    from genmod.models.registry import load_keras"),
        (heavy_rooms_closed, "genmod.__main__", "def f():\n    from genmod.training import trainer"),
        (pure_rooms_without_disk, "genmod.images", "from PIL import Image\nImage.open(b'')"),
        (
            one_way,
            "genmod.training.trainer",
            "from genmod.training.loop import Loop\nfrom genmod import runs",
        ),
    ],
)
def test_what_is_allowed_passes(wall: Wall, name: str, source: str) -> None:
    module = next(module for module in modules({"genmod.runs": "", name: source}) if module.name == name)
    assert not list(wall(module))
