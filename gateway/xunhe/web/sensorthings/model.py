"""The kinds of entities, how they hang together, and an entity itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kind(Enum):
    """A kind by its names in paths: one, many."""

    THING = ("Thing", "Things")
    LOCATION = ("Location", "Locations")
    DATASTREAM = ("Datastream", "Datastreams")
    SENSOR = ("Sensor", "Sensors")
    OBSERVED_PROPERTY = ("ObservedProperty", "ObservedProperties")
    OBSERVATION = ("Observation", "Observations")
    FEATURE = ("FeatureOfInterest", "FeaturesOfInterest")

    @property
    def one(self) -> str:
        """The name of one."""
        return self.value[0]

    @property
    def many(self) -> str:
        """The name of the collection."""
        return self.value[1]


_K = Kind
# What an entity of a kind leads to, in the order in which it is shown: one, or many (figure 2).
_ONE: dict[Kind, tuple[Kind, ...]] = {
    _K.DATASTREAM: (_K.THING, _K.SENSOR, _K.OBSERVED_PROPERTY),
    _K.OBSERVATION: (_K.DATASTREAM, _K.FEATURE),
}
_MANY: dict[Kind, tuple[Kind, ...]] = {
    _K.THING: (_K.LOCATION, _K.DATASTREAM),
    _K.LOCATION: (_K.THING,),
    _K.DATASTREAM: (_K.OBSERVATION,),
    _K.SENSOR: (_K.DATASTREAM,),
    _K.OBSERVED_PROPERTY: (_K.DATASTREAM,),
    _K.FEATURE: (_K.OBSERVATION,),
}
# Kind → name of the link → (kind that it leads to, does it lead to many?)
LINKS: dict[Kind, dict[str, tuple[Kind, bool]]] = {
    kind: {target.one: (target, False) for target in _ONE.get(kind, ())}
    | {target.many: (target, True) for target in _MANY.get(kind, ())}
    for kind in Kind
}
COLLECTIONS = {kind.many: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Entity:
    """`related`: for each kind that it leads to, the keys there (observations left out)."""

    kind: Kind
    key: str
    properties: Mapping[str, Any]
    related: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Such as `Things('YX-S1')`."""
        quoted = self.key.replace("'", "''")
        return f"{self.kind.many}('{quoted}')"
