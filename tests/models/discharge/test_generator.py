import numpy as np
import pytest

from tests.models.discharge.grounds import drawn_grounds
from xunhe_models.discharge import CLASSES
from xunhe_models.discharge.generator import FRAMES, SEEN, SPAN_S, Generator, Recipe

SIZE = (96, 128)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(drawn_grounds(), seed=3)


def test_a_sample_is_decided_by_its_number_alone(generator: Generator) -> None:
    first = generator.sample(7, SIZE)
    generator.sample(8, SIZE)
    again = Generator(drawn_grounds(), seed=3).sample(7, SIZE)
    assert np.array_equal(first.stack, again.stack)
    assert np.array_equal(first.masks, again.masks)
    assert not np.array_equal(first.stack, generator.sample(8, SIZE).stack)


def test_a_sample_has_the_shapes_and_times_it_promises(generator: Generator) -> None:
    sample = generator.sample(1, SIZE)
    assert sample.stack.shape == (FRAMES, *SIZE, 3)
    assert sample.stack.dtype == np.uint8
    assert sample.masks.shape == (5, *SIZE)
    assert sample.labels.shape == (len(CLASSES),)
    assert (sample.times_s[0], sample.times_s[-1]) == (0, SPAN_S)


@pytest.mark.parametrize("kind", ["dry", "nothing"])
@pytest.mark.parametrize("number", range(4))
def test_a_dry_sample_shows_nothing_that_flows(
    generator: Generator, kind: str, number: int
) -> None:
    sample = generator.sample(number, SIZE, Recipe(kind))
    assert sample.labels.tolist() == [1, 0, 0, 0, 0]
    assert not sample.masks[:4].any()
    assert kind == "dry" or sample.mouth is None


@pytest.mark.parametrize("kind", ["jet", "gate"])
def test_water_that_is_seen_makes_a_sample_flow_and_not_dry(
    generator: Generator, kind: str
) -> None:
    samples = [generator.sample(n, SIZE, Recipe(kind, mouth_share=0.2)) for n in range(6)]
    flowing = [sample for sample in samples if sample.labels[1]]
    assert len(flowing) >= 4, "clear water before a pale wall may hide, but not this often"
    assert all(sample.labels[0] == 0 for sample in flowing)
    assert all((sample.masks[0] > SEEN).sum() >= 10 for sample in flowing)


def test_a_jet_changes_the_picture_where_its_mask_says(generator: Generator) -> None:
    """The same scene dry and flowing differs most inside the mask."""
    for number in range(6):
        wet = generator.sample(number, SIZE, Recipe("jet", mouth_share=0.2))
        inside = wet.masks[0] > SEEN
        if inside.sum() > 100:
            luma = wet.stack.astype(np.float32).mean(axis=3)
            assert luma[:, inside].std() > 0
            assert wet.mouth is not None
            x0, y0, x1, _ = wet.mouth
            rows, columns = np.nonzero(inside)
            assert rows.mean() > y0, "water leaves below the mouth's upper edge"
            assert x0 - 60 < columns.mean() < x1 + 60
            return
    pytest.fail("none of six jets was seen")


def test_the_tongue_of_a_gate_begins_at_the_gate(generator: Generator) -> None:
    begun = []
    for number in range(8):
        sample = generator.sample(number, SIZE, Recipe("gate", mouth_share=0.12))
        flows = sample.masks[0] > SEEN
        if sample.mouth is not None and flows.sum() > 50:
            x0, y0, x1, y1 = (round(side) for side in sample.mouth)
            begun.append(flows[y0 : y1 + 4, x0:x1].any())
    assert len(begun) >= 4, "too few of eight tongues are seen"
    assert sum(begun) >= len(begun) - 1


@pytest.mark.parametrize(("recipe", "index"), [
    (Recipe("plume", foam=True), 2),
    (Recipe("plume", dye=True), 3),
    (Recipe("plume", film=True), 4),
])  # fmt: skip
def test_trails_set_their_own_label_and_no_other(
    generator: Generator, recipe: Recipe, index: int
) -> None:
    seen = [generator.sample(number, SIZE, recipe).labels for number in range(5)]
    assert any(labels[index] for labels in seen)
    assert all(labels[other] == 0 for labels in seen for other in {1, 2, 3, 4} - {index})
