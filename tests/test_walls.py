"""The walls of the house: which module may import what. The sources are read, nothing is imported."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from genmod import kinds

PROJECT = Path(__file__).resolve().parent.parent

# A room imports only from the floors above its own line here, or from within itself. Within the house's package the
# rooms stand on eight floors.
LAYERS = (
    {"genmod", "genmod.errors", "genmod.system"},
    {"genmod.datasets"},
    {"genmod.kinds"},
    {"genmod.drawing", "genmod.models", "genmod.runs"},
    {"genmod.inference", "genmod.jobs"},
    {"genmod.quality"},
    {"genmod.lesson"},
    {"genmod.commands", "genmod.training", "genmod.ui"},
    {"genmod.__main__", "pages"},
    {"app"},
)
HEAVY = ("genmod.models", "genmod.training")
# Who may reach into the heavy rooms, and only when a function is called.
LAZY = {("genmod.__main__", "genmod.training"), ("genmod.inference.library", "genmod.models")}
FITS = "genmod.inference.mixture_fit"  # a process of its own
# The chapter of the lesson whose subject scikit-learn's models are. It refits them at each click, for which a process
# would have to stay open; imported when the chapter is opened, it costs the server a second and 90 MB, once.
TAUGHT = "genmod.lesson.two_models"
PURE = (
    "genmod.drawing",
    "genmod.kinds",
    "genmod.inference.latent_space",
    "genmod.inference.mixture",
    "genmod.quality.distances",
    "genmod.quality.metrics",
)
DISK = ("os", "pathlib", "shutil", "tempfile", "io.open", "streamlit", "genmod.system.files", "genmod.runs")
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


def scikit_learn_in_its_places(module: Module) -> Iterator[str]:
    """Only the process that fits mixtures, which nobody imports, and one chapter's models import scikit-learn or scipy.

    The chapter's models are imported when a function of the pages needs them.
    """
    for imported in module.imports:
        own = module.name in (FITS, TAUGHT)
        lazy = imported.in_function and within(module.name, ("genmod.ui.learn",))
        closed = () if own else ("sklearn", "scipy", "threadpoolctl", FITS)
        if within(imported.target, closed) or (within(imported.target, (TAUGHT,)) and not lazy):
            yield f"line {imported.line}: {imported.target}"


def heavy_rooms_closed(module: Module) -> Iterator[str]:
    """Nobody else imports the heavy rooms, but for two functions that need them when they are called."""
    if within(module.name, HEAVY):
        return
    for imported in module.imports:
        if within(imported.target, HEAVY) and not when_called(module, imported):
            yield f"line {imported.line}: {imported.target}"


def when_called(module: Module, imported: Import) -> bool:
    """Whether this is an import into a heavy room that is allowed where a function needs it."""
    return imported.in_function and any(module.name == who and within(imported.target, (room,)) for who, room in LAZY)


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
        same_package = same_package or when_called(module, imported)
        if other is None and within(imported.target, ("genmod", "pages")):
            yield f"line {imported.line}: {imported.target} has no layer"
        elif other is not None and other >= own and not same_package:
            yield f"line {imported.line}: {imported.target} is not below it"


def kinds_are_asked(module: Module) -> Iterator[str]:
    """Nobody outside kinds/ and models/ asks which kind a model is of: they ask the kind what they need to know."""
    if within(module.name, ("genmod.kinds", "genmod.models")):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            named = {part.id for part in ast.walk(node.args[1]) if isinstance(part, ast.Name)}
            named |= {part.attr for part in ast.walk(node.args[1]) if isinstance(part, ast.Attribute)}
            yield from (f"line {node.lineno}: is it a {name}?" for name in sorted(named & CONFIGS))
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            words = {word for side in sides for word in _words(side)}
            yield from (f"line {node.lineno}: compared with {word!r}" for word in sorted(words & VARIANTS))
            member = any(isinstance(part, ast.In | ast.NotIn) for part in node.ops)
            if member and _text(node.left) in METRICS_OF_A_KIND:
                yield f"line {node.lineno}: a kind is guessed from {_text(node.left)!r}"
        if isinstance(node, ast.Call) and any(word in DRAWING_FILES for word in map(_text, node.args)):
            yield f"line {node.lineno}: a file is probed for"


CONFIGS = {type(preset.config).__name__ for kind in kinds.KINDS.values() for preset in kind.presets}
VARIANTS = {
    *kinds.KINDS,
    *(choice for name in ("architecture", "loss") for choice in kinds.GANConfig.setting(name).choices),
}
METRICS_OF_A_KIND = {name for kind in kinds.KINDS.values() for name in kind.numbers} - {"loss"}
DRAWING_FILES = {f"{kind.sampler}.tflite" for kind in kinds.KINDS.values()}


def _words(node: ast.AST) -> Iterator[str]:
    """The texts in an expression: itself, or the members of a table written out."""
    yield from filter(None, map(_text, ast.walk(node)))


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def named_by_a_noun(module: Module) -> Iterator[str]:
    """No module is called utils, helpers or common."""
    yield from (f"is called {part}" for part in module.name.split(".") if part in NO_NOUN)


def titled_in_a_line(module: Module) -> Iterator[str]:
    """Each module of genmod begins with a docstring whose first line is a whole title."""
    if within(module.name, ("genmod",)):
        title, _, rest = (ast.get_docstring(module.tree) or "").partition("\n")
        if not title.endswith((".", "?", "!")) or (rest and not rest.startswith("\n")):
            yield "has no title of one line"


# What shows its text as Markdown: of the first, the text; of the second, the label, and of all the tooltip.
SAYING = {"caption", "error", "exception", "header", "info", "markdown", "subheader", "success", "title", "toast"} | {
    "warning", "write"
}  # fmt: skip
LABELLED = {"button", "download_button", "expander", "link_button", "metric", "multiselect", "number_input"} | {
    "page_link", "pills", "popover", "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner",
    "status", "tabs", "text_area", "text_input", "toggle", "checkbox",
}  # fmt: skip
CHOOSING = {"pills", "segmented_control", "radio", "tabs"}  # their options are Markdown, too
NUMERIC = re.compile(r"[-+ ]?0?\d*,?(\.\d+)?[bdeEfFgGn%]|,")  # a format that no text can have


def plain_text_only(module: Module) -> Iterator[str]:
    """Nothing but `say` shows a text as Markdown that is not written out in the source, or made plain.

    What `terms` shows is no Markdown: it escapes every text.
    """
    if module.name == "genmod.ui.say" or not within(module.name, ("app", "pages", "genmod.ui")):
        return
    for call in ast.walk(module.tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if ast.unparse(call.func.value) in ("say", "terms", "links", "log", "logger"):
            continue
        shown = [word.value for word in call.keywords if word.arg in ("label", "help", "body")]
        if call.func.attr in SAYING | LABELLED:
            first = 1 if call.func.attr == "page_link" else 0
            shown += call.args[first : first + 1]
        if call.func.attr in CHOOSING:
            shown += call.args[1:2]
            shown += [word.value for word in call.keywords if word.arg == "options"]
        yield from (f"line {text.lineno}: {ast.unparse(text)}" for text in shown if not harmless(text))


def harmless(text: ast.expr) -> bool:
    """Whether a text can hold nothing that comes from outside."""
    match text:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=parts):
            return all(map(harmless, parts))
        case ast.FormattedValue(value=value, format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))])):
            return harmless(value) or NUMERIC.fullmatch(spec) is not None
        case ast.FormattedValue(value=value, format_spec=None):
            return harmless(value)
        case ast.BinOp(left=left, right=right):
            return harmless(left) and harmless(right)
        case ast.IfExp(body=body, orelse=orelse):
            return harmless(body) and harmless(orelse)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(map(harmless, parts))
        case ast.Starred(value=value):
            return harmless(value)
        case ast.Call(func=ast.Attribute(value=value, attr="capitalize"), args=[]):
            return harmless(value)
        case ast.Call(func=called, args=parts):
            name = ast.unparse(called)
            return name == "say.plain" or (name in ("list", "map", "range", "str") and all(map(harmless, parts)))
        case ast.Name(id=name):
            return name.isupper() or name in ("str", "int")
        case ast.Attribute(value=ast.Name(id="source"), attr=attr):  # of a data set: a test sees that they are harmless
            return attr in ("title", "noun", "plural", "classes", "class_names")
        case ast.Attribute(value=ast.Name(), attr=attr):  # of a setting: all of them stand in the source
            return attr in ("label", "help")
    return False


Wall = Callable[[Module], Iterator[str]]
WALLS: tuple[Wall, ...] = (
    streamlit_in_its_rooms,
    tensorflow_in_its_rooms,
    scikit_learn_in_its_places,
    heavy_rooms_closed,
    screen_and_training_apart,
    pages_alone,
    pure_rooms_without_disk,
    one_way,
    kinds_are_asked,
    named_by_a_noun,
    titled_in_a_line,
    plain_text_only,
)


@functools.cache
def project_modules() -> list[Module]:
    """All modules the walls speak of: app.py, pages/ and genmod/; read once for all walls."""
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
    (streamlit_in_its_rooms, "genmod.drawing.charts", "import streamlit as st"),
    (streamlit_in_its_rooms, "genmod.jobs", "def f():\n    from streamlit.runtime import get_instance"),
    (tensorflow_in_its_rooms, "genmod.inference", "import tensorflow as tf"),
    (tensorflow_in_its_rooms, "genmod.ui.models", "def f():\n    from keras import ops"),
    (tensorflow_in_its_rooms, "pages.train", "try:\n    import keras.layers\nexcept ImportError:\n    pass"),
    (scikit_learn_in_its_places, "genmod.inference.latent_sources", "from sklearn.mixture import GaussianMixture"),
    (scikit_learn_in_its_places, "genmod.quality.distances", "def f():\n    import scipy.linalg"),
    (
        scikit_learn_in_its_places,
        "genmod.inference.kept_mixtures",
        "def f():\n    import genmod.inference.mixture_fit",
    ),
    (scikit_learn_in_its_places, "genmod.ui.learn.two_ways", "from genmod.lesson.two_models import learn"),
    (scikit_learn_in_its_places, "genmod.lesson.chapters", "def f():\n    import genmod.lesson.two_models"),
    (heavy_rooms_closed, "genmod.inference.library", "from genmod.models.registry import load_keras"),
    (heavy_rooms_closed, "genmod.commands.train", "def f():\n    from genmod.training import trainer"),
    (heavy_rooms_closed, "genmod.commands.sample", "def f():\n    from genmod.training import trainer"),
    (heavy_rooms_closed, "genmod.jobs", "def f():\n    from genmod.training import trainer"),
    (heavy_rooms_closed, "genmod.inference.library", "def f():\n    import genmod.training.trainer"),
    (screen_and_training_apart, "genmod.ui.live", "def f():\n    import genmod.training.loop"),
    (screen_and_training_apart, "genmod.training.trainer", "from genmod.ui import frame"),
    (screen_and_training_apart, "genmod.training.trainer", "from ..ui import frame"),
    (pages_alone, "pages.train", "from pages import home"),
    (pages_alone, "genmod.ui.frame", "def f():\n    import pages.home"),
    (pure_rooms_without_disk, "genmod.drawing.charts", "from pathlib import Path"),
    (pure_rooms_without_disk, "genmod.drawing.images", "import os.path"),
    (pure_rooms_without_disk, "genmod.drawing.images", "def f(name):\n    return open(name).read()"),
    (pure_rooms_without_disk, "genmod.drawing.charts", "from genmod import runs"),
    (one_way, "genmod.kinds.config", "from genmod import runs"),
    (one_way, "genmod.runs", "def f():\n    from genmod.jobs import start"),
    (one_way, "genmod.models.vae", "from genmod.training.loop import Loop"),
    (one_way, "genmod.inference", "from genmod.ui import frame"),
    (one_way, "genmod.kinds.config", "from .. import runs"),
    (one_way, "genmod", "from genmod.library import load"),
    (one_way, "genmod.training.worker", "def f():\n    from genmod.commands import train"),
    (one_way, "genmod.misplaced", ""),
    (kinds_are_asked, "genmod.ui.curves", "def f(config):\n    return isinstance(config, GANConfig)"),
    (kinds_are_asked, "genmod.ui.curves", "def f(config):\n    return isinstance(config, (int, kinds.VAEConfig))"),
    (kinds_are_asked, "pages.generate", "if config.kind == 'gan':\n    pass"),
    (kinds_are_asked, "genmod.jobs", "slow = config.architecture in ('conv',)"),
    (kinds_are_asked, "genmod.training.trainer", "sums = 'reconstruction_loss' in engine.metric_names"),
    (kinds_are_asked, "genmod.runs", "found = run.has('generator.tflite')"),
    (named_by_a_noun, "genmod.utils", ""),
    (named_by_a_noun, "genmod.ui.helpers", ""),
    (titled_in_a_line, "genmod.kinds.config", "x = 1"),
    (titled_in_a_line, "genmod.kinds.config", '"""Settings that go\non to a second line."""'),
    (plain_text_only, "pages.train", "st.error(str(error))"),
    (plain_text_only, "pages.train", "st.sidebar.caption(f'about {run.id}')"),
    (plain_text_only, "pages.train", "column.markdown(f'{name:>3}')"),
    (plain_text_only, "pages.train", "def f():\n    st.info('one ' + text)"),
    (plain_text_only, "genmod.ui.frame", "st.subheader(name if name else 'none')"),
    (plain_text_only, "genmod.ui.frame", "st.button(f'Measure {name}')"),
    (plain_text_only, "genmod.ui.frame", "st.page_link('pages/train.py', label=name)"),
    (plain_text_only, "genmod.ui.frame", "st.toggle('On', help=reason)"),
    (plain_text_only, "app", "st.pills('Runs', [run.id for run in found])"),
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
            "genmod.inference.library",
            "import typing\nif typing.TYPE_CHECKING:\n    import keras",
        ),
        (tensorflow_in_its_rooms, "genmod.models.vae", "import keras"),
        (scikit_learn_in_its_places, "genmod.inference.mixture_fit", "from sklearn.mixture import GaussianMixture"),
        (scikit_learn_in_its_places, "genmod.lesson.two_models", "from sklearn.mixture import GaussianMixture"),
        (scikit_learn_in_its_places, "genmod.ui.learn.two_ways", "def f():\n    import genmod.lesson.two_models"),
        (plain_text_only, "genmod.ui.say", "st.error(plain(text))"),
        (plain_text_only, "pages.train", "say.error(str(error))\nst.caption(f'**{count:,}** of {share:.0%}')"),
        (plain_text_only, "pages.train", "st.button(f'Measure {say.plain(name)}', help=item.help)"),
        (heavy_rooms_closed, "genmod.inference.library", "def f():\n    from genmod.models.registry import load_keras"),
        (heavy_rooms_closed, "genmod.__main__", "def f():\n    from genmod.training import trainer"),
        (one_way, "genmod.__main__", "def f():\n    from genmod.training import worker"),
        (pure_rooms_without_disk, "genmod.drawing.images", "from PIL import Image\nImage.open(b'')"),
        (kinds_are_asked, "genmod.kinds.gan", "if loss == 'hinge':\n    pass"),
        (kinds_are_asked, "genmod.ui.curves", "found = kinds.of(config).plots(config)"),
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
