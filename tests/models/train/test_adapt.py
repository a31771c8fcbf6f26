"""An adapted model is judged on pictures it did not learn from (needs torch: `make test-all`)."""

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is in the extra `train`: make test-all")

from tests.models.tiny_detector import write_detector  # noqa: E402
from xunhe_models.data.pictures import Picture  # noqa: E402
from xunhe_models.train.adapt import Figures, alike, apart, verdict, weights_of  # noqa: E402
from xunhe_models.train.export import About, export_detector  # noqa: E402
from xunhe_models.train.loop import new_network  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NAN = float("nan")


def seen(ap50: float, wrong: float = 0.1) -> Figures:
    return Figures(ap50, wrong, 20, 40)


@pytest.mark.parametrize(
    ("site_before", "site_after", "base_before", "base_after", "kept"),
    [
        (seen(0.40), seen(0.50), seen(0.60), seen(0.60), True),
        (seen(0.40), seen(0.50), seen(0.60), seen(0.592), True),
        (seen(0.40), seen(0.50), seen(0.60), seen(0.585), False),
        (seen(0.40), seen(0.39), seen(0.60), seen(0.70), False),
        (seen(0.40, 0.2), seen(0.40, 0.1), seen(0.60), seen(0.60), True),
        (seen(0.40, 0.1), seen(0.40, 0.1), seen(0.60), seen(0.60), False),
        (seen(NAN, 0.3), seen(NAN, 0.1), seen(0.60), seen(0.60), True),
        (seen(NAN, 0.1), seen(NAN, 0.1), seen(0.60), seen(0.60), False),
    ],
)
def test_a_model_is_kept_only_if_better_at_the_site_and_not_a_point_worse_on_the_base_set(
    site_before: Figures, site_after: Figures, base_before: Figures, base_after: Figures, kept: bool
) -> None:
    decided, reason = verdict(site_before, site_after, base_before, base_after)
    assert decided is kept
    assert reason


def pictures(folder: Path, scenes: int, copies: int) -> list[Picture]:
    found = []
    for scene in range(scenes):
        random = np.random.default_rng(scene)
        image = cv2.resize(random.integers(0, 255, (9, 12, 3), np.uint8), (240, 180))
        for copy in range(copies):
            path = folder / f"{scene}-{copy}.png"
            cv2.imwrite(str(path), cv2.add(image, np.full_like(image, copy)))
            found.append(Picture(path, "site", ()))
    return found


def test_nearly_equal_pictures_stay_on_one_side(tmp_path: Path) -> None:
    site = pictures(tmp_path, 10, 3)
    assert sorted(len(group) for group in alike(site)) == [3] * 10
    learn, held = apart(site, seed=2)
    assert {p.path for p in learn}.isdisjoint(p.path for p in held)
    assert len(learn) + len(held) == 30
    assert 9 <= len(held) <= 12
    scenes = [{p.path.name.split("-")[0] for p in side} for side in (learn, held)]
    assert scenes[0].isdisjoint(scenes[1])


def test_a_site_of_one_view_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nearly the same"):
        apart(pictures(tmp_path, 1, 12), seed=1)


def test_the_weights_come_back_out_of_an_exported_file(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = new_network(None)
    for parameter in net.parameters():  # equal ones would be stored once
        parameter.data += torch.randn_like(parameter) * 1e-3
    about = About("t", {"litter": 0.5, "vegetation_mat": 0.5}, 416, (), "", "")
    export_detector(net.state_dict(), 96, tmp_path / "m.onnx", about)
    found = weights_of(tmp_path / "m.onnx")
    assert all(torch.equal(value, found[name]) for name, value in net.state_dict().items())


def test_a_file_without_the_networks_weights_is_refused(tmp_path: Path) -> None:
    write_detector(tmp_path / "m.onnx")
    with pytest.raises(ValueError, match="lacks"):
        weights_of(tmp_path / "m.onnx")
