"""What the registry tells other programs: problems and who leads, sections and who answers."""

import httpx

from tests.gateway.web.console_server import Served
from tests.gateway.web.river_rows import add_incident, add_ticket


def test_each_category_names_its_lead_and_what_models_call_it(reader: httpx.Client) -> None:
    found = {each["code"]: each for each in reader.get("/api/v1/categories").json()}
    assert found["floating.litter"]["lead_zh"] == "水利"
    assert found["floating.litter"]["seen_as"] == ["litter"]
    assert found["disorder.dumping"]["accuses"]


def test_a_boundary_section_names_the_unit_that_answers(reader: httpx.Client) -> None:
    found = {each["code"]: each for each in reader.get("/api/v1/sections").json()}
    assert found["YX-D2"]["answers"] == "U-TOWN-LOWER"
    assert found["YX-D1"]["answers"] is None


def test_a_ticket_is_offered_to_the_department_that_leads(served: Served) -> None:
    with served.database.write() as connection:
        add_ticket(connection, add_incident(connection))
    with served.member() as office:
        accept = {"reason": "已核实", "revision": 1}
        assert office.post("/api/v1/tickets/1/acceptance", json=accept).status_code == 200
        page = office.get("/tickets/1").text
    assert '<option value="D-ENVIRONMENT" selected>' in page
