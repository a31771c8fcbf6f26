"""Sets, the loop over them, the page: with a detector of red squares."""

import json
import re
from pathlib import Path

import pytest

from tests.models.evaluate.small_data import write_animation, write_small_data
from tests.models.tiny_detector import write_detector
from xunhe_models.data.pictures import Picture
from xunhe_models.data.reading import frames_of
from xunhe_models.evaluate.evaluate import EVERY_NTH_SEEN, Evaluation, Plan, evaluate, figures
from xunhe_models.evaluate.marks import Kind, worst_first
from xunhe_models.evaluate.page import write_page
from xunhe_models.evaluate.sets import DEFAULT_SETS, EvaluationSet, load_set
from xunhe_models.evaluate.subjects import Subject, open_subject
from xunhe_models.images import Frame, UnreadableError

HELD_OUT = json.dumps(["river-plastic/location-3", "clean/kept-out"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    file = tmp_path_factory.mktemp("model") / "tiny.onnx"
    return open_subject("tiny", write_detector(file, held_out=HELD_OUT))


def looked(
    data: Path, subject: Subject, plan: Plan, *names: str
) -> tuple[Evaluation, list[EvaluationSet]]:
    sets = [load_set(name, data) for name in names]
    return evaluate([subject], sets, plan, lambda *_: None), sets


def test_a_set_gives_its_figures_whole_and_tiled(data: Path, subject: Subject) -> None:
    plan = Plan(data)
    evaluation, _ = looked(data, subject, plan, "location-3")
    result = figures(evaluation, [subject], plan)
    of_set = result["models"][0]["sets"]["location-3"]
    assert set(of_set["tilings"]) == {"whole", "auto"}
    assert of_set["trained_on_sites"] == []
    litter = of_set["tilings"]["whole"]["litter"]
    assert (litter["boxes"], litter["true_boxes"], litter["false_boxes"]) == (3, 1, 1)
    assert set(of_set["tilings"]["whole"]) == {"litter"}, "mats are not labelled there"
    assert result["sets"]["location-3"]["shares_places_with_training"].startswith("the same canal")


def test_negatives_count_false_boxes_and_name_what_cannot_be_read(
    data: Path, subject: Subject
) -> None:
    plan = Plan(data)
    evaluation, (negatives,) = looked(data, subject, plan, "negatives-stills")
    result = figures(evaluation, [subject], plan)
    f = result["models"][0]["sets"]["negatives-stills"]["tilings"]["whole"]
    assert f["frames"] == len(negatives.pictures) - 1
    assert (f["false_boxes"], f["frames_with_any"]) == (1, 1)
    (unreadable,) = result["sets"]["negatives-stills"]["unreadable"]
    assert unreadable["image"].startswith("river-scenes/clean/")
    assert "truncated" in unreadable["error"] or "damaged" in unreadable["error"]


def test_a_set_whose_folder_is_not_there_is_skipped_with_the_reason(
    data: Path, subject: Subject
) -> None:
    plan = Plan(data)
    evaluation, _ = looked(data, subject, plan, "mats", "negatives-clips")
    result = figures(evaluation, [subject], plan)
    assert result["models"][0]["sets"] == {}
    assert result["models"][0]["sets_left_out"] == ["mats", "negatives-clips"]
    assert all("no picture" in about["skipped"] for about in result["sets"].values())
    assert result["models"][0]["latency"] == {"skipped": "no picture could be read"}


def test_a_model_sees_every_fourth_picture_of_its_own_training_unless_in_full(
    data: Path, tmp_path: Path
) -> None:
    saw = open_subject("saw", write_detector(tmp_path / "saw.onnx", held_out="[]"))
    quick, (bridge,) = looked(data, saw, Plan(data), "location-3")
    full, _ = looked(data, saw, Plan(data, full=True), "location-3")
    assert len(quick.runs[0].sights) == -(-len(bridge.pictures) // EVERY_NTH_SEEN)
    assert [len(run.sights) for run in full.runs] == [len(bridge.pictures)] * 4
    of_set = figures(quick, [saw], Plan(data))["models"][0]["sets"]["location-3"]
    assert of_set["trained_on_sites"] == ["river-plastic/location-3"]


def test_negatives_of_a_site_that_a_model_was_trained_on_never_count(
    data: Path, tmp_path: Path
) -> None:
    some = EvaluationSet(
        "negatives",
        "",
        (),
        tuple(
            Picture(data / "river-plastic/images" / name, site, ())
            for name, site in zip(
                sorted(p.name for p in (data / "river-plastic/images").iterdir()),
                ("a lake", "a lake", "a pond"),
                strict=True,
            )
        ),
    )
    fed = open_subject("fed", write_detector(tmp_path / "m.onnx", held_out='["a lake"]'))
    evaluation = evaluate([fed], [some], Plan(data, full=True), lambda *_: None)
    of_set = figures(evaluation, [fed], Plan(data))["models"][0]["sets"]["negatives"]
    assert of_set["pictures"] == of_set["tilings"]["whole"]["frames"] == 2
    assert (of_set["trained_on_sites"], of_set["sites_left_out"]) == ([], ["a pond"])


def test_a_file_that_does_not_say_what_it_saw_is_unknown(tmp_path: Path) -> None:
    unknown = open_subject("unknown", write_detector(tmp_path / "m.onnx"))
    assert unknown.saw(["clean/kept-out"]) is None
    assert unknown.about()["held_out"] is None


def test_outfall_clips_are_in_no_training(subject: Subject) -> None:
    sites = ["outfall/pipe_flow.mp4", "clips/a.gif", "river-plastic/location-3"]
    assert subject.saw(sites) == ["clips/a.gif"]


def test_latency_stands_beside_the_bare_run(data: Path, subject: Subject) -> None:
    plan = Plan(data)
    evaluation, _ = looked(data, subject, plan, "location-3")
    model = figures(evaluation, [subject], plan)["models"][0]
    tile = model["latency"]["tile"]
    assert tile["picture"] == [416, 416]
    assert tile["runs"] >= 60
    assert tile["detect_ms"]["min"] > 0 < tile["session_run_ms"]["median"]
    assert model["parity"]["largest_score_difference"] is None
    assert "checkpoint" in model["parity"]["reason"]


def test_frames_of_a_clip_come_by_number_and_missing_ones_as_errors(tmp_path: Path) -> None:
    clip = write_animation(tmp_path / "a.gif", 4)
    names = ["a.gif#3", "a.gif#1", "a.gif#9", "gone.mp4#0", "gone.png"]
    seen = dict(frames_of([Picture(tmp_path / name, "clip", ()) for name in names]))
    by_name = {picture.path.name: frame for picture, frame in seen.items()}
    for name, value in (("a.gif#3", 60), ("a.gif#1", 20)):
        frame = by_name[name]
        assert isinstance(frame, Frame)
        assert abs(int(frame.bgr[0, 0, 0]) - value) <= 1
    for name in ("a.gif#9", "gone.mp4#0", "gone.png"):
        assert isinstance(by_name[name], UnreadableError)
    assert clip.is_file()


def test_the_worst_picture_comes_first_with_its_marks(data: Path, subject: Subject) -> None:
    evaluation, _ = looked(data, subject, Plan(data), "location-3")
    run = evaluation.runs[0]
    shots = worst_first(run.sights, subject.thresholds, run.of.classes)
    kinds = [sorted(mark.kind for mark in shot.marks) for shot in shots]
    assert kinds == [[Kind.FALSE, Kind.MISSED], [Kind.MISSED], [Kind.TRUE]]


def test_the_page_stands_alone_with_its_pictures(
    data: Path, subject: Subject, tmp_path: Path
) -> None:
    evaluation, _ = looked(data, subject, Plan(data), "location-3", "negatives-stills")
    shown = [run for run in evaluation.runs if run.tiling == "auto"]
    page = write_page(tmp_path / "page", shown, data).read_text("utf-8")
    for part in ('class="true"', 'class="false"', 'class="missed"', "漏检 missed", "由差到好"):
        assert part in page
    assert "<script" not in page
    assert "$" not in page
    sources = set(re.findall(r'href="(pictures/[^"]+)"', page))
    assert sources
    assert all((tmp_path / "page" / source).read_bytes()[:2] == b"\xff\xd8" for source in sources)
    assert "://" not in page, "nothing is fetched"
    assert page.index('class="false"', page.index("<section")) < page.index(
        'class="true"', page.index("<section")
    )


def test_every_set_of_the_real_data_is_there_by_whole_sites(shared_data: Path) -> None:
    sets = {name: load_set(name, shared_data) for name in DEFAULT_SETS}
    assert len(sets["location-3"].pictures) == 130
    assert sets["location-3"].sites == ("river-plastic/location-3",)
    assert "surfrider/second" in sets["eye-height"].sites
    assert all(
        site.startswith(("vegetation/mats/4", "vegetation/mats/5")) for site in sets["mats"].sites
    )
    for name in ("negatives-stills", "negatives-clips"):
        assert len(sets[name].pictures) > 40
        assert not any(picture.boxes for picture in sets[name].pictures)
        assert len({picture.path for picture in sets[name].pictures}) == len(sets[name].pictures)
    assert len({p.path.name.split("#")[0] for p in sets["negatives-clips"].pictures}) == 3
