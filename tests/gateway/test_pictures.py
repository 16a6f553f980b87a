"""Pictures on their way in: of too many at once none is decoded."""

import io

import pytest
from chassis.refusals import InvalidInput
from contracts.sites.pictures import PICTURES_MAX
from flask import Flask

from gateway import pictures


def test_of_too_many_none_is_decoded(nobody_behind: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    monkeypatch.setattr(pictures, "_kept", decoded.append)
    for number in (PICTURES_MAX, PICTURES_MAX + 1):
        sent = {"pictures": [(io.BytesIO(b"x"), f"{each}.jpg") for each in range(number)]}
        with nobody_behind.test_request_context(method="POST", data=sent):
            if number > PICTURES_MAX:
                with pytest.raises(InvalidInput):
                    pictures.uploaded_pictures()
            else:
                pictures.uploaded_pictures()
    assert len(decoded) == PICTURES_MAX
