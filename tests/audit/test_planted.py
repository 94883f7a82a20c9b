"""The planted folder is what it says: thirty faults and nothing else beside the clean one, the same every time."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from planted import EACH, clean, plant


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_thirty_faults_lie_in_the_clean_folder(tmp_path: Path) -> None:
    clean(tmp_path / "clean")
    planted = plant(tmp_path / "planted")
    before, after = contents(tmp_path / "clean"), contents(tmp_path / "planted")
    paths = [path for faults in planted.values() for path in faults]
    assert len(before) == 2 * EACH and len(set(paths)) == len(paths) == 30
    assert after.keys() - before.keys() == set(paths) and before.items() <= after.items()
    assert len(set(before.values())) == len(before)
    assert after["dog/0002_copy.jpg"] == after["dog/0002.jpg"] and after["dog/0007_as_dog.jpg"] == after["cat/0007.jpg"]
    modes = []
    for path in planted["modes"]:
        with Image.open(tmp_path / "planted" / path) as image:
            modes.append(image.mode)
    assert modes == ["CMYK", "I;16", "P", "RGBA"]
