"""Scripts that are fetched once."""

from __future__ import annotations

from pathlib import Path

from genmod.ui.scripts import Script


def test_another_text_has_another_address(tmp_path: Path) -> None:
    one, other = tmp_path / "a.js", tmp_path / "b.js"
    one.write_text("const a = 1\n")
    other.write_text("export default a\n")
    script = Script("test", [one, other])
    assert script.text == "const a = 1\n\nexport default a\n"
    before = script.version
    other.write_text("export default 2\n")
    assert Script("test", [one, other]).version != before


def test_the_loader_names_script_box_and_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text("export function draw() {}\n")
    script = Script("some", [path])
    loader = script.loader("gm-box", "The picture", "draw")
    assert f'"scripts/some/{script.version}.js"' in loader
    assert '".gm-box"' in loader and '"The picture could not be shown. Load the page again."' in loader
    assert "ready.draw(component)" in loader
