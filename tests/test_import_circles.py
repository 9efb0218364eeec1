"""No package of genmod needs, through whatever others, itself; imports that wait until a call are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from genmod.system.project import PROJECT
from tests.test_walls import Module, modules, project_modules

PACKAGE = "genmod"


def room(name: str) -> str:
    """genmod.kinds.gan lies in genmod.kinds."""
    return ".".join(name.split(".")[:2])


def needed(found: Iterable[Module], when_called: bool = False) -> dict[str, set[str]]:
    """For each room the others it imports as soon as it is imported, and also those that wait until a call."""
    needs: dict[str, set[str]] = {}
    for module in found:
        own = room(module.name)
        for imported in module.imports:
            other = room(imported.target)
            if other.startswith(f"{PACKAGE}.") and other != own and (when_called or not imported.in_function):
                needs.setdefault(own, set()).add(other)
    return needs


def circle(needs: Mapping[str, set[str]]) -> list[str]:
    """The rooms of a circle, the first again at the end; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors(needs: Mapping[str, set[str]]) -> dict[str, int]:
    """For each room how many lie below it, one on the other, counting itself."""
    found: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        found[name] = 1 + max((found[below] for below in needs.get(name, ())), default=0)
    return found


def test_thirteen_rooms_lie_on_eight_floors() -> None:
    rooms = {path.name for path in (PROJECT / PACKAGE).iterdir() if (path / "__init__.py").exists()}
    assert len(rooms) == 13
    found = floors(needed(project_modules(), when_called=True))
    heights = {name: found[f"{PACKAGE}.{name}"] for name in rooms}
    assert max(heights.values()) <= 8, heights
    assert (
        heights["ui"]
        > heights["lesson"]
        > heights["quality"]
        > heights["inference"]
        > heights["runs"]
        > heights["kinds"]
    )


def test_no_room_needs_itself_through_others() -> None:
    needs = needed(project_modules())
    assert {f"{PACKAGE}.system", f"{PACKAGE}.errors"} & needs[f"{PACKAGE}.runs"]  # something was read
    assert not circle(needs), " -> ".join(circle(needs))


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"genmod.a": "import genmod.b", "genmod.b": "from genmod import a"}, 2),
        ({"genmod.a": "import genmod.b.x", "genmod.b.x": "from genmod.c import y", "genmod.c": "import genmod.a"}, 3),
        ({"genmod.a": "import genmod.b", "genmod.b": "def f():\n    import genmod.a"}, 0),
        ({"genmod.a.x": "import genmod.a.y", "genmod.a.y": "import genmod.a.x"}, 0),
    ],
    ids=["two", "three", "lazy", "within a room"],
)
def test_a_circle_is_found(sources: dict[str, str], expected: int) -> None:
    assert len(set(circle(needed(modules(sources))))) == expected
