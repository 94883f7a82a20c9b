"""What a listing says of itself: which code or library is another than the last time, and what that concerns."""

from __future__ import annotations

from pathlib import Path

from warmstart.inputs.made_with import MadeWith
from warmstart.inputs.news import changes


def test_what_has_changed_is_named_with_what_it_concerns(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    made = {"train/scratch": MadeWith({"a.py": "1"}, {"torch": "2.15.0"}), "compare": MadeWith({"b.py": "1"}, {})}
    assert changes(made, kept) is None, "nothing is known from before"
    assert changes(made, kept) is None
    news = changes(made | {"train/scratch": MadeWith({"a.py": "2"}, {"torch": "2.15.0"})}, kept)
    assert news and "a.py" in news and "train" in news and "torch" not in news and "compare" not in news
    news = changes(made | {"train/scratch": MadeWith({"a.py": "2"}, {"torch": "2.16.0"})}, kept)
    assert news and "torch" in news and "a.py" not in news
    news = changes({"compare": MadeWith({f"{n}.py": "1" for n in range(9)}, {})}, kept)
    assert news and "more" in news
    kept.write_text("[damaged")
    assert changes(made, kept) is None
