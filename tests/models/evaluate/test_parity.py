"""ONNX against torch (needs torch: `make test-all`)."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is in the extra `train`: make test-all")

from xunhe_models.detector import Detector, open_session  # noqa: E402
from xunhe_models.evaluate.parity import parity  # noqa: E402
from xunhe_models.train.export import About, export_detector  # noqa: E402
from xunhe_models.train.loop import new_network  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
THRESHOLDS = {"litter": 0.5, "vegetation_mat": 0.5}


def test_an_exported_file_agrees_with_its_weights_and_with_no_others(tmp_path: Path) -> None:
    torch.manual_seed(1)
    weights = new_network(None).state_dict()
    for name in ("head.cls_preds", "head.obj_preds"):
        for level in range(3):
            weights[f"{name}.{level}.bias"].fill_(-1)  # as if trained: something to compare
    file, checkpoint = tmp_path / "m.onnx", tmp_path / "m.ckpt"
    export_detector(weights, 416, file, About("m", THRESHOLDS, 416, (), "", ""))
    torch.save({"average": weights}, checkpoint)
    pictures = [np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)]
    session, card = open_session(file), Detector(file).card
    found = parity(session, card, checkpoint, pictures)
    assert found["boxes"] > 0
    assert found["largest_score_difference"] < 1e-4
    assert found["largest_box_difference_px"] < 1e-2
    weights["head.obj_preds.0.bias"].fill_(1)
    torch.save(weights, checkpoint)
    assert parity(session, card, checkpoint, pictures)["largest_score_difference"] > 0.1
