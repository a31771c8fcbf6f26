"""What supervision refuses, in both languages.

RefusedError
├── TaskError       desk.tasks
├── PatrolError     desk.patrols
├── LadderError     desk.escalation
├── LookBackError   desk.lookback
├── ReturnError     desk.returns
├── PlanError       desk.river_plans
├── AdoptionError   desk.adoption
└── OfferError      desk.offers
"""


class RefusedError(ValueError):
    """Something that cannot be. `said`: Chinese, " / ", English."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.zh, _, self.en = said.partition(" / ")
