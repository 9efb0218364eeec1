"""The audit: what the sources never do, because it would let a stranger's file, link or name run or spoil something.

The sources are read, nothing is imported. What ruff's security rules (S) cannot tell stands here.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = ("genmod", "pages", "scripts", "benchmarks", "tests")

PICKLES = ("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle")
PICKLED = ("read_pickle", "to_pickle", "torch.load", "set_allow_pickle")
EVALUATED = ("eval", "exec", "compile", "__import__", "os.system", "os.popen", "pd.eval", "importlib.import_module")
YAML = ("load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all")
UNPACKED = ("extractall", "extract", "unpack_archive")
IMAGE_DOOR = "genmod.drawing.images"  # the one module that may ever open an image file
OTHER_IMAGE_READERS = (
    "decode_image", "decode_png", "decode_jpeg", "decode_gif", "decode_bmp", "load_img", "imread", "image.load_img",
)  # fmt: skip
KERAS_DOOR = "genmod.models.registry"  # the one module that reads a `.keras` file
NUMBERS = ("len", "round", "int", "float", "abs", "sum")
CHOOSES = ("max", "min")
COLOURS = ("frame.accent", "frame.ground", "frame.ink")  # CSS values, constants of the palette


def makers() -> frozenset[str]:
    """The functions of the pages' own modules that return `Markup`, as `module.function`: what they put into it is
    looked at where they stand, so that others may put it between tags."""
    found = set()
    for file in (PROJECT / "genmod" / "ui").rglob("*.py"):
        module = file.parent.name if file.stem == "__init__" else file.stem
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Markup":
                found.add(f"{module}.{node.name}")
    return frozenset(found)


MAKERS = makers()


@dataclass(frozen=True)
class Source:
    """A source file under its dotted name."""

    name: str
    tree: ast.Module

    @property
    def tested(self) -> bool:
        """It belongs to what visitors and trainers run, not to the tests or the benchmarks."""
        return self.name.split(".")[0] not in ("tests", "benchmarks")

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call with the dotted name of what is called; of `f(x).y()` the name is `.y`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield dotted(node.func), node


def dotted(node: ast.AST) -> str:
    """`a.b.c` as it is written; what is no name is left out in front of the dot."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def is_one_of(name: str, names: Sequence[str]) -> bool:
    """Whether a dotted name is or ends with one of the names."""
    return any(name == one or name.endswith("." + one) for one in names)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((found.value for found in call.keywords if found.arg == name), None)


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Whether an expression is that very constant."""
    return isinstance(node, ast.Constant) and node.value is value


Rule = Callable[[Source], Iterator[str]]


def no_pickle(source: Source) -> Iterator[str]:
    """Nothing is pickled or unpickled: reading a pickle runs what stands in it."""
    for node in ast.walk(source.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.split(".")[0] in PICKLES for name in names):
            yield f"line {node.lineno}: imports {names[0]}"  # type: ignore[attr-defined]
    for name, call in source.calls():
        if is_one_of(name, PICKLED):
            yield f"line {call.lineno}: {name}"
        allowed = keyword(call, "allow_pickle")
        if allowed is not None and not is_constant(allowed, False):
            yield f"line {call.lineno}: {name} with allow_pickle"


def nothing_evaluated(source: Source) -> Iterator[str]:
    """No text is run as code or as a command, and no YAML is read that may make objects."""
    for name, call in source.calls():
        if name in EVALUATED or name in ("builtins.eval", "builtins.exec"):
            yield f"line {call.lineno}: {name}"
        if name.split(".")[0] in ("yaml", "ruamel") and is_one_of(name, YAML):
            yield f"line {call.lineno}: {name}"
        shell = keyword(call, "shell")
        if shell is not None and not is_constant(shell, False):
            yield f"line {call.lineno}: {name} with shell"


def no_guessed_temporary_name(source: Source) -> Iterator[str]:
    """No temporary file is named before it is made: somebody else could make it first."""
    yield from (f"line {call.lineno}: {name}" for name, call in source.calls() if name in ("tempfile.mktemp", "mktemp"))


def nothing_unpacked(source: Source) -> Iterator[str]:
    """No archive is unpacked onto the disk: its members say themselves where they go and how large they are."""
    for name, call in source.calls():
        if name.startswith("tarfile.") or is_one_of(name, UNPACKED):
            yield f"line {call.lineno}: {name}"


def images_opened_with_care(source: Source) -> Iterator[str]:
    """Image files are opened in one module, as one of named formats, and a picture too large is an error."""
    if not source.tested:
        return
    for name, call in source.calls():
        if is_one_of(name, OTHER_IMAGE_READERS):
            yield f"line {call.lineno}: {name}"
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            continue
        own = [call for call in _own_calls(function) if is_one_of(dotted(call.func), ("Image.open",))]
        words = ast.unparse(function)
        for call in own:
            if source.name != IMAGE_DOOR:
                yield f"line {call.lineno}: opens an image outside {IMAGE_DOOR}"
            elif keyword(call, "formats") is None:
                yield f"line {call.lineno}: names no formats"
            elif "DecompressionBombWarning" not in words or "MAX_IMAGE_PIXELS" not in ast.unparse(source.tree):
                yield f"line {call.lineno}: takes a picture of any size"


def _own_calls(function: ast.AST) -> Iterator[ast.Call]:
    """The calls in a function's or module's body, not those in functions within it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _own_calls(child)


def models_read_safely(source: Source) -> Iterator[str]:
    """`.keras` files are read in one module, and what is code in them is refused."""
    for name, call in source.calls():
        if is_one_of(name, ("load_model",)):
            if source.name != KERAS_DOOR:
                yield f"line {call.lineno}: reads a model outside {KERAS_DOOR}"
            elif not is_constant(keyword(call, "safe_mode"), True):
                yield f"line {call.lineno}: reads a model without safe_mode=True"
        if is_one_of(name, ("enable_unsafe_deserialization",)):
            yield f"line {call.lineno}: {name}"


def assertions_only_narrow(source: Source) -> Iterator[str]:
    """`assert` only tells the type checker a type: `python -O` leaves it out, so that it may guard nothing."""
    if not source.tested:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert) and not _narrows(node.test):
            yield f"line {node.lineno}: {ast.unparse(node.test)}"


def _narrows(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return all(map(_narrows, test.values))
    if isinstance(test, ast.Call):
        return dotted(test.func) == "isinstance"
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.IsNot)


def markup_escaped(source: Source) -> Iterator[str]:
    """What is put between tags is a number, escaped by `html.escape`, or itself such markup."""
    if not source.tested:
        return
    markup = Markup(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and (node.arg or "").startswith("unsafe_allow_"):
            yield f"line {node.value.lineno}: {node.arg}"
        if isinstance(node, ast.JoinedStr) and _has_tags(node):
            yield from (f"line {part.lineno}: {ast.unparse(part)}" for part in markup.unclean(node))
    for name, call in source.calls():
        if is_one_of(name, ("components.html", "components.iframe", "st.iframe", "components.v1.html")):
            yield f"line {call.lineno}: {name}"
        if name in ("st.html", "Markup") and not all(map(markup.clean, call.args)):
            yield f"line {call.lineno}: {ast.unparse(call)[:60]}"


def _has_tags(text: ast.JoinedStr) -> bool:
    """Whether a tag, an end of one or an attribute stands in an f-string, as it does in markup."""
    words = "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in text.values)
    return any(words[i] == "<" and (words[i + 1].isalpha() or words[i + 1] == "/") for i in range(len(words) - 1))


@dataclass
class Markup:
    """Tells in one module which expressions can hold no stranger's tags.

    A name is followed to what the function, or the module, gives it; a function of the module by the type it
    returns (a number, or `Markup`), or by what it returns. Everything it cannot follow counts as unclean.
    """

    tree: ast.Module
    following: set[int] = field(default_factory=set)

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """The module's functions by name."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    @cached_property
    def rooms(self) -> dict[int, ast.AST]:
        """The function in which a node stands, or the module."""
        found: dict[int, ast.AST] = {}

        def enter(node: ast.AST, room: ast.AST) -> None:
            for child in ast.iter_child_nodes(node):
                found[id(child)] = room
                enter(child, child if isinstance(child, ast.FunctionDef) else room)

        enter(self.tree, self.tree)
        return found

    def unclean(self, text: ast.JoinedStr) -> Iterator[ast.FormattedValue]:
        """The placeholders that may hold a stranger's tags."""
        for part in text.values:
            if isinstance(part, ast.FormattedValue) and not (_formats_number(part) or self.clean(part.value)):
                yield part

    def clean(self, node: ast.expr | None) -> bool:
        """Whether an expression is surely a number, a constant, escaped, or markup made of these."""
        match node:
            case ast.Constant():
                return True
            case ast.JoinedStr():
                return not list(self.unclean(node))
            case ast.BinOp() if isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.BinOp | ast.Name):
                return False
            case ast.BinOp():
                return self.clean(node.left) and self.clean(node.right)
            case ast.UnaryOp():
                return self.clean(node.operand)
            case ast.IfExp():
                return self.clean(node.body) and self.clean(node.orelse)
            case ast.List() | ast.Tuple():
                return all(map(self.clean, node.elts))
            case ast.ListComp() | ast.GeneratorExp():
                return self.clean(node.elt)
            case ast.Starred():
                return self.clean(node.value)
            case ast.Call():
                return self._clean_call(node)
            case ast.Name():
                return self._clean_name(node)
        return False

    def _clean_call(self, call: ast.Call) -> bool:
        name = dotted(call.func)
        if name in (
            "html.escape",
            "Markup",
            *NUMBERS,
            *COLOURS,
            *MAKERS,
        ):  # what goes into Markup() is looked at where it is made
            return True
        if name in CHOOSES:
            return all(map(self.clean, call.args))
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "join"
            and isinstance(call.func.value, ast.Constant)
        ):
            return all(map(self.clean, call.args))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "decode":
            return isinstance(call.func.value, ast.Call) and dotted(call.func.value.func) == "base64.b64encode"
        function = self.functions.get(name)
        return function is not None and self._clean_function(function)

    def _clean_function(self, function: ast.FunctionDef) -> bool:
        if _clean_type(function.returns):
            return True
        if id(function) in self.following:
            return True  # it calls itself: what else it returns decides
        self.following.add(id(function))
        returned = [n for n in ast.walk(function) if isinstance(n, ast.Return) and self.rooms[id(n)] is function]
        try:
            return bool(returned) and all(self.clean(node.value) for node in returned)
        finally:
            self.following.discard(id(function))

    def _clean_name(self, name: ast.Name) -> bool:
        if id(name) in self.following:
            return True
        room = self.rooms.get(id(name), self.tree)
        given = list(self._given(name.id, room)) or list(self._given(name.id, self.tree))
        if not given:
            return name.id.isupper()  # a constant of another module
        self.following.add(id(name))
        try:
            return all(value if isinstance(value, bool) else self.clean(value) for value in given)
        finally:
            self.following.discard(id(name))

    def _given(self, name: str, room: ast.AST) -> Iterator[ast.expr | bool]:
        """All that a room puts under a name; True or False where its type decides."""
        if isinstance(room, ast.FunctionDef):
            arguments = room.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg):
                if argument is not None and argument.arg == name:
                    yield _clean_type(argument.annotation)
        for node in ast.walk(room):
            if self.rooms.get(id(node)) is not room:
                continue
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from self._parts(target, node.value, name)
            elif isinstance(node, ast.AnnAssign | ast.AugAssign) and dotted(node.target) == name:
                yield node.value or False
            elif isinstance(node, ast.Call) and dotted(node.func) in (f"{name}.append", f"{name}.extend"):
                yield from node.args
            elif isinstance(node, ast.For | ast.comprehension) and _names(node.target, name):
                yield from self._looped(node.target, node.iter, name)
            elif isinstance(node, ast.withitem) and node.optional_vars and _names(node.optional_vars, name):
                yield False
            elif isinstance(node, ast.NamedExpr) and node.target.id == name:
                yield node.value

    def _looped(self, target: ast.expr, over: ast.expr, name: str) -> Iterator[ast.expr | bool]:
        by = dotted(over.func) if isinstance(over, ast.Call) else ""
        counted = by == "enumerate" and isinstance(target, ast.Tuple) and dotted(target.elts[0]) == name
        if counted or by == "range":
            yield True
        else:
            yield over if isinstance(target, ast.Name) else False

    def _parts(self, target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr | bool]:
        if isinstance(target, ast.Name) and target.id == name:
            yield value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=True):
                yield from self._parts(one, other, name)
        elif isinstance(target, ast.Tuple) and _names(target, name):
            yield value


def _names(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def _clean_type(annotation: ast.expr | None) -> bool:
    """A number, numbers, or `Markup`, whose making is looked at where it is made."""
    words = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} if annotation else {"?"}
    return words <= {"int", "float", "bool", "tuple", "list", "Sequence", "Markup"}


def _formats_number(part: ast.FormattedValue) -> bool:
    """A format such as `.1f` or `,` takes numbers alone: of a text it raises."""
    spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec else ""
    return spec[-1:] in ("d", "f", "e", "g", "%", ",")


RULES: tuple[Rule, ...] = (
    no_pickle,
    nothing_evaluated,
    no_guessed_temporary_name,
    nothing_unpacked,
    images_opened_with_care,
    models_read_safely,
    assertions_only_narrow,
    markup_escaped,
)


@functools.cache
def project_sources() -> list[Source]:
    """Everything that is Python in the project; read once for all rules."""
    found = [PROJECT / "app.py", *(file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py"))]
    return [source(".".join(f.relative_to(PROJECT).with_suffix("").parts), f.read_text("utf-8")) for f in found]


def source(name: str, text: str) -> Source:
    """A source file, parsed."""
    return Source(name, ast.parse(text))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    found = [f"{source.name}: {breach}" for source in project_sources() for breach in rule(source)]
    assert not found, f"{rule.__doc__} But:\n" + "\n".join(found)


def test_all_sources_are_read() -> None:
    names = {source.name for source in project_sources()}
    assert {"app", "pages.home", "genmod.system.files", "genmod.ui.frame", "scripts.check", "tests.test_audit"} <= names


UI = "genmod.ui.some"
BREACHES: tuple[tuple[Rule, str, str], ...] = (
    (no_pickle, UI, "import pickle"),
    (no_pickle, UI, "def f():\n    from joblib import load"),
    (no_pickle, UI, "np.load(path, allow_pickle=True)"),
    (no_pickle, UI, "np.load(path, allow_pickle=wanted)"),
    (no_pickle, UI, "pd.read_pickle(path)"),
    (nothing_evaluated, UI, "eval(typed)"),
    (nothing_evaluated, UI, "exec(typed)"),
    (nothing_evaluated, UI, "import builtins\nbuiltins.eval(typed)"),
    (nothing_evaluated, UI, "__import__(name)"),
    (nothing_evaluated, UI, "os.system('ls')"),
    (nothing_evaluated, UI, "yaml.load(text, Loader)"),
    (nothing_evaluated, UI, "yaml.unsafe_load(text)"),
    (nothing_evaluated, "tests.some", "subprocess.run('ls | wc', shell=True)"),
    (no_guessed_temporary_name, UI, "tempfile.mktemp()"),
    (nothing_unpacked, UI, "zipfile.ZipFile(path).extractall(folder)"),
    (nothing_unpacked, UI, "with zipfile.ZipFile(path) as archive:\n    archive.extract(name)"),
    (nothing_unpacked, UI, "shutil.unpack_archive(path)"),
    (nothing_unpacked, UI, "tarfile.open(path)"),
    (images_opened_with_care, UI, "Image.open(path, formats=['PNG'])"),
    (images_opened_with_care, UI, "import PIL.Image\ndef f():\n    return PIL.Image.open(path)"),
    (images_opened_with_care, IMAGE_DOOR, "def f(x):\n    return Image.open(x)"),
    (images_opened_with_care, IMAGE_DOOR, "def f(x):\n    return Image.open(x, formats=['PNG'])"),
    (images_opened_with_care, "genmod.models.some", "tf.io.decode_png(content)"),
    (models_read_safely, UI, "keras.models.load_model(path, safe_mode=True)"),
    (models_read_safely, KERAS_DOOR, "keras.saving.load_model(path)"),
    (models_read_safely, KERAS_DOOR, "keras.saving.load_model(path, safe_mode=False)"),
    (models_read_safely, KERAS_DOOR, "keras.config.enable_unsafe_deserialization()"),
    (assertions_only_narrow, UI, "assert path.exists()"),
    (assertions_only_narrow, UI, "assert isinstance(x, int) and x > 3"),
    (markup_escaped, UI, "st.markdown(text, unsafe_allow_html=True)"),
    (markup_escaped, UI, "st.html('x', unsafe_allow_javascript=True)"),
    (markup_escaped, UI, "st.html(text)"),
    (markup_escaped, UI, "def f(name: str):\n    st.html(name)"),
    (markup_escaped, UI, "def f(name: str):\n    st.html(f'<p>{name}</p>')"),
    (markup_escaped, UI, "def f(run):\n    return f'<p title=\"{run.id}\">'"),
    (
        markup_escaped,
        UI,
        "def f(run):\n    shown = html.escape(run.id)\n    shown = run.id\n    st.html(f'<p>{shown}</p>')",
    ),
    (markup_escaped, UI, "def f(names):\n    st.html(''.join(f'<p>{name}</p>' for name in names))"),
    (markup_escaped, UI, "def f(names):\n    st.html('<p>' + ''.join(names) + '</p>')"),
    (markup_escaped, UI, "def g(x):\n    return x\ndef f(x):\n    st.html(f'<p>{g(x)}</p>')"),
    (markup_escaped, UI, "def f(x):\n    st.html('<p>%s</p>' % x)"),
    (markup_escaped, UI, "def f(x):\n    st.html('<p>{}</p>'.format(x))"),
    (markup_escaped, UI, "def f(x):\n    parts = ['<p>']\n    parts.append(x)\n    st.html(''.join(parts))"),
    (markup_escaped, UI, "def f(x: str) -> Markup:\n    return Markup(x)"),
    (markup_escaped, UI, "def f(x: str):\n    st.html(f'<p>{terms.other(x)}</p>')"),
    (markup_escaped, UI, "def f(x: str):\n    st.components.v1.html('<p>')"),
)


@pytest.mark.parametrize(("rule", "name", "text"), BREACHES)
def test_a_breach_is_found(rule: Rule, name: str, text: str) -> None:
    assert list(rule(source(name, text)))


def test_each_rule_has_a_breach() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(RULES)


GUARDED = """
Image.MAX_IMAGE_PIXELS = 1_000_000
def opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
"""
ALLOWED: tuple[tuple[Rule, str, str], ...] = (
    (no_pickle, UI, "np.load(path, allow_pickle=False)"),
    (nothing_evaluated, UI, "yaml.safe_load(text)\nre.compile('x')\nmodel.compile()"),
    (nothing_unpacked, UI, "zipfile.ZipFile(path).read(name)"),
    (images_opened_with_care, IMAGE_DOOR, GUARDED),
    (images_opened_with_care, "tests.test_images", "Image.open(path)"),
    (models_read_safely, KERAS_DOOR, "keras.saving.load_model(path, safe_mode=True)"),
    (assertions_only_narrow, UI, "assert isinstance(x, int) and y is not None"),
    (markup_escaped, UI, "def f(x: str):\n    st.html(f'<p>{html.escape(x)}</p>')"),
    (markup_escaped, UI, "def f(x, y: int):\n    st.html(f'<p style=\"{x:.1f}px\">{y}</p>')"),
    (markup_escaped, UI, "def f(x):\n    y = html.escape(x)\n    st.html(f'<p>{y}</p>' if x else '')"),
    (markup_escaped, UI, "def f(xs):\n    st.html(''.join(f'<p>{html.escape(x)}</p>' for x in xs))"),
    (markup_escaped, UI, "def g(x: str):\n    return html.escape(x)\ndef f(x):\n    st.html(f'<p>{g(x)}</p>')"),
    (markup_escaped, UI, "def row(*figures: Markup):\n    st.html(f'<div>{\"\".join(figures)}</div>')"),
    (markup_escaped, UI, "def f(x: str):\n    st.markdown(f'{x} is {3 < x}')"),
    (markup_escaped, UI, "def f(x: str):\n    st.html(f'<p>{terms.marked(x)}</p>')"),
)


@pytest.mark.parametrize(("rule", "name", "text"), ALLOWED)
def test_what_is_allowed_passes(rule: Rule, name: str, text: str) -> None:
    assert not list(rule(source(name, text)))
