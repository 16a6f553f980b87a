"""Pictures on their way in and out: uploads become our own WebP files in the store, which are served for ever.

Whoever knows a picture's name may see it: the name is the SHA-256 of its content and nobody guesses that. Only pictures
stand in this part of the store. What a name leads to never changes, so browsers and proxies keep it.
"""

import io
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from chassis import pictures
from chassis.files import DOCX, PDF, WEBP, XLSX, FileStore, plain_name, start_type
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import StoredFile, plain
from contracts.sites.pictures import PICTURES_MAX
from flask import Response, current_app, request, send_file

FOR_EVER: Final = "public, max-age=31536000, immutable"
ENDING: Final = ".webp"
NAME_MAX: Final = 120
"""So long a name may be that still gets an ending."""


def uploaded_picture(name: str = "file", *, folder: str = pictures.FOLDER) -> dict[str, Any]:
    """Store the picture of the form's part `name` in a folder and return its reference (StoredPicture as JSON).

    Raises InvalidInput without a file, PayloadTooLarge, UnsupportedMediaType, PictureUnreadable.
    """
    part = request.files.get(name)
    if part is None or not part.filename:
        raise InvalidInput({name: ["Missing data for required field."]})
    return _kept(cast(BinaryIO, part.stream), folder=folder)


def uploaded_pictures(name: str = "pictures", *, most: int = PICTURES_MAX) -> list[dict[str, Any]]:
    """Store the pictures of all parts `name` that hold one; of too many none is decoded. Raises InvalidInput."""
    parts = [part for part in request.files.getlist(name) if part.filename]
    if len(parts) > most:
        raise InvalidInput({name: [f"Choose at most {most} pictures."]})
    return [_kept(cast(BinaryIO, part.stream)) for part in parts]


def kept_evidence(stream: BinaryIO, name: str, *, folder: str, max_bytes: int) -> dict[str, Any]:
    """Store a file that shows something and return its reference (StoredFile as JSON): a document as it is, a picture
    encoded anew, so that it does not say where it was taken.

    Raises PayloadTooLarge, UnsupportedMediaType, PictureUnreadable.
    """
    told = plain_name(name)[-NAME_MAX:]
    whole = stream if stream.seekable() else io.BytesIO(stream.read(max_bytes + 1))
    start = whole.read(16)
    whole.seek(0)
    if start_type(start) not in pictures.TAKEN:
        stored = store(folder).put(whole, name=told, media_types=(PDF, DOCX, XLSX), max_bytes=max_bytes)
    else:
        picture = pictures.keep(store(folder), whole)
        named = f"{told.rpartition('.')[0] or told}{ENDING}"
        stored = StoredFile(picture.sha256, picture.size, picture.media_type, named)
    return cast(dict[str, Any], plain(stored))


def served(file: str, *, folder: str = pictures.FOLDER) -> Response:
    """Return a picture stored in the folder by its name `<sha256>.webp`. Raises NotFound."""
    sha256, ending = file[:64], file[64:]
    if ending != ENDING:
        raise NotFound()
    response = send_file(store(folder).open(sha256), mimetype=WEBP, etag=sha256)
    response.headers["Cache-Control"] = FOR_EVER
    return response


def store(folder: str = pictures.FOLDER) -> FileStore:
    """Return the part of the file store where pictures stand."""
    files = cast(FileStore, current_app.extensions["zhendi.files"])
    return FileStore(Path(files.folder) / folder)


def _kept(stream: BinaryIO, *, folder: str = pictures.FOLDER) -> dict[str, Any]:
    return cast(dict[str, Any], plain(pictures.keep(store(folder), stream)))
