"""Which verdict goes into the file: both joined, or the network alone, by zones of their own."""

import numpy as np
import pytest

from xunhe_models.discharge.joint import Zones, chosen, compared, zone_rules
from xunhe_models.discharge.verdict import Logistic


def zones(seed: int, network: float, signals: float) -> Zones:
    """Zones of which the network and the signals tell the truth with such strengths."""
    rng = np.random.default_rng(seed)
    flows = rng.random(400) < 0.5
    features = rng.normal(0, 1, (400, 10))
    features[:, 1] += network * (2 * flows - 1)
    features[:, 5] += signals * (2 * flows - 1)
    return Zones(features, features, flows)


def test_where_the_signals_help_both_are_joined() -> None:
    rules = zone_rules(zones(1, network=0.8, signals=1.5))
    kept = chosen(rules, zones(2, network=0.8, signals=1.5))
    assert kept["moving"] is rules["moving"]
    assert kept["still"] is rules["still"]


def test_where_the_signals_mislead_the_network_speaks_alone() -> None:
    learnt = zone_rules(zones(1, network=0.8, signals=1.5))
    other = zones(2, network=1.5, signals=-1.5)  # they say the opposite there
    kept = chosen(learnt, other)
    score = kept["moving"].score(other.moving)
    assert score == pytest.approx(1 / (1 + np.exp(-other.moving[:, 1])))
    assert compared(kept, other)["joined"] == compared(kept, other)["network"]
    assert kept["classical"] is learnt["classical"]


def test_the_kept_rule_survives_the_file() -> None:
    other = zones(2, network=1.5, signals=-1.5)
    rule = chosen(zone_rules(zones(1, network=0.8, signals=1.5)), other)["still"]
    again = Logistic.from_json(rule.to_json())
    assert again.score(other.still) == pytest.approx(rule.score(other.still))
