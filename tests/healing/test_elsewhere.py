"""A model on another host: nothing leaves before a person said yes to what it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.healing.material import case
from tests.healing.place import Lay
from tests.healing.test_heals import model, told

pytestmark = [pytest.mark.snakemake, pytest.mark.xdist_group("healing ask")]


def elsewhere(settings: str, remote: str) -> str:
    """The same models under an address of this machine that is none of its loopback's, so that it counts as another."""
    return settings.replace("//127.0.0.1:", "//0.0.0.0:") + f'[privacy]\nremote = "{remote}"\n'


def test_without_a_word_nothing_is_sent_to_another_host(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=elsewhere(settings, "never"))
        [incident] = place.under_heal().incidents
    assert (incident["state"], incident["fix"]["kind"]) == ("waiting", "advice")
    assert "privacy.remote = never. Nothing was sent." in told(incident)["why"]
    assert list((place.work / ".heal").rglob("payloads/*/*.json")) == []


def test_a_yes_to_what_is_sent_lets_the_models_be_asked_about_that_incident(lay: Lay, tmp_path: Path) -> None:
    healed = case("numpy-removed-api")
    with model(tmp_path / "model", healed.answers) as settings:
        place = lay(healed, settings=elsewhere(settings, "ask"))
        # Given an incident that waits for a yes
        [incident] = place.under_heal().incidents
        name = incident["id"]
        assert "heal payload INC --approve" in told(incident)["why"]
        shown = place.heal("payload", name)
        assert ("not sent" in shown.stdout, place.show(name)["fix"]["kind"]) == (True, "advice")
        # When a person sees what would leave, and says yes
        place.heal("payload", name, "--approve")
        # Then they are asked, and a patch waits
        healed_by = place.show(name)
        assert (healed_by["state"], healed_by["fix"]["kind"]) == ("waiting", "patch")
        assert told(healed_by)["models"] == ["triage", "coder", "reviewer", "writer"]
