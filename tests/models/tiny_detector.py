"""A detector without training: every cell of the input that is red is litter, green a mat."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

METADATA = {
    "kind": "detector",
    "name": "tiny",
    "classes": json.dumps(["litter", "vegetation_mat"]),
    "input": json.dumps({"size": 416, "order": "BGR", "range": [0, 255], "pad": 114}),
    "thresholds": json.dumps({"litter": 0.35, "vegetation_mat": 0.4}),
    "tile": "416",
    "data_sha256": "0" * 64,
    "git_commit": "0" * 40,
}


def write_detector(
    path: Path, *, cell: int = 32, size: int = 416, leave_out: str = "", **metadata: str
) -> Path:
    """An ONNX file: the score of a cell is how much redder (greener) it is than its other colours.

    `metadata` replaces entries, `leave_out` drops one.
    """
    weights = np.array([[-0.5, -0.5, 1], [-0.5, 1, -0.5]], np.float32) / 255  # of B, G, R
    side = size // cell
    corner = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2) * cell
    boxes = np.concatenate([corner, corner + cell], 1)[None].astype(np.float32)
    constants = {
        "weights": weights[:, :, None, None],
        "shape": np.array([1, 2, side * side]),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
        "cells": boxes,
    }
    square = {"kernel_shape": [cell, cell], "strides": [cell, cell]}
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["image"], ["mean"], **square),
            helper.make_node("Conv", ["mean", "weights"], ["colour"]),
            helper.make_node("Clip", ["colour", "zero", "one"], ["clipped"]),
            helper.make_node("Reshape", ["clipped", "shape"], ["flat"]),
            helper.make_node("Transpose", ["flat"], ["scores"], perm=[0, 2, 1]),
            helper.make_node("Identity", ["cells"], ["boxes"]),
        ],
        "tiny",
        [_tensor("image", [1, 3, size, size])],
        [_tensor("boxes", list(boxes.shape)), _tensor("scores", [1, side * side, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    kept = {k: v for k, v in {**METADATA, **metadata}.items() if k != leave_out}
    helper.set_model_props(model, kept)
    onnx.save(model, str(path))
    return path


def _tensor(name: str, shape: list[int]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
