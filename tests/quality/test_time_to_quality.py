"""Time to quality: the table read, its seconds told, and nothing of a table that is damaged."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import _time_picture
from genmod.datasets import FASHION_MNIST, MNIST
from genmod.quality import reference, time_to_quality

TABLE = Path(__file__).with_name("time-to-quality.csv")
REAL = reference.ends(MNIST)["frechet_distance"][0]
README = reference.SHIPPED / "README.md"


def test_presets_come_in_the_order_of_forms_and_what_was_before_behind() -> None:
    found = time_to_quality.of(MNIST, TABLE)
    assert [one.label for one in found] == ["VAE best", "GAN dense", "GAN dense, before", "GAN gone"]
    assert [one.label for one in time_to_quality.of(FASHION_MNIST, TABLE)] == ["GAN fashion"]
    dense = found[1]
    assert list(dense.trainings) == [0, 1]
    assert dense.trainings[0][0] == (3.0, 1, 141.2)
    assert [one.line.family for one in found[1:3]] == ["gan dense"] * 2


def test_the_seconds_are_those_of_the_first_copy_below() -> None:
    _, dense, before, _ = time_to_quality.of(MNIST, TABLE)
    assert [dense.reached(limit) for limit in (10, 3, 1)] == [[12.0, 12.4], [30.0, 31.0], [72.0]]
    assert before.reached(2.9) == []  # not below, but equal
    assert time_to_quality.rows([dense, before]) == [
        ("GAN dense", "2", "12 s", "30 s", "72 s (1 of 2 seeds)", "1.00 ± 0.14", "73 s"),
        ("GAN dense, before", "1", "78 s", "78 s", "not reached", "2.90", "78 s"),
    ]
    assert len(time_to_quality.HEADINGS) == 7


def test_what_is_written_comes_from_the_table() -> None:
    found = time_to_quality.of(MNIST, TABLE)
    said = time_to_quality.words(found, REAL)
    assert "GAN dense: below 10 after 12 s, below 3 after 30 s, below 1 after 72 s (1 of 2 seeds), 1.00 ± 0.14" in said
    assert f"Real test images: {REAL:.2f}." in said
    assert "5 trainings, 1 to 2 seeds for each line" in time_to_quality.measured(found)
    assert "23.1-fold" in time_to_quality.measured(found)  # 90.2 s after 3.9 s
    assert "Dashed" in time_to_quality.lead(MNIST, found)
    alone = [one for one in found if one.label == "VAE best"]
    assert "Dashed" not in time_to_quality.lead(MNIST, alone) and "Thin" not in time_to_quality.lead(MNIST, alone)
    assert time_to_quality.measured(alone).startswith("One training on two processor cores")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3.2,1,171.5", "3.2,1,nan"),
        ("3.2,1,171.5", "3.2,1,inf"),
        ("3.2,1,171.5", "3.2,1,-1"),
        ("3.2,1,171.5", "3.2,0,171.5"),
        ("3.2,1,171.5", "3.2,one,171.5"),
        ("3.2,1,171.5", "0,1,171.5"),
        ("3.2,1,171.5", "3.2,1,171.5,7"),
        ("vae:best,0", "vae:best,-1"),
        ("vae:best,0", "<b>:best,0"),
        ("vae:best,0", "best,0"),
        ("seconds,", "minutes,"),
        ("preset", "\0"),
    ],
)
def test_a_damaged_table_is_none(tmp_path: Path, old: str, new: str) -> None:
    text = TABLE.read_text()
    assert old in text
    (tmp_path / "table.csv").write_text(text.replace(old, new))
    assert time_to_quality.of(MNIST, tmp_path / "table.csv") == []


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\n", b"preset,seed,seconds,epoch,frechet_distance\n"])
def test_an_empty_table_or_one_that_is_no_text_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    assert time_to_quality.of(MNIST, tmp_path / "table.csv") == []


def test_a_missing_table_a_folder_and_a_huge_one_are_none(tmp_path: Path) -> None:
    assert time_to_quality.of(MNIST, tmp_path / "no.csv") == []
    assert time_to_quality.of(MNIST, tmp_path) == []
    rows = TABLE.read_text() + "gan:dense,2,3.0,1,141.2,0.3301,0.034,0.262,\n" * 20_000
    (tmp_path / "huge.csv").write_text(rows)
    assert time_to_quality.of(MNIST, tmp_path / "huge.csv") == []


def test_a_kind_that_is_gone_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE.read_text().replace("vae:best", "diffusion:best"))
    assert [one.kind for one in time_to_quality.of(MNIST, tmp_path / "table.csv")] == ["gan"] * 3


def test_the_picture_of_the_readme_is_small_and_holds_every_label(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{_time_picture.START}stale\n{_time_picture.END}after\n")
    for _ in range(2):  # what it writes it finds again
        assert _time_picture.draw(TABLE, readme)
    text = readme.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert text.count("| GAN dense | 2 | 12 s |") == 1
    drawn = (tmp_path / _time_picture.PICTURE).read_text()
    assert f"]({_time_picture.PICTURE})" in text
    shown = ["".join(part.itertext()) for part in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"VAE best", "GAN dense", "GAN dense, before", "GAN gone", f"real test images {REAL:.2f}"} <= set(shown)
    assert {"0.3", "1", "10", "100", "seconds of training", "Frechet distance"} <= set(shown)
    assert len(drawn) < 100_000


def test_without_a_table_nothing_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("text")
    assert not _time_picture.draw(tmp_path / "no.csv", tmp_path / "README.md")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_the_shipped_picture_is_that_of_the_shipped_table() -> None:
    text = README.read_text(encoding="utf-8")
    between = re.search(f"{re.escape(_time_picture.START)}(.*){re.escape(_time_picture.END)}", text, re.DOTALL)
    assert between is not None
    if not time_to_quality.TABLE.exists():
        assert not between[1]
        return
    found = time_to_quality.of(MNIST)
    assert found
    assert between[1] == _time_picture.section(found, REAL)
    picture = README.with_name(_time_picture.PICTURE)
    assert picture.stat().st_size < 100_000
    assert all(f">{one.label}<" in picture.read_text(encoding="utf-8") for one in found)
