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
from ai_edge_litert import schema_py_generated as schema

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
_CODES = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
_OPTIONS = {value: name for name, value in vars(schema.BuiltinOptions).items() if isinstance(value, int)}
_TYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.FLOAT16: np.float16}


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
        self.model = schema.Model.GetRootAs(self.content, 0)
        self.part = self.model.Subgraphs(0)
        self.widened: dict[int, int] = {}
        operations = [found for number in range(self.part.OperatorsLength()) if (found := self._operation(number))]
        inputs = {}
        for place in range(self.part.InputsLength()):
            tensor = self.part.Inputs(place)
            named = b"classes" in self.part.Tensors(tensor).Name()
            inputs["classes" if named else "values"] = tensor
        outputs = [self._actual(self.part.Outputs(place)) for place in range(self.part.OutputsLength())]
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

    def _operation(self, number: int) -> dict[str, Any] | None:
        operator = self.part.Operators(number)
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        name = _CODES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        given = [operator.Inputs(place) for place in range(operator.InputsLength())]
        made = operator.Outputs(0)
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
        options = self._options(operator)
        if name in ELEMENTWISE:
            return self._elementwise(ELEMENTWISE[name], options, given, made)
        if name not in readers:
            raise _UnknownError(name)
        return readers[name](options, given, made)

    def _options(self, operator: Any) -> Any:
        kind = _OPTIONS[operator.BuiltinOptionsType()]
        if kind == "NONE":
            return None
        table = operator.BuiltinOptions()
        options = getattr(schema, kind)()
        options.Init(table.Bytes, table.Pos)
        return options

    def _elementwise(self, name: str, options: Any, given: list[int], made: int) -> dict[str, Any]:
        found: dict[str, Any] = {"op": name, "in": [self._actual(given[0])], "out": made}
        if name == "leaky_relu":
            found["alpha"] = float(options.Alpha()) if options is not None else 0.0
        if name == "gelu" and options is not None and options.Approximate():
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
        if (options.DilationHFactor(), options.DilationWFactor()) not in ((0, 0), (1, 1)):
            raise _UnknownError("a dilated convolution")
        return {
            "op": "convolution", "in": [self._actual(values)], "out": made, "from": self._shape(values)[1:],
            "to": self._shape(made)[1:], "kernel": self._shape(weights), "weights": self._place(weights),
            "bias": self._bias(bias), "stride": [options.StrideH(), options.StrideW()],
            "padding": PADDINGS[options.Padding()], **self._activation(options),
        }  # fmt: skip

    def _transposed_convolution(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        _, weights, values, *bias = given
        return {
            "op": "transposed_convolution", "in": [self._actual(values)], "out": made, "from": self._shape(values)[1:],
            "to": self._shape(made)[1:], "kernel": self._shape(weights), "weights": self._place(weights),
            "bias": self._bias(bias), "stride": [options.StrideH(), options.StrideW()],
            "padding": PADDINGS[options.Padding()], **self._activation(options),
        }  # fmt: skip

    def _pool(self, options: Any, given: list[int], made: int) -> dict[str, Any]:
        if PADDINGS[options.Padding()] != "valid":
            raise _UnknownError("pooling beyond the edge")
        return {
            "op": "max_pool", "in": [self._actual(given[0])], "out": made, "from": self._shape(given[0])[1:],
            "to": self._shape(made)[1:], "kernel": [options.FilterHeight(), options.FilterWidth()],
            "stride": [options.StrideH(), options.StrideW()], **self._activation(options),
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

    def _activation(self, options: Any) -> dict[str, str]:
        code = options.FusedActivationFunction() if hasattr(options, "FusedActivationFunction") else 0
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
        stored = self.part.Tensors(self.widened.get(tensor, tensor))
        if stored.Type() not in _TYPES:
            return None
        buffer = self.model.Buffers(stored.Buffer())
        if not buffer.DataLength():
            return None
        raw = buffer.DataAsNumpy().tobytes()
        return np.frombuffer(raw, _TYPES[stored.Type()]).astype(np.float32)

    def _shape(self, tensor: int) -> list[int]:
        shape = self.part.Tensors(tensor)
        return [int(shape.Shape(place)) for place in range(shape.ShapeLength())]

    def _size(self, tensor: int) -> int:
        return int(np.prod(self._shape(tensor)[1:], dtype=int)) if len(self._shape(tensor)) > 1 else 1

    def _actual(self, tensor: int) -> int:
        return self.same.get(tensor, tensor)
