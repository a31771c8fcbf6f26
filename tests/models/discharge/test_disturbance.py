import numpy as np

from xunhe_models.discharge.disturbance import overlaid


def test_what_a_burnt_in_box_covers_is_no_longer_in_the_truth() -> None:
    boxes = 0
    for seed in range(60):
        scene, truth = np.full((5, 48, 64, 3), 200, np.float32), np.ones((5, 48, 64), np.float32)
        shown, left = overlaid(np.random.default_rng(seed), scene, truth)
        covered = (shown == 0).all(axis=(0, 3))
        boxes += covered.any()
        assert not left[:, covered].any(), f"seed {seed}: truth under a black box"
        assert left[:, (shown == 200).all(axis=(0, 3))].all(), "what is in view stays in the truth"
    assert boxes, "none of the seeds draws a box: the test shows nothing"
