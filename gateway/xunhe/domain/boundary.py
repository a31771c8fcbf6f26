"""Who answers for the water at a boundary section (交界断面)."""

from xunhe.domain.riverside import Section


def answering_unit(section: Section, flows_back: bool = False) -> str | None:
    """The unit that the water comes from; None where the section divides no two units.

    `flows_back`: the river runs against its usual direction, as by tide or pumping.
    """
    return section.downstream_unit if flows_back else section.upstream_unit
