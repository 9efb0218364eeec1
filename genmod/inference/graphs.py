"""An exported network as plain data that a browser can run: its operations in order, and its weights as bytes.

Only the browser runs them by hand, where a digit is decoded under the finger; everywhere else LiteRT runs the file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from flatbuffers import number_types
from flatbuffers.table import Table

from genmod.datasets import Floats
from genmod.errors import RunError

VERSION = 1  # of what `pack` writes
ACTIVATIONS = {0: "", 1: "relu", 3: "relu6", 4: "tanh"}
PADDINGS = {0: "same", 1: "valid"}
# Operations that only say how large a batch is, or widen stored weights: a browser runs one image, and is sent weights.
NO_WORK = frozenset({"SHAPE", "STRIDED_SLICE", "PACK", "DEQUANTIZE"})
RENAMING = frozenset({"RESHAPE", "EXPAND_DIMS", "SQUEEZE"})  # the same numbers under another shape
ELEMENTWISE = {"GELU": "gelu", "LEAKY_RELU": "leaky_relu", "LOGISTIC": "sigmoid", "SOFTMAX": "softmax", "RELU": "relu",
               "TANH": "tanh"}  # fmt: skip
# What TensorFlow Lite's schema numbers, as far as it is read here. LiteRT's own classes for it take 22 MB of memory.
CODES = {
    0: "ADD", 2: "CONCATENATION", 3: "CONV_2D", 6: "DEQUANTIZE", 9: "FULLY_CONNECTED", 14: "LOGISTIC",
    17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 22: "RESHAPE", 25: "SOFTMAX", 28: "TANH", 43: "SQUEEZE",
    45: "STRIDED_SLICE", 67: "TRANSPOSE_CONV", 70: "EXPAND_DIMS", 77: "SHAPE", 83: "PACK", 98: "LEAKY_RELU",
    126: "BATCH_MATMUL", 150: "GELU",
}  # fmt: skip
FLOAT32, FLOAT16 = 0, 1  # types of a tensor
_TYPES: dict[int, npt.DTypeLike] = {FLOAT32: np.float32, FLOAT16: np.float16}
# The place of each field in its table, by table and field.
FIELDS = {
    "Model": {"OperatorCodes": 1, "Subgraphs": 2, "Buffers": 4},
    "OperatorCode": {"DeprecatedBuiltinCode": 0, "BuiltinCode": 3},
    "SubGraph": {"Tensors": 0, "Inputs": 1, "Outputs": 2, "Operators": 3},
    "Tensor": {"Shape": 0, "Type": 1, "Buffer": 2, "Name": 3},
    "Buffer": {"Data": 0},
    "Operator": {"OpcodeIndex": 0, "Inputs": 1, "Outputs": 2, "BuiltinOptions": 4},
    "FullyConnectedOptions": {"FusedActivationFunction": 0},
    "AddOptions": {"FusedActivationFunction": 0},
    "MulOptions": {"FusedActivationFunction": 0},
    "Conv2DOptions": {
        "Padding": 0, "StrideW": 1, "StrideH": 2, "FusedActivationFunction": 3, "DilationWFactor": 4,
        "DilationHFactor": 5,
    },
    "TransposeConvOptions": {"Padding": 0, "StrideW": 1, "StrideH": 2, "FusedActivationFunction": 3},
    "Pool2DOptions": {
        "Padding": 0, "StrideW": 1, "StrideH": 2, "FilterWidth": 3, "FilterHeight": 4, "FusedActivationFunction": 5,
    },
    "LeakyReluOptions": {"Alpha": 0},
    "GeluOptions": {"Approximate": 0},
}  # fmt: skip
OPTIONS = {
    "FULLY_CONNECTED": "FullyConnectedOptions", "CONV_2D": "Conv2DOptions", "TRANSPOSE_CONV": "TransposeConvOptions",
    "MAX_POOL_2D": "Pool2DOptions", "ADD": "AddOptions", "MUL": "MulOptions", "LEAKY_RELU": "LeakyReluOptions",
    "GELU": "GeluOptions",
}  # fmt: skip


class _Read:
    """One table of the file, its fields by name; a field that is not written has its default."""

    def __init__(self, kind: str, content: bytes, place: int) -> None:
        self.fields, self.table = FIELDS[kind], Table(content, place)

    def number(self, name: str, flags: Any = number_types.Int32Flags, default: float = 0) -> Any:
        """The number in a field."""
        offset = self._offset(name)
        return self.table.Get(flags, offset + self.table.Pos) if offset else default

    def numbers(self, name: str) -> list[int]:
        """The whole numbers of a vector."""
        return [int(value) for value in self._vector(name, number_types.Int32Flags)]

    def raw(self, name: str) -> bytes:
        """The bytes of a vector or of a text."""
        return bytes(self._vector(name, number_types.Uint8Flags))

    def tables(self, name: str, kind: str) -> list[_Read]:
        """The tables of a vector of them."""
        offset = self._offset(name)
        if not offset:
            return []
        start, count = self.table.Vector(offset), self.table.VectorLen(offset)
        if not 0 <= count <= MOST:
            raise ValueError(f"{count} tables")
        places = [self.table.Indirect(start + 4 * number) for number in range(count)]
        return [_Read(kind, self.table.Bytes, place) for place in places]

    def inner(self, name: str, kind: str) -> _Read | None:
        """The table in a field that may hold one of several; None if there is none."""
        offset = self._offset(name)
        return _Read(kind, self.table.Bytes, self.table.Indirect(offset + self.table.Pos)) if offset else None

    def _offset(self, name: str) -> int:
        return int(self.table.Offset(4 + 2 * self.fields[name]))

    def _vector(self, name: str, flags: Any) -> Any:
        offset = self._offset(name)
        return self.table.GetVectorAsNumpy(flags, offset) if offset else b""


MOST = 10_000  # tables in one vector


@dataclass(frozen=True)
class Graph:
    """One network.

    Attributes:
        operations: in the order in which they run; each names the numbers of the tensors that go in and come out.
        sizes: how many numbers each tensor holds for one image, by its number.
        inputs: the tensors of images or latents, and of classes if the network is told any, by these names.
        outputs: the tensors that come out.
        weights: all of them, one after the other.
    """

    operations: list[dict[str, Any]]
    sizes: Mapping[int, int]
    inputs: Mapping[str, int]
    outputs: list[int]
    weights: Floats


def read(content: bytes, name: str) -> Graph:
    """What the content of a `.tflite` file computes.

    Args:
        name: of the file, for the error.

    Raises:
        RunError: if the file is damaged, or holds an operation that browsers are not taught.
    """
    try:
        return _Reader(content).graph()
    except _UnknownError as error:
        raise RunError(f"The network {name} has an operation that browsers here cannot run: {error}.") from None
    except (IndexError, KeyError, TypeError, ValueError, struct.error):
        raise RunError(f"The file {name} is damaged; train it again.") from None


def pack(graph: Graph) -> bytes:
    """The graph as one file: the length of its header (4 bytes, little-endian), the header as JSON, and the weights.

    The weights are sent in half precision where that keeps every one of them, as in the shipped runs; otherwise a
    picture could be off by more than its last bits, and they are sent in single precision.
    """
    with np.errstate(over="ignore"):
        half = graph.weights.astype(np.float16)
    exact = bool(np.array_equal(half.astype(np.float32), graph.weights))
    header = {
        "version": VERSION,
        "precision": "half" if exact else "single",
        "operations": graph.operations,
        "sizes": graph.sizes,
        "inputs": graph.inputs,
        "outputs": graph.outputs,
    }
    said = json.dumps(header, separators=(",", ":")).encode()
    said += b" " * (-len(said) % 4)  # the weights begin where an array of them may begin
    numbers = half.astype("<f2") if exact else graph.weights.astype("<f4")
    return struct.pack("<I", len(said)) + said + numbers.tobytes()


class _UnknownError(Exception):
    """An operation that browsers are not taught."""


@dataclass
class _Reader:
    """Reads one file; `same` follows tensors that are only renamed."""

    content: bytes
    same: dict[int, int] = field(default_factory=dict)
    weights: list[Floats] = field(default_factory=list)
    placed: int = 0

    def graph(self) -> Graph:
        (start,) = struct.unpack_from("<I", self.content)
        model = _Read("Model", self.content, start)
        part = model.tables("Subgraphs", "SubGraph")[0]
        self.codes = model.tables("OperatorCodes", "OperatorCode")
        self.buffers = model.tables("Buffers", "Buffer")
        self.tensors = part.tables("Tensors", "Tensor")
        self.widened: dict[int, int] = {}
        operators = part.tables("Operators", "Operator")
        operations = [found for operator in operators if (found := self._operation(operator))]
        inputs = {}
        for tensor in part.numbers("Inputs"):
            named = b"classes" in self.tensors[tensor].raw("Name")
            inputs["classes" if named else "values"] = tensor
        outputs = [self._actual(tensor) for tensor in part.numbers("Outputs")]
        self._check_made(operations, [*inputs.values()], outputs)
        used = {number for one in operations for number in (*one["in"], one["out"])} | set(inputs.values())
        sizes = {number: self._size(number) for number in sorted(used)}
        flat = np.concatenate(self.weights) if self.weights else np.zeros(0, np.float32)
        return Graph(operations, sizes, inputs, outputs, flat)

    @staticmethod
    def _check_made(operations: list[dict[str, Any]], given: list[int], outputs: list[int]) -> None:
        """See that all numbers that an operation takes come from somewhere."""
        known = set(given)
        for one in operations:
            if not set(one["in"]) <= known:
                raise _UnknownError(f"{one['op']} of what is not computed")
            known.add(one["out"])
        if not set(outputs) <= known:
            raise _UnknownError("an output that is not computed")

    def _operation(self, operator: _Read) -> dict[str, Any] | None:
        code = self.codes[operator.number("OpcodeIndex", number_types.Uint32Flags)]
        number = max(code.number("BuiltinCode"), code.number("DeprecatedBuiltinCode", number_types.Int8Flags))
        name = CODES.get(number, f"number {number}")
        given, made = operator.numbers("Inputs"), operator.numbers("Outputs")[0]
        if name == "DEQUANTIZE":
            self.widened[made] = given[0]
        if name in NO_WORK:
            return None
        if name in RENAMING:
            self.same[made] = self._actual(given[0])
            return None
        readers: dict[str, Callable[[Any, list[int], int], dict[str, Any]]] = {
            "FULLY_CONNECTED": self._dense,
            "CONV_2D": self._convolution,
            "TRANSPOSE_CONV": self._transposed_convolution,
            "MAX_POOL_2D": self._pool,
            "CONCATENATION": self._concatenation,
            "ADD": self._addition,
            "MUL": self._multiplication,
            "BATCH_MATMUL": self._inner_product,
        }
        options = operator.inner("BuiltinOptions", OPTIONS[name]) if name in OPTIONS else None
        if name in ELEMENTWISE:
            return self._elementwise(ELEMENTWISE[name], options, given, made)
        if name not in readers:
            raise _UnknownError(name)
        return readers[name](options, given, made)

    def _elementwise(self, name: str, options: Any, given: list[int], made: int) -> dict[str, Any]:
        found: dict[str, Any] = {"op": name, "in": [self._actual(given[0])], "out": made}
        if name == "leaky_relu":
            found["alpha"] = float(options.number("Alpha", number_types.Float32Flags)) if options else 0.0
        if name == "gelu" and options and options.number("Approximate", number_types.BoolFlags):
            raise _UnknownError("an approximate GELU")
        return found

    def _dense(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        values, weights, *bias = given
        rows, columns = self._shape(weights)
        if (self._size(values), self._size(made)) != (columns, rows):
            raise _UnknownError("a dense layer over several rows")
        return {
            "op": "dense", "in": [self._actual(values)], "out": made, "rows": rows, "columns": columns,
            "weights": self._place(weights), "bias": self._bias(bias), **self._activation(options),
        }  # fmt: skip

    def _convolution(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        values, weights, *bias = given
        if {options.number("DilationHFactor", default=1), options.number("DilationWFactor", default=1)} != {1}:
            raise _UnknownError("a dilated convolution")
        return {
            "op": "convolution", "in": [self._actual(values)], "out": made, "from": self._shape(values)[1:],
            "to": self._shape(made)[1:], "kernel": self._shape(weights), "weights": self._place(weights),
            "bias": self._bias(bias), "stride": [options.number("StrideH"), options.number("StrideW")],
            "padding": PADDINGS[options.number("Padding", number_types.Int8Flags)], **self._activation(options),
        }  # fmt: skip

    def _transposed_convolution(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        _, weights, values, *bias = given
        return {
            "op": "transposed_convolution", "in": [self._actual(values)], "out": made, "from": self._shape(values)[1:],
            "to": self._shape(made)[1:], "kernel": self._shape(weights), "weights": self._place(weights),
            "bias": self._bias(bias), "stride": [options.number("StrideH"), options.number("StrideW")],
            "padding": PADDINGS[options.number("Padding", number_types.Int8Flags)], **self._activation(options),
        }  # fmt: skip

    def _pool(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        if PADDINGS[options.number("Padding", number_types.Int8Flags)] != "valid":
            raise _UnknownError("pooling beyond the edge")
        return {
            "op": "max_pool", "in": [self._actual(given[0])], "out": made, "from": self._shape(given[0])[1:],
            "to": self._shape(made)[1:], "kernel": [options.number("FilterHeight"), options.number("FilterWidth")],
            "stride": [options.number("StrideH"), options.number("StrideW")], **self._activation(options),
        }  # fmt: skip

    def _concatenation(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        if len(self._shape(made)) != 2:
            raise _UnknownError("a concatenation of pictures")
        return {"op": "concatenation", "in": [self._actual(one) for one in given], "out": made}

    def _addition(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        return self._two("addition", options, given, made)

    def _multiplication(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        return self._two("multiplication", options, given, made)

    def _two(self, name: str, options: Any, given: list[int], made: int) -> dict[str, Any]:
        """An operation on two tensors of one size, or on one and weights: one for each number, or for each channel."""
        if self._constant(given[0]) is not None:
            given = given[::-1]
        found = {"op": name, "in": [self._actual(given[0])], "out": made, **self._activation(options)}
        weights = self._constant(given[1])
        if weights is None:
            if self._size(given[0]) != self._size(given[1]):
                raise _UnknownError(f"{name} of two sizes")
            return {**found, "in": [self._actual(one) for one in given]}
        if self._size(made) != self._size(given[0]) or not self._repeats(given, weights.size):
            raise _UnknownError(f"{name} of two shapes")
        return {**found, "weights": self._place(given[1]), "count": int(weights.size)}

    def _repeats(self, given: list[int], count: int) -> bool:
        """Whether the second tensor's numbers, again and again, are what the first one's meet."""
        own, other = self._shape(given[0])[1:], [size for size in self._shape(given[1]) if size != 1]
        return count == 1 or other == own[len(own) - len(other) :]

    def _inner_product(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        if self._size(made) != 1:
            raise _UnknownError("a product of matrices")
        return {"op": "inner_product", "in": [self._actual(one) for one in given], "out": made}

    def _activation(self, options: _Read | None) -> dict[str, str]:
        code = options.number("FusedActivationFunction", number_types.Int8Flags) if options else 0
        if code not in ACTIVATIONS:
            raise _UnknownError(f"activation {code}")
        return {"activation": ACTIVATIONS[code]}

    def _bias(self, bias: list[int]) -> int:
        return self._place(bias[0]) if bias and bias[0] >= 0 else -1

    def _place(self, tensor: int) -> int:
        """Add a tensor's numbers to the weights; where they begin."""
        numbers = self._constant(tensor)
        if numbers is None:
            raise _UnknownError("a layer whose weights are computed")
        self.weights.append(numbers)
        self.placed += numbers.size
        return self.placed - numbers.size

    def _constant(self, tensor: int) -> Floats | None:
        """The numbers that the file holds for a tensor; None if it is computed."""
        stored = self.tensors[self.widened.get(tensor, tensor)]
        kind = stored.number("Type", number_types.Int8Flags)
        raw = self.buffers[stored.number("Buffer", number_types.Uint32Flags)].raw("Data")
        if kind not in _TYPES or not raw:
            return None
        return np.frombuffer(raw, _TYPES[kind]).astype(np.float32)

    def _shape(self, tensor: int) -> list[int]:
        return self.tensors[tensor].numbers("Shape")

    def _size(self, tensor: int) -> int:
        return int(np.prod(self._shape(tensor)[1:], dtype=int)) if len(self._shape(tensor)) > 1 else 1

    def _actual(self, tensor: int) -> int:
        return self.same.get(tensor, tensor)
