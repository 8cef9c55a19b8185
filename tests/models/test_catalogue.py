from __future__ import annotations

from typing import get_args

import pytest

from relip.onnx import Network
from relip_models import CATALOGUE, Model, ModelName, model
from relip_models.catalogue import WEIGHTS


def name_of(entry: Model) -> str:
    return entry.name


@pytest.mark.parametrize("entry", CATALOGUE, ids=name_of)
def test_every_network_is_the_one_in_the_catalogue(entry: Model) -> None:
    assert entry.checksum() == entry.sha256


@pytest.mark.parametrize("entry", CATALOGUE, ids=name_of)
def test_every_network_loads(entry: Model) -> None:
    Network(entry.name)


def test_every_name_has_one_network() -> None:
    assert [entry.name for entry in CATALOGUE] == list(get_args(ModelName))
    for name in get_args(ModelName):
        assert model(name).name == name


def test_no_network_is_shipped_without_its_notice() -> None:
    notice = (WEIGHTS.parent / "NOTICE").read_text("utf-8")
    shipped = {path.name for path in WEIGHTS.glob("*.onnx")}
    assert shipped == {entry.file for entry in CATALOGUE}
    for entry in CATALOGUE:
        assert entry.file in notice
        assert entry.licence
        assert entry.source
