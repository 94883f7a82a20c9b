"""From a folder of photos to the list, the page and the evidence."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from active_learning.test_badge import order
from support import Folders
from warmstart.active_learning import find_evidence, suggest
from warmstart.active_learning.suggest import suggest_photos
from warmstart.errors import UserError
from warmstart.records.suggestion import SuggestedPhoto, Suggestion
from warmstart.serving.package import load_package

PACKAGE = "recipes/linear_probe/evaluate/package"
COPIES = {"z_small.png", "z_mirrored.png", "z_saved.jpg", "z_train.png", "z_test.jpg"}


class Figures(HTMLParser):
    """How many figures and pictures a page has, and whatever it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures, self.addresses, self.tags = 0, list[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.figures += tag == "figure"
        self.addresses += [value or "" for key, value in attrs if key in ("src", "srcset")]


def run(probed: Folders, sources: list[Path], count: int, out: Path) -> Suggestion:
    return suggest_photos(probed.root, "linear_probe", sources, count, out).found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No evidence, for tests that are about the photos."""
    monkeypatch.setattr(suggest, "find_evidence", lambda *_: (None, "not asked for"))


def test_copies_and_what_cannot_be_read_are_left_out_and_counted(
    probed: Folders, unlabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], quick: None
) -> None:
    found = run(probed, [unlabelled], 100, tmp_path / "out")
    rows = SuggestedPhoto.read_rows(tmp_path / "out/suggest.csv")
    assert {Path(row.path).name for row in rows} == {f"new_{number:02d}.png" for number in range(20)}
    assert (found.found, found.unreadable, found.labelled_already, found.repeated, found.suggested) == (27, 2, 2, 3, 20)
    err = capsys.readouterr().err
    assert "broken.jpg" in err and "cut.png" in err and ".txt" in err and "100" in err
    assert Suggestion.read(tmp_path / "out/suggest.json") == found


def test_the_list_is_badge_on_the_packaged_model_in_its_order(
    probed: Folders, unlabelled: Path, tmp_path: Path, quick: None
) -> None:
    run(probed, [unlabelled], 8, tmp_path / "out")
    rows = SuggestedPhoto.read_rows(tmp_path / "out/suggest.csv")
    model = load_package(probed.root / PACKAGE)
    paths = sorted(unlabelled.glob("new_*.png"))
    images = torch.from_numpy(np.stack([model.preprocessing.read(path) for path in paths]))
    probabilities = model.predict_proba(images).numpy().astype(np.float64)
    with torch.inference_mode():
        vectors = model.network.backbone(model.normalise(images)).mean((2, 3)).numpy()
    train = np.load(probed.features / "train/avg-00000.npy")
    expected = order(probabilities, vectors - train.mean(axis=0), 8)
    assert [row.path for row in rows] == [str(paths[place]) for place in expected]
    assert [row.rank for row in rows] == list(range(1, 9))
    for row, place in zip(rows, expected, strict=True):
        assert row.predicted == model.classes[int(probabilities[place, 1] > (model.threshold or 0.5))]
        assert row.probability == pytest.approx(probabilities[place, model.classes.index(row.predicted)], abs=1e-4)


def test_the_page_shows_each_photo_and_needs_nothing_beside_it(
    probed: Folders, unlabelled: Path, tmp_path: Path, quick: None
) -> None:
    odd = unlabelled / "<b>&.png"
    shutil.copy(unlabelled / "new_07.png", odd)
    (unlabelled / "new_07.png").unlink()
    run(probed, [unlabelled], 100, tmp_path / "out")
    text = (tmp_path / "out/index.html").read_text()
    page = Figures(text)
    assert page.figures == 20 and all(address.startswith("data:") for address in page.addresses)
    assert "script" not in page.tags and "<b>" not in text and "&lt;b&gt;&amp;.png" in text
    assert "broken.jpg" in text and not (tmp_path / "out/curve.png").exists() and "not asked for" in text.lower()


def test_the_evidence_is_measured_once_and_again_where_the_photos_change(
    probed: Folders, unlabelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_evidence, "REPETITIONS", 4)
    monkeypatch.setattr(find_evidence, "simulate", simulated := Counting(find_evidence.simulate))
    out = tmp_path / "out"
    first = run(probed, [unlabelled], 5, out).evidence
    assert first and simulated.calls == 1 and first.photos == 200 and first.test_photos == 40
    assert [point.labelled for point in first.points][::8] == [20, 100] and (out / "curve.png").exists()
    assert run(probed, [unlabelled / "new_00.png"], 1, out).evidence == first and simulated.calls == 1
    content = json.loads((out / "suggest.json").read_text())
    (out / "suggest.json").write_text(json.dumps({**content, "evidence": {**content["evidence"], "made_of": "other"}}))
    assert run(probed, [unlabelled / "new_00.png"], 1, out).evidence == first and simulated.calls == 2
    (out / "suggest.json").write_text("damaged")
    assert run(probed, [unlabelled / "new_00.png"], 1, out).evidence == first and simulated.calls == 3


class Counting:
    """Replays a smaller simulation, and counts."""

    def __init__(self, simulate: object) -> None:
        self.simulate, self.calls = simulate, 0

    def __call__(self, pool: object, test: object, sizes: list[int], penalty: float) -> object:
        self.calls += 1
        return self.simulate(pool, test, sizes, penalty, 4)  # type: ignore[operator]


def test_where_nothing_is_left_the_old_list_stays(
    probed: Folders, unlabelled: Path, tmp_path: Path, quick: None
) -> None:
    run(probed, [unlabelled], 5, tmp_path / "out")
    before = (tmp_path / "out/suggest.csv").read_bytes()
    (tmp_path / "empty").mkdir()
    for sources in (
        [unlabelled / "z_train.png", unlabelled / "z_test.jpg"],
        [unlabelled / "broken.jpg"],
        [tmp_path / "empty"],
        [tmp_path / "nowhere"],
    ):
        with pytest.raises(UserError) as error:
            run(probed, sources, 5, tmp_path / "out")
        assert "\n" not in str(error.value)
    assert (tmp_path / "out/suggest.csv").read_bytes() == before


def test_features_of_other_images_are_refused(probed: Folders, unlabelled: Path, tmp_path: Path, quick: None) -> None:
    root = tmp_path / "critters"
    shutil.copytree(probed.root, root)
    meta = json.loads((root / "feature_cache/meta.json").read_text())
    (root / "feature_cache/meta.json").write_text(json.dumps({**meta, "images": "0" * 64}))
    with pytest.raises(UserError, match="feature_cache"):
        run(Folders(root), [unlabelled], 5, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_with_few_labelled_photos_the_list_comes_without_evidence(
    probed: Folders, unlabelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_evidence, "label_counts", lambda photos, classes: None)
    found = run(probed, [unlabelled], 5, tmp_path / "out")
    assert found.evidence is None and "200 photos" in found.no_evidence and found.suggested == 5
