"""The network, its loss and its loop (needs torch: `make test-all`)."""

import math
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch", reason="torch is in the extra `train`: make test-all")

from tests.models.train.scenes import library  # noqa: E402
from xunhe_models.train import loop  # noqa: E402
from xunhe_models.train.export import About, export_detector  # noqa: E402
from xunhe_models.train.loop import Plan, new_network, train  # noqa: E402
from xunhe_models.train.loss import Targets, assign, detection_loss  # noqa: E402
from xunhe_models.train.network import DebrisNet, anchors, coco_weights, decode  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
SIZE = 96
PLAN = Plan(samples=64, size=SIZE, batch=8, warm_up=2, threads=1, workers=0)


def one_box(label: int = 0) -> Targets:
    boxes = torch.tensor([[[20.0, 24.0, 60.0, 56.0]]])
    return Targets(boxes, torch.tensor([[label]]), torch.ones(1, 1, dtype=torch.bool))


def test_the_network_has_fewer_than_1_3_million_parameters() -> None:
    assert sum(p.numel() for p in DebrisNet(2).parameters()) < 1_300_000


def test_upstreams_weights_give_upstreams_output(shared_data: Path) -> None:
    state = torch.load(shared_data / "weights/yolox_nano_from_onnx.pth", weights_only=True)
    net = DebrisNet(80).eval()
    net.load_state_dict(coco_weights(state.get("model", state), net))
    session = ort.InferenceSession(shared_data / "weights/yolox_nano_clean.onnx")
    image = np.random.default_rng(0).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    theirs = session.run(None, {session.get_inputs()[0].name: image})[0]
    with torch.no_grad():
        ours = net(torch.from_numpy(image))
    ours[..., 4:] = ours[..., 4:].sigmoid()
    np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-3)


def test_anchors_answer_for_a_box_from_inside_or_near_its_centre() -> None:
    corners, strides = anchors(SIZE, SIZE)
    raw = torch.zeros(1, len(strides), 7)
    match = assign(raw, decode(raw, corners, strides), one_box(), corners, strides)
    points = ((corners + 0.5) * strides[:, None])[match[0] >= 0]
    assert len(points)
    assert ((points - torch.tensor([40.0, 40.0])).abs() < 2.5 * 32).all()


def test_a_place_left_out_costs_nothing() -> None:
    corners, strides = anchors(SIZE, SIZE)
    raw = torch.zeros(1, len(strides), 7)
    inside = (((corners + 0.5) * strides[:, None] - 40).abs() < 10).all(1)
    raw[0, inside, 4] = 9.0  # sure that something is there
    boxes = decode(raw, corners, strides)
    left_out = detection_loss(raw, boxes, one_box(-1), corners, strides)
    nothing = Targets(torch.zeros(1, 1, 4), torch.tensor([[-1]]), torch.zeros(1, 1).bool())
    blamed = detection_loss(raw, boxes, nothing, corners, strides)
    assert left_out.positives == blamed.positives == 0
    assert blamed.total - left_out.total > 9 * int(inside.sum()) * 0.9


def test_a_perfect_answer_costs_next_to_nothing() -> None:
    corners, strides = anchors(SIZE, SIZE)
    raw = torch.full((1, len(strides), 7), -12.0)
    targets = one_box()
    zero = torch.zeros_like(raw)
    match = assign(zero, decode(zero, corners, strides), targets, corners, strides)
    x0, y0, x1, y1 = targets.boxes[0, 0]
    for k in torch.nonzero(match[0] >= 0)[:, 0]:
        centre = torch.stack(((x0 + x1) / 2, (y0 + y1) / 2)) / strides[k] - corners[k]
        sides = (torch.stack((x1 - x0, y1 - y0)) / strides[k]).log()
        raw[0, k] = torch.cat((centre, sides, torch.tensor([12.0, 12.0, -12.0])))
    loss = detection_loss(raw, decode(raw, corners, strides), targets, corners, strides)
    assert float(loss.total) < 0.05


def test_training_lowers_the_loss_and_repeats_by_seed(tmp_path: Path) -> None:
    lines: list[str] = []
    plan = Plan(samples=480, size=SIZE, batch=8, rate=2e-3, warm_up=5, threads=1, workers=0)

    def run(name: str) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        return train(plan, library(), new_network(None), tmp_path / name, lines.append)

    first, second = run("a"), run("b")
    assert all(torch.allclose(first[k], second[k], atol=1e-5) for k in first)
    net, fresh = DebrisNet(2), new_network(None)
    net.load_state_dict(first)
    assert mean_loss(net) < 0.8 * mean_loss(fresh)


def mean_loss(net: DebrisNet) -> float:
    from xunhe_models.train.compose import Composer
    from xunhe_models.train.loop import collate

    composer = Composer(library(), SIZE, seed=99)
    scenes = [composer.sample(i) for i in range(16)]
    images, targets = collate([(s.image, s.boxes, s.ids) for s in scenes])
    corners, strides = anchors(SIZE, SIZE)
    with torch.no_grad():
        raw = net(images.float())
        loss = detection_loss(raw, decode(raw, corners, strides), targets, corners, strides)
    return float(loss.total) if math.isfinite(float(loss.total)) else math.inf


def stop(_: str) -> None:
    raise KeyboardInterrupt


def test_a_stopped_run_ends_where_an_unbroken_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fresh() -> DebrisNet:
        torch.manual_seed(0)
        return new_network(None)

    monkeypatch.setattr(loop, "_EVERY", 3)
    whole = train(PLAN, library(), fresh(), tmp_path / "whole", print)
    with pytest.raises(KeyboardInterrupt):
        train(PLAN, library(), fresh(), tmp_path / "parts", stop)
    rest = train(PLAN, library(), fresh(), tmp_path / "parts", print)
    assert all(torch.allclose(whole[k], rest[k], atol=1e-5) for k in whole)


def test_a_checkpoint_of_another_plan_is_refused(tmp_path: Path) -> None:
    train(PLAN, library(), new_network(None), tmp_path / "c", print)
    other = Plan(samples=128, size=SIZE, batch=8, workers=0)
    with pytest.raises(ValueError, match="another plan"):
        train(other, library(), new_network(None), tmp_path / "c", print)


def test_the_exported_file_answers_as_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = new_network(None).eval()
    about = About("t", {"litter": 0.5, "vegetation_mat": 0.5}, 416, (), "", "")
    export_detector(net.state_dict(), SIZE, tmp_path / "m.onnx", about)
    session = ort.InferenceSession(tmp_path / "m.onnx")
    image = np.random.default_rng(0).uniform(0, 255, (1, 3, SIZE, SIZE)).astype(np.float32)
    boxes, scores = session.run(None, {"image": image})
    with torch.no_grad():
        raw = net(torch.from_numpy(image))
    np.testing.assert_allclose(boxes, decode(raw, *anchors(SIZE, SIZE)), atol=1e-2)
    np.testing.assert_allclose(scores, raw[..., 4:5].sigmoid() * raw[..., 5:].sigmoid(), atol=1e-5)
    assert session.get_modelmeta().custom_metadata_map["name"] == "t"
