"""The file store: a folder of files named by their SHA-256. Only the reference crosses AMQP, never the bytes.

What a file is gets decided by its content, not by the name or the type that the sender claims.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from contracts.envelope import StoredFile

from chassis.refusals import NotFound, Refusal

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
XML = "application/xml"
CSV = "text/csv"
TEXT = "text/plain"
UNKNOWN = "application/octet-stream"

_CHUNK_BYTES = 64 * 1024
_NAME_MAX = 200


class PayloadTooLarge(Refusal):
    """The file is too large: at most {max_bytes} bytes."""


class UnsupportedMediaType(Refusal):
    """This kind of file is not taken here: {media_type}."""


class FileStore:
    """A folder in which each file stands once, under the first two digits of its SHA-256."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def put(self, stream: BinaryIO, *, name: str, media_types: Collection[str], max_bytes: int) -> StoredFile:
        """Store what `stream` holds and return the reference to it.

        Raises PayloadTooLarge beyond `max_bytes`, UnsupportedMediaType when the content is none of `media_types`.
        Nothing is kept of a refused file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, waiting = tempfile.mkstemp(prefix="arriving-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                sha256, size = _copy(stream, file, max_bytes=max_bytes)
            media_type = _accepted(Path(waiting), media_types)
            place = self._place(sha256)
            place.parent.mkdir(exist_ok=True)
            # The rename is what makes the file appear: whole, or not at all.
            Path(waiting).replace(place)
        except BaseException:
            Path(waiting).unlink(missing_ok=True)
            raise
        return StoredFile(sha256=sha256, size=size, media_type=media_type, name=plain_name(name))

    def open(self, sha256: str) -> BinaryIO:
        """Open a stored file for reading; raises NotFound."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound()
        try:
            return self._place(sha256).open("rb")
        except FileNotFoundError as error:
            raise NotFound() from error

    def has(self, sha256: str) -> bool:
        """Say whether a file of this name, 64 hexadecimal digits, is stored."""
        return self._place(sha256).is_file()

    def holds(self, file: StoredFile) -> bool:
        """Say whether the file is stored as the reference tells it: of its size and kind, under a plain name."""
        place = self._place(file.sha256)
        return (
            place.is_file()
            and place.stat().st_size == file.size
            and media_type_of(place, among=(file.media_type,)) == file.media_type
            and plain_name(file.name) == file.name
        )

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Yield each file's name and when it was stored last."""
        for place in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                yield place.name, datetime.fromtimestamp(place.stat().st_mtime, UTC)

    def remove(self, sha256: str) -> None:
        """Remove a file; one that is gone already is no fault."""
        self._place(sha256).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def store_in(folder: str = "") -> FileStore:
    """Return the platform's file store, which FILE_STORE names, or the folder of it for files of one kind."""
    return FileStore(Path(os.environ["FILE_STORE"]) / folder)


def _copy(stream: BinaryIO, file: BinaryIO, *, max_bytes: int) -> tuple[str, int]:
    """Copy the stream to the disk; returns its SHA-256 in hexadecimal and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            raise PayloadTooLarge(max_bytes=max_bytes)
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size


def _accepted(path: Path, media_types: Collection[str]) -> str:
    media_type = media_type_of(path, among=media_types)
    if media_type not in media_types:
        raise UnsupportedMediaType(media_type=media_type)
    return media_type


def plain_name(name: str) -> str:
    """Return the last part of a file's name without characters that no file system or header should see."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return kept[-_NAME_MAX:] or "file"


def media_type_of(path: Path, *, among: Collection[str] = ()) -> str:
    """Return the media type that the content shows; text that is asked for as CSV is CSV."""
    with path.open("rb") as file:
        start = file.read(4096)
    if plain := start_type(start):
        return plain
    if start.startswith(b"PK\x03\x04"):
        return _zip_type(path)
    if not start or b"\x00" in start or not _is_text(path):
        return UNKNOWN
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return XML
    return CSV if CSV in among else TEXT


def start_type(start: bytes) -> str | None:
    """Return the media type that a file's first bytes show alone, or None."""
    for magic, media_type in ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG)):
        if start.startswith(magic):
            return media_type
    return WEBP if start[:4] == b"RIFF" and start[8:12] == b"WEBP" else None


def _zip_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return UNKNOWN
    if "xl/workbook.xml" in names:
        return XLSX
    if "word/document.xml" in names:
        return DOCX
    return ZIP


def _is_text(path: Path) -> bool:
    # Chinese offices write UTF-8 or GB 18030.
    for encoding in ("utf-8", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while block := file.read(_CHUNK_BYTES):
                    if "\x00" in block:
                        return False
        except UnicodeDecodeError:
            continue
        return True
    return False
