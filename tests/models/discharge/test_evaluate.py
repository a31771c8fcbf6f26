from types import SimpleNamespace
from typing import cast

import pytest

from xunhe_models.detector import ModelError
from xunhe_models.discharge.annotations import annotated_files
from xunhe_models.discharge.evaluate import zone_scores
from xunhe_models.discharge.finder import Finder


def test_a_file_without_the_classical_rule_is_an_error_not_a_dry_mouth() -> None:
    finder = SimpleNamespace(card=SimpleNamespace(name="bare", rule=lambda _name: None))
    mouth = annotated_files()[0].mouths[0]
    with pytest.raises(ModelError, match=r"bare: no rule `classical`.*discharge\.joint"):
        zone_scores(cast("Finder", finder), [], mouth)
