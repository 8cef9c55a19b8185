from __future__ import annotations

from relip_host.engines import LICENCES, PROVIDER_WORDS, draws_with_networks
from relip_job.job import ENGINES, PROVIDERS
from relip_models import FURTHER


def test_what_the_doors_say_of_a_licence_is_what_its_model_says() -> None:
    assert {entry.engine for entry in FURTHER} == set(LICENCES)
    for entry in FURTHER:
        assert LICENCES[entry.engine] == entry.consequence


def test_only_the_footage_engine_draws_without_networks() -> None:
    assert [name for name in ENGINES if not draws_with_networks(name)] == ["footage"]


def test_every_provider_has_its_words() -> None:
    assert tuple(PROVIDER_WORDS) == PROVIDERS
