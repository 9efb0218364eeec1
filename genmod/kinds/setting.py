"""One hyperparameter as a person meets it: its label, its bounds, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from genmod.errors import ConfigError

Group = Literal["architecture", "training", "data"]
GROUPS: tuple[Group, ...] = ("architecture", "training", "data")
TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
Value = bool | int | float | str | tuple[int, ...]
RUN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_RUN_ID = 64


@dataclass(frozen=True)
class Setting:
    """One hyperparameter: in a form, on the command line, in a link.

    Attributes:
        longest: how many numbers a tuple may hold.
        empty: the word for a tuple that holds none, such as "all"; empty where it has to hold one.
        since: the format of config.json that first had it; older files mean its default.
        only_with: another setting and the values of it with which this one matters; None if it always does.
        first: its place at the top of a form, from 1 on; 0 puts it among the rest.
        step: how far one press on plus or minus goes; None for what the type suggests.
        run_of: of one whose value is the id of a finished run, the kind of model that run is of.
    """

    name: str
    type: type
    default: Value
    label: str
    help: str
    group: Group
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    longest: int = 1
    empty: str = ""
    since: int = 1
    only_with: tuple[str, tuple[Value, ...]] | None = None
    first: int = 0
    step: float | None = None
    run_of: str = ""

    @property
    def flag(self) -> str:
        """The option's name on the command line, such as `--latent-dim`."""
        return "--" + self.name.replace("_", "-")

    @property
    def expectation(self) -> str:
        """What a value must be, to follow the words "it must be"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.run_of:
            return f"the id of a finished run of the kind {self.run_of}"
        if self.type is bool:
            return "yes or no"
        bounds = f"from {_plain(self.low)} to {_plain(self.high)}"
        if self.type is tuple:
            numbers = f"1 to {self.longest} whole numbers {bounds}, separated by commas"
            return f"{self.empty}, or {numbers}" if self.empty else numbers
        return f"a {'whole ' if self.type is int else ''}number {bounds}"

    @property
    def open(self) -> bool:
        """Whether there is a choice: a form leaves out a setting that can have one value only."""
        return len(self.choices) != 1

    def applies(self, values: Mapping[str, object], defaults: Mapping[str, Value]) -> bool:
        """Whether the setting matters beside those that have been chosen; `defaults` has the others' values."""
        if self.only_with is None:
            return self.open
        other, wanted = self.only_with
        return values.get(other, defaults.get(other)) in wanted

    def parse(self, value: object, name: str | None = None) -> Value:
        """Turn `value`, text or already a number, into a valid value of this setting.

        Raises:
            ConfigError: with one sentence that says what came and what was expected.
        """
        complaint = ConfigError(f"{name or self.name} is {shown(value)}; it must be {self.expectation}.")
        try:
            parsed = self._convert(value)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise complaint from None
        numbers = parsed if isinstance(parsed, tuple) else (parsed,)
        fewest = 0 if self.empty else 1
        if self.type is bool:
            return parsed
        if self.choices:
            if parsed not in self.choices:
                raise complaint
        elif self.run_of:
            if not RUN_ID.fullmatch(str(parsed)) or len(str(parsed)) > LONGEST_RUN_ID:
                raise complaint
        elif not fewest <= len(numbers) <= self.longest or not all(map(self._within, numbers)):
            raise complaint
        return parsed

    def text(self, value: Value) -> str:
        """`value` as a person would type it; `parse` reads it back."""
        if isinstance(value, tuple):
            return ", ".join(str(number) for number in value) or self.empty
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def _convert(self, value: object) -> Value:
        if self.type is str:
            return str(value)
        if self.type is bool:
            return TRUTH[str(value).strip().lower()]
        if self.type is tuple:
            if self.empty and isinstance(value, str) and value.strip().lower() in ("", self.empty):
                return ()
            parts = value.split(",") if isinstance(value, str) else value
            if not isinstance(parts, (list, tuple)):
                parts = (parts,)
            return tuple(_whole_number(part) for part in parts)
        if self.type is int:
            return _whole_number(value)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise TypeError
        return float(value)

    def _within(self, number: object) -> bool:
        assert isinstance(number, (int, float)) and self.low is not None and self.high is not None
        return self.low <= number <= self.high  # not of infinities, and NaN is in no range


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return int(value)


def _plain(number: float | None) -> str:
    assert number is not None
    return f"{number:,.0f}" if number == int(number) and abs(number) < 1e12 else f"{number:g}"


def shown(value: object) -> str:
    """A value as an error quotes it: in quotes if it is text, and never long."""
    try:
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value[:20])
        text = str(value)
    except (ValueError, RecursionError):
        text = "beyond all bounds"  # a number of thousands of digits, or tables in tables
    return repr(text[:40] + "…" if len(text) > 40 else text) if isinstance(value, str) else text[:60]


def setting(
    default: Value,
    label: str,
    help: str,
    group: Group,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    longest: int = 1,
    empty: str = "",
    since: int = 1,
    only_with: tuple[str, tuple[Value, ...]] | None = None,
    first: int = 0,
    step: float | None = None,
    run_of: str = "",
) -> Any:
    """A dataclass field that carries all of its `Setting` but name and type."""
    metadata = {
        "label": label, "help": help, "group": group, "low": low, "high": high, "choices": choices,
        "longest": longest, "empty": empty, "since": since, "only_with": only_with, "first": first, "step": step,
        "run_of": run_of,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


def conditional_setting() -> Any:
    """Whether a model is told the class of each image; kinds that can be share the words."""
    return setting(
        False, "By class",
        "Tell the model which class each image belongs to. Afterwards it can be asked for one.",
        "architecture", since=2,
    )  # fmt: skip
