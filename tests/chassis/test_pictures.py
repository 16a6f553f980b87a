"""Pictures: encoded anew in two sizes, without what was hidden in them; no picture, or too much of one, is refused."""

import io
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from chassis import clock, pictures
from chassis.files import FileStore, PayloadTooLarge, UnsupportedMediaType
from chassis.pictures import LARGE, THUMBNAIL, UPLOAD_MAX_BYTES, PictureUnreadable, keep, sweep
from chassis.refusals import NotFound
from PIL import Image


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "pictures")


def a_picture(kind: str = "JPEG", *, size: tuple[int, int] = (2000, 1000), **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (155, 27, 30)).save(out, kind, **how)
    return out.getvalue()


def a_png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def opened(store: FileStore, sha256: str) -> Image.Image:
    with store.open(sha256) as file:
        return Image.open(io.BytesIO(file.read()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_is_kept_in_two_sizes_of_webp(store: FileStore, kind: str) -> None:
    kept = keep(store, io.BytesIO(a_picture(kind)))
    assert (kept.width, kept.height, kept.media_type) == (LARGE, LARGE // 2, "image/webp")
    large, small = opened(store, kept.sha256), opened(store, kept.thumbnail_sha256)
    assert (large.format, large.size, small.size) == ("WEBP", (LARGE, LARGE // 2), (THUMBNAIL, THUMBNAIL // 2))


def test_no_more_are_decoded_at_once_than_memory_allows(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = [], []

    def encoded(content: bytes) -> tuple[dict[str, int], bytes, bytes]:
        inside.append(content)
        most.append(len(inside))
        everybody.wait(0.05)
        inside.remove(content)
        raise PictureUnreadable(megapixels_max=1)

    everybody = threading.Event()
    monkeypatch.setattr(pictures, "_encoded", encoded)
    sent = a_picture(size=(4, 4))
    with ThreadPoolExecutor(6) as pool:
        kept = [pool.submit(keep, store, io.BytesIO(sent)) for _ in range(6)]
        assert all(isinstance(one.exception(), PictureUnreadable) for one in kept)
    assert max(most) <= pictures.AT_ONCE_MAX


def test_forgets_where_it_was_taken_and_stands_upright(store: FileStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "somebody's telephone"
    sent = a_picture(size=(400, 200), exif=exif) + b"PK\x03\x04 a stranger's archive"
    kept = keep(store, io.BytesIO(sent))
    assert (kept.width, kept.height) == (200, 400)
    with store.open(kept.sha256) as file:
        content = file.read()
    assert b"telephone" not in content
    assert b"PK\x03\x04" not in content
    assert not opened(store, kept.sha256).getexif()


@pytest.mark.parametrize(
    "content",
    [
        a_png_that_says(30_000, 30_000),
        a_png_that_says(16_001, 10),
        a_png_that_says(9_000, 9_000),
        a_picture()[:200],
        b"\x89PNG\r\n\x1a\n" + b"no picture at all",
        b"RIFF\x10\0\0\0WEBPVP8 <script>alert(1)</script>",
    ],
    ids=["bomb", "long", "many pixels", "cut", "no chunks", "script"],
)
def test_what_cannot_be_decoded_within_bounds_is_refused(store: FileStore, content: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        keep(store, io.BytesIO(content))
    assert list(store.listing()) == []


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='x'/>", b"%PDF-1.7", b"GIF89a....", b"PK\x03\x04...."])
def test_what_is_no_picture_is_refused_by_its_content(store: FileStore, content: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        keep(store, io.BytesIO(content))


def test_too_much_is_refused_before_it_is_looked_at(store: FileStore) -> None:
    with pytest.raises(PayloadTooLarge):
        keep(store, io.BytesIO(b"\xff\xd8\xff" + b"\0" * UPLOAD_MAX_BYTES))


def test_orphans_go_after_a_day(store: FileStore) -> None:
    kept = keep(store, io.BytesIO(a_picture(size=(40, 40))))
    other = keep(store, io.BytesIO(a_picture(size=(60, 30))))
    names = {kept.sha256, kept.thumbnail_sha256}
    now = clock.now()
    assert sweep(store, names, at=now + timedelta(hours=23)) == 0
    assert sweep(store, names, at=now + timedelta(hours=25)) == len({other.sha256, other.thumbnail_sha256})
    assert store.open(kept.sha256)
    with pytest.raises(NotFound):
        store.open(other.sha256)
