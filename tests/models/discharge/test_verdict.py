import numpy as np
import pytest

from xunhe_models.discharge.verdict import Logistic, fitted, logit


def test_a_fit_finds_the_side_of_a_line() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (400, 2)) * (1, 50) + (0, 300)
    truth = x[:, 0] + (x[:, 1] - 300) / 50 > 0
    rule = fitted(x, truth)
    assert ((rule.score(x) > 0.5) == truth).mean() > 0.97


def test_a_fit_stays_finite_where_one_feature_says_all() -> None:
    x = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    rule = fitted(x, x[:, 0] > 0)
    assert np.isfinite(rule.weights).all()
    assert rule.score(np.array([3.0])) > 0.5


def test_a_rule_survives_its_json() -> None:
    rule = fitted(np.arange(12.0).reshape(6, 2), np.arange(6) > 2)
    again = Logistic.from_json(rule.to_json())
    x = np.array([4.0, 5.0])
    assert again.score(x) == pytest.approx(rule.score(x), abs=1e-4)


@pytest.mark.parametrize("text", ["{}", "[]", '{"mean": [0]}'])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Logistic.from_json(text)


@pytest.mark.parametrize(("p", "value"), [(0.5, 0.0), (0.0, -7.0), (1.0, 7.0)])
def test_logits_are_kept_in_bounds(p: float, value: float) -> None:
    assert logit(p) == pytest.approx(value)
