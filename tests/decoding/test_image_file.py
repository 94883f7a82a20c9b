"""Any image file becomes the same kind of image, or a reason why not in plain words."""

from __future__ import annotations

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile, features

from warmstart.decoding import image_file
from warmstart.decoding.image_file import Header, UnreadableImage, load_image

RED = (200, 20, 10)
SIZE = (48, 32)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def load(data: bytes, mode: str = "RGB") -> np.ndarray:
    return np.asarray(load_image(data, mode, lambda width, height: (width, height))[0])


def header(data: bytes) -> Header:
    return load_image(data, "RGB", lambda width, height: (width, height))[1]


def refusal(data: bytes) -> UnreadableImage:
    with pytest.raises(UnreadableImage) as caught:
        load(data)
    assert not any(sign in str(caught.value) for sign in ("<", "0x", "Error", "PIL", "BytesIO")), caught.value
    return caught.value


def png(width: int, height: int, depth: int, colour: int, rows: bytes = b"", more: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF", "TIFF", "PPM", "JPEG2000"])
def test_colours_survive_every_format(mode: str, form: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    try:
        data = encoded(Image.new("RGB", SIZE, RED).convert(mode, palette=Image.Palette.ADAPTIVE), form)
    except (OSError, ValueError):
        pytest.skip(f"{form} has no {mode}")
    found = load(data)
    assert found.shape == (32, 48, 3)
    assert np.abs(found.astype(int) - RED).max() <= 8
    assert abs(int(load(data, "L").mean()) - 73) <= 15


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_photo_is_turned_upright(orientation: int, form: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    upright = np.zeros((32, 48), dtype=np.uint8)
    upright[:16, :24] = 255  # only the upper left is white
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}  # what turns an upright image into how the camera stored it
    image = Image.fromarray(upright).convert("RGB")
    if orientation > 1:
        image = image.transpose(image_file.TURNS[undo[orientation]])
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, form, exif=exif, quality=95)
    assert np.abs(load(data).mean(axis=2) - upright).mean() < 6
    assert header(data)[:2] == (48, 32)


def test_damaged_metadata_leave_the_photo() -> None:
    data = encoded(Image.new("RGB", SIZE, RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert load(data).shape == (32, 48, 3)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    palette = Image.new("P", SIZE, 1)
    palette.putpalette([0, 0, 0, *RED])
    for form in ("PNG", "WEBP", "TIFF"):
        assert load(encoded(clear, form)).min() == 255
    assert load(encoded(Image.new("LA", SIZE, (0, 0)))).min() == 255
    assert load(encoded(palette, transparency=1)).min() == 255
    assert load(encoded(palette, "GIF", transparency=1)).min() == 255
    assert (load(encoded(palette)) == RED).all()
    assert load(encoded(Image.new("RGB", SIZE, RED), transparency=RED)).min() == 255
    half = load(encoded(Image.new("RGBA", SIZE, (0, 0, 0, 128))))
    assert abs(int(half.mean()) - 127) <= 1


def test_one_bit() -> None:
    image = Image.new("1", SIZE, 1)
    for form in ("PNG", "TIFF", "BMP"):
        assert load(encoded(image, form)).min() == 255


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_become_eight(form: str) -> None:
    levels = np.tile(np.linspace(0, 65535, 48).astype(np.uint16), (32, 1))
    found = load(encoded(Image.fromarray(levels), form))[..., 0]
    assert np.abs(found - levels / 257).max() <= 1


def test_sixteen_bits_in_the_other_byte_order() -> None:
    image = Image.frombytes("I;16B", (2, 1), b"\x80\x00\xff\xff")
    assert load(encoded(image, "TIFF"))[0, :, 0].tolist() == [128, 255]


def test_sixteen_bit_colour() -> None:
    row = b"\0" + struct.pack(">HHH", 51200, 5120, 2560) * 4
    assert (load(png(4, 1, 16, 2, row)) == RED).all()


@pytest.mark.parametrize(("top", "dtype"), [(1, "f4"), (255, "f4"), (65535, "f4"), (255, "i4"), (65535, "i4")])
def test_wide_numbers_are_taken_by_their_range(top: float, dtype: str) -> None:
    levels = np.linspace(0, top, 48 * 32).reshape(32, 48).astype(dtype)
    found = load(encoded(Image.fromarray(levels), "TIFF"))[..., 0].astype(int)
    assert found.max() == 255
    assert np.abs(found - np.linspace(0, 255, 48 * 32).reshape(32, 48)).max() <= 2


def test_values_that_are_no_numbers_are_black() -> None:
    levels = np.full((32, 48), np.nan, dtype=np.float32)
    levels[:, 24:] = 1
    found = load(encoded(Image.fromarray(levels), "TIFF"))
    assert found[:, :24].max() == 0 and found[:, 24:].min() == 255


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_several_frames_the_first(form: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    frames = [Image.new("RGB", SIZE, colour) for colour in (RED, "green", "blue")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert np.abs(load(data).astype(int) - RED).max() < 30
    assert header(data).frames == 3
    assert header(encoded(frames[0], form)).frames == 1


def test_a_phone_photo_with_a_preview_is_no_animation() -> None:
    data = encoded(Image.new("RGB", SIZE, RED), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])
    assert header(data)[2:] == ("MPO", "RGB", 1)
    assert np.abs(load(data).astype(int) - RED).max() < 8


def test_the_header_says_what_the_file_is() -> None:
    assert header(encoded(Image.new("CMYK", SIZE), "JPEG")) == (48, 32, "JPEG", "CMYK", 1)
    assert header(encoded(Image.new("P", SIZE))) == (48, 32, "PNG", "P", 1)


def test_bombs_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    for width, height in ((10_001, 10_000), (60_000, 60_000)):
        error = refusal(png(width, height, 8, 2))
        assert (
            f"{width} × {height} pixels" in str(error)
            and "100 megapixels" in str(error)
            and "scale it down" in str(error)
        )
        assert error.header is not None and error.header[:2] == (width, height)
    assert Image.MAX_IMAGE_PIXELS  # others keep their bound


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("least", [40, 4000])
def test_a_jpeg_beyond_the_bound_is_decoded_at_an_eighth(
    monkeypatch: pytest.MonkeyPatch, progressive: bool, least: int
) -> None:
    monkeypatch.setattr(image_file, "MAX_PIXELS", 10_000)
    picture = Image.new("RGB", (400, 304), RED)
    exif = Image.Exif()
    exif[0x0112] = 6
    image, head = load_image(
        encoded(picture, "JPEG", exif=exif, progressive=progressive), "RGB", lambda w, h: (least, least)
    )
    assert image.size == (38, 50) and head[:2] == (304, 400)
    assert np.abs(np.asarray(image).astype(int) - RED).max() < 8


def test_jpegs_have_a_bound_too_and_the_remedy_fits_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_file, "MAX_PIXELS", 10_000)
    monkeypatch.setattr(image_file, "MAX_JPEG", 100_000)
    monkeypatch.setattr(image_file, "MAX_PROGRESSIVE", 50_000)
    picture = Image.new("RGB", (240, 240), RED)
    assert load_image(encoded(picture, "JPEG"), "RGB", lambda w, h: (1, 1))[0].size == (30, 30)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    assert "scale it down, or save it as JPEG" in str(refusal(encoded(picture, "PNG")))
    for data in (encoded(picture, "JPEG", progressive=True), encoded(Image.new("RGB", (400, 304)), "JPEG")):
        assert "scale it down" in str(refusal(data)) and "as JPEG" not in str(refusal(data))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("top", "seen"), [(65535, 255), (4095, 255), (255, 255), (30000, 117), (16383, 63), (5000, 19), (1023, 63), (0, 0)]
)
def test_grey_values_are_stretched_by_the_range_that_they_use_and_dark_ones_stay_dark(
    form: str, top: int, seen: int
) -> None:
    levels = np.tile(np.linspace(0, top, 48).astype(np.uint16), (32, 1))
    found = load(encoded(Image.fromarray(levels), form))[..., 0]
    assert found.max() == seen
    if top > 255:
        assert len(np.unique(found)) >= min(48, seen)


def test_colours_of_sixteen_bits_are_known_as_such() -> None:
    row = b"\0" + struct.pack(">HHH", 51200, 5120, 2560) * 4
    assert header(png(4, 1, 16, 2, row)).mode == "RGB;16" and header(png(4, 1, 8, 2, b"\0" + bytes(12))).mode == "RGB"


def test_what_is_cut_off_is_not_completed() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for form, options in (("JPEG", {"exif": exif}), ("PNG", {}), ("GIF", {}), ("BMP", {})):
        whole = encoded(noise.crop((0, 0, 64, 40)), form, **options)
        error = refusal(whole[: len(whole) * 2 // 3])
        assert "truncated" in str(error), form
        assert error.header is not None and error.header.format == form
        assert error.header[:2] == ((40, 64) if form == "JPEG" else (64, 40))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000"])
def test_damage_anywhere_gives_an_image_or_a_reason(form: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    rng = np.random.default_rng(0)
    whole = encoded(Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)), form)
    for trial in range(40):
        damaged = bytearray(whole[: len(whole) - int(rng.integers(0, len(whole))) * (trial % 2)])
        for place in rng.integers(0, len(damaged) or 1, 6) if damaged else []:
            damaged[place] = rng.integers(0, 256)
        try:
            load(bytes(damaged))
        except UnreadableImage as error:
            assert str(error) and not any(sign in str(error) for sign in ("<", "0x", "PIL", "BytesIO")), error


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty file"),
        (b"\0" * 500, "nothing but zeros"),
        (b"Not found\n", "not an image: text"),
        (b"\n<!DOCTYPE html><html><body>404</body></html>", "not an image: a web page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "a PostScript document"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
        (b"\xff\xd8\xff\xe0\0\x04ab" + b"\xff\xd9" * 40, "damaged JPEG"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(40), "damaged PNG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    ],
)
def test_foreign_files_are_called_by_their_name(data: bytes, said: str) -> None:
    assert said in str(refusal(data))


def test_formats_that_are_no_photographs_are_not_opened() -> None:
    for form in ("EPS", "ICO", "TGA", "PCX", "IM"):
        refusal(encoded(Image.new("RGB", SIZE), form))


def test_lab() -> None:
    lab = Image.merge(
        "LAB", [Image.new("L", SIZE, value) for value in (128, 128, 128)]
    )  # half as light as white, and grey
    for mode in ("RGB", "L"):
        assert abs(int(load(encoded(lab, "TIFF"), mode).mean()) - 119) <= 3


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40


def test_heic_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert "pip install pillow-heif" in str(refusal(HEIC))


def test_heic_is_decoded_where_its_decoder_is_installed() -> None:
    heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    heif.from_pillow(Image.new("RGB", (64, 48), RED)).save(buffer, quality=90)
    assert np.abs(load(buffer.getvalue()).astype(int) - RED).max() < 10
    assert header(buffer.getvalue()) == (64, 48, "HEIF", "RGB", 1)
    assert str(refusal(HEIC)) == "damaged HEIC"
