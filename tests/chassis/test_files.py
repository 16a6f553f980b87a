"""The file store: whole files or none, judged by their content, never by what the sender says."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from chassis import files
from chassis.files import FileStore, PayloadTooLarge, UnsupportedMediaType, plain_name
from chassis.refusals import NotFound

EVERYTHING = {files.PDF, files.PNG, files.JPEG, files.WEBP, files.XLSX, files.DOCX, files.XML, files.CSV, files.TEXT}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def put(store: FileStore, content: bytes, **changed: Any) -> Any:
    asked = {"name": "a.bin", "media_types": EVERYTHING, "max_bytes": 1_000_000, **changed}
    return store.put(io.BytesIO(content), **asked)


def kept(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def a_zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 rest", files.PDF),
        (b"\x89PNG\r\n\x1a\nrest", files.PNG),
        (b"\xff\xd8\xff\xe0rest", files.JPEG),
        (b"RIFF\x00\x00\x00\x00WEBPrest", files.WEBP),
        (a_zip("[Content_Types].xml", "xl/workbook.xml"), files.XLSX),
        (a_zip("[Content_Types].xml", "word/document.xml"), files.DOCX),
        ("\ufeff<?xml version='1.0'?><a/>".encode(), files.XML),
        ("姓名,金额\n王,1\n".encode(), files.CSV),
        ("姓名,金额\n王,1\n".encode("gb18030"), files.CSV),
    ],
)
def test_what_a_file_is_shows_in_its_content(store: FileStore, content: bytes, media_type: str) -> None:
    stored = put(store, content)

    assert (stored.media_type, stored.size) == (media_type, len(content))
    with store.open(stored.sha256) as file:
        assert file.read() == content


def test_text_that_is_not_asked_for_as_csv_is_text(store: FileStore) -> None:
    assert put(store, b"a,b", media_types={files.TEXT}).media_type == files.TEXT


@pytest.mark.parametrize(
    ("content", "media_types"),
    [
        (b"%PDF-1.7", {files.PNG}),
        (b"MZ\x90\x00 a program", EVERYTHING),
        (a_zip("anything"), EVERYTHING),
        (b"PK\x03\x04 no zip after all", EVERYTHING),
        (b"\x80\x81\xfe\xff\x00", EVERYTHING),
        (b"text with a \x00 in it", EVERYTHING),
        (b"a" * 5000 + b"\x00", EVERYTHING),
        (b"", EVERYTHING),
    ],
)
def test_another_kind_of_file_is_refused_and_leaves_nothing(
    store: FileStore, content: bytes, media_types: set[str]
) -> None:
    with pytest.raises(UnsupportedMediaType):
        put(store, content, media_types=media_types, name="innocent.png")

    assert kept(store) == []


def test_a_file_that_is_too_long_is_refused_as_soon_as_it_is(store: FileStore) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"a" * size

    endless = Endless()
    with pytest.raises(PayloadTooLarge, match="at most 100000 bytes"):
        store.put(endless, name="a", media_types=EVERYTHING, max_bytes=100_000)  # type: ignore[arg-type]

    assert endless.read_bytes < 300_000
    assert kept(store) == []


def test_a_file_of_just_the_largest_size_passes(store: FileStore) -> None:
    assert put(store, b"a" * 1000, max_bytes=1000).size == 1000


def test_a_broken_upload_leaves_nothing(store: FileStore) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(Broken(), name="a", media_types=EVERYTHING, max_bytes=10)

    assert kept(store) == []


def test_the_same_content_is_kept_once(store: FileStore) -> None:
    assert put(store, b"%PDF-1").sha256 == put(store, b"%PDF-1", name="again").sha256
    assert len(kept(store)) == 1


@pytest.mark.parametrize("sha256", ["0" * 64, "../../../etc/passwd", "", "A" * 64, "0" * 63 + "/"])
def test_what_is_not_there_is_not_found(store: FileStore, sha256: str) -> None:
    with pytest.raises(NotFound):
        store.open(sha256)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("名单.xlsx", "名单.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\list.csv", "list.csv"),
        ('a"\r\nSet-Cookie: b', 'a"Set-Cookie: b'),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_plain(given: str, plain: str) -> None:
    assert plain_name(given) == plain
