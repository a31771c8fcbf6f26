"""One verdict from the network and the signals, by logistic regression.

Fitted on generated zones alone. Features are standardised; the weights stand in the model's file.
"""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge.signals import Signals

Floats = NDArray[np.float64]
_RIDGE = 1.0  # pull towards zero, so that a separable set has finite weights
_LOGIT_LIMIT = 7.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """`score = sigmoid(weights · (x - mean) / scale + bias)`; all (F,) but the bias."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float

    def score(self, features: Floats) -> Floats:
        """0..1 for features (F,) or (N, F)."""
        logits = ((features - self.mean) / self.scale) @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))

    def to_json(self) -> str:
        """For the model's metadata."""
        rows = {"mean": self.mean, "scale": self.scale, "weights": self.weights}
        return json.dumps(
            {k: np.round(v, 6).tolist() for k, v in rows.items()} | {"bias": self.bias}
        )

    @classmethod
    def from_json(cls, text: str) -> "Logistic":
        """ValueError or KeyError where it is not what `to_json` writes."""
        saved = json.loads(text)
        mean, scale, weights = (np.array(saved[key]) for key in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, float(saved["bias"]))


def fitted(features: Floats, truth: NDArray[np.bool_], rounds: int = 25) -> Logistic:
    """Least regularised logistic loss, by Newton's method; features (N, F), truth (N,)."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = np.hstack([(features - mean) / scale, np.ones((len(features), 1))])
    weights = np.zeros(x.shape[1])
    pull = np.full(x.shape[1], _RIDGE)
    pull[-1] = 0
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - truth) + pull * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull + 1e-9)
        weights = weights - np.linalg.solve(curvature, gradient)
    return Logistic(mean, scale, weights[:-1], float(weights[-1]))


def joined(scores: NDArray[np.float32], maps: NDArray[np.float32], signals: Signals) -> Floats:
    """Features (10,) of a zone: the network's logits, then the signals.

    Of `scores` (5,) dry and flowing; of `maps` (5, H, W) where it flows most and where a mouth is.
    """
    seen = (scores[0], scores[1], maps[0].max(), maps[4].max())
    return np.array([*(logit(float(p)) for p in seen), *classical(signals)])


def classical(signals: Signals) -> Floats:
    """Features (6,) of the signals alone, heavy tails drawn in."""
    vector = signals.vector()
    return np.asarray(np.sign(vector) * np.log1p(np.abs(vector)))


def logit(p: float) -> float:
    """Kept within ±7."""
    p = min(max(p, 1e-6), 1 - 1e-6)
    return float(np.clip(np.log(p / (1 - p)), -_LOGIT_LIMIT, _LOGIT_LIMIT))
