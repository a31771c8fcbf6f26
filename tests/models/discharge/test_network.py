"""The network against the file it becomes; needs the extra `train`."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow


def test_it_is_small_and_gives_maps_a_quarter_as_large() -> None:
    from xunhe_models.discharge.network import Trunk, moments, parameters

    trunk = Trunk().eval()
    assert parameters(trunk) <= 300_000
    with torch.no_grad():
        maps, scores = trunk(moments(torch.rand(2, 5, 3, 64, 96) * 255))
    assert maps.shape == (2, 5, 16, 24)
    assert scores.shape == (2, 5)


def test_a_still_has_no_moments_of_movement() -> None:
    from xunhe_models.discharge.network import moments

    frame = torch.rand(1, 1, 3, 32, 32) * 255
    seen = moments(frame.repeat(1, 5, 1, 1, 1))
    assert float(seen[:, 6:].abs().max()) < 0.1
    assert torch.allclose(seen[:, :3], seen[:, 3:6], atol=1e-3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_the_exported_file_says_what_the_network_says(tmp_path: Path) -> None:
    import json

    from xunhe_models.discharge import CLASSES
    from xunhe_models.discharge.model import DischargeModel
    from xunhe_models.discharge.network import Exported, Trunk
    from xunhe_models.discharge.train import export

    trunk, file = Trunk().eval(), tmp_path / "it.onnx"
    export(trunk, file, {
        "kind": "discharge",
        "name": "it",
        "classes": json.dumps(list(CLASSES)),
        "input": json.dumps({"size": 128, "frames": 5, "span_s": 2.0}),
        "thresholds": json.dumps(dict.fromkeys(CLASSES, 0.5)),
    })  # fmt: skip
    stack = np.random.default_rng(1).integers(0, 255, (5, 80, 112, 3), dtype=np.uint8)
    scores, maps = DischargeModel(file).run(stack)
    with torch.no_grad():
        tensor = torch.from_numpy(stack).permute(0, 3, 1, 2)[None].float()
        wanted_scores, wanted_maps = Exported(trunk)(tensor)
    assert np.allclose(scores, wanted_scores[0], atol=1e-4)
    assert np.allclose(maps, wanted_maps[0], atol=1e-4)
