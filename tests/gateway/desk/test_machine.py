"""The table of steps: who may do what from where, and what it takes."""

import pytest

from tests.gateway.desk.tickets import (
    ABOVE,
    AT,
    EVERYBODY,
    HOUR,
    INSPECTOR,
    NEW,
    OBSERVER,
    OFFICE,
    TOWN,
    VILLAGE,
    VOLUNTEER,
    WORKER,
    accepted,
    answered,
    assigned,
    closed,
    handled,
    moved,
    started,
)
from xunhe.desk.machine import RULES, Action, ForbiddenTransitionError, Refusal, offered
from xunhe.desk.roles import SYSTEM, Actor, Role, relations
from xunhe.domain.ticket import Answer, Deadline, State, Ticket


def refused(ticket: Ticket, action: Action, actor: Actor, **needs: object) -> Refusal:
    with pytest.raises(ForbiddenTransitionError) as caught:
        moved(ticket, action, actor, **needs)
    return caught.value.refusal


def test_a_ticket_goes_from_verification_to_the_archive() -> None:
    ticket = closed()
    assert (ticket.state, ticket.closed_at) == (State.CLOSED, ticket.changed_at)
    archived = moved(ticket, Action.ARCHIVE, SYSTEM)
    assert (archived.state, archived.closed_at) == (State.ARCHIVED, ticket.closed_at)
    assert archived.revision == 10


def test_the_table_names_every_action_and_every_state_can_be_reached_and_left() -> None:
    assert set(RULES) == set(Action)
    reached = {rule.after for rule in RULES.values()} | {State.UNVERIFIED}
    assert reached - {None} == set(State)
    final = {State.DECLINED, State.FALSE_ALARM, State.MERGED}
    stays = {Action.FEEDBACK}
    for state in State:
        leads_on = any(state in rule.before for a, rule in RULES.items() if a not in stays)
        assert leads_on or state in final


@pytest.mark.parametrize("actor", [WORKER, INSPECTOR, VOLUNTEER, OBSERVER], ids=lambda a: a.code)
def test_only_the_office_the_owner_and_those_above_verify(actor: Actor) -> None:
    for action in (Action.ACCEPT, Action.DECLINE, Action.FALSE_ALARM):
        assert refused(NEW, action, actor) is Refusal.NOT_YOURS


def test_an_observer_may_do_nothing_in_any_state() -> None:
    for ticket in (NEW, accepted(), assigned(), started(), handled(), closed()):
        assert offered(ticket, relations(OBSERVER, ticket, ABOVE)) == []


def test_a_step_needs_a_reason() -> None:
    with pytest.raises(ForbiddenTransitionError) as caught:
        moved(NEW, Action.ACCEPT, OFFICE, reason=" ")
    assert caught.value.refusal is Refusal.NO_REASON


def test_assigning_needs_a_handler_and_suspending_an_end_ahead() -> None:
    assert refused(accepted(), Action.ASSIGN, OFFICE) is Refusal.NO_HANDLER
    now = accepted().changed_at + HOUR
    for until in (None, now):
        assert refused(accepted(), Action.SUSPEND, OFFICE, until=until) is Refusal.NO_UNTIL
    assert moved(accepted(), Action.SUSPEND, OFFICE, until=now + HOUR).state is State.SUSPENDED


def test_only_the_handler_starts_returns_and_finishes() -> None:
    for actor in (VILLAGE, OFFICE, VOLUNTEER):
        assert refused(assigned(), Action.START, actor) is Refusal.NOT_YOURS
        assert refused(started(), Action.DONE, actor) is Refusal.NOT_YOURS
    returned = moved(assigned(), Action.RETURN, WORKER)
    assert (returned.state, returned.handler) == (State.RETURNED, None)


def test_done_needs_evidence_of_this_round() -> None:
    assert refused(started(), Action.DONE, WORKER) is Refusal.NO_EVIDENCE
    again = moved(closed(), Action.REOPEN, INSPECTOR)
    assert again.evidence == 0


def test_who_handled_it_cannot_accept_it_in_whatever_office() -> None:
    ticket = answered()
    in_other_office = Actor(Role.OFFICE, "office", WORKER.person)
    for action in (Action.APPROVE, Action.REJECT, Action.OVERRULE):
        assert refused(ticket, action, in_other_office) is Refusal.OWN_WORK
    by_the_owner = moved(accepted(), Action.ASSIGN, VILLAGE, handler="VILLAGE-1")
    working = moved(by_the_owner, Action.START, VILLAGE)
    shown = moved(working, Action.ATTACH, VILLAGE, files=("ab" * 32,))
    done = moved(shown, Action.DONE, VILLAGE)
    assert refused(done, Action.APPROVE, VILLAGE) is Refusal.OWN_WORK
    assert moved(done, Action.APPROVE, TOWN).accepted_by is not None


def test_the_rivers_recovery_never_closes_it_only_lets_a_person_accept() -> None:
    assert refused(handled(), Action.APPROVE, OFFICE) is Refusal.RIVER_WATCHED
    assert answered().state is State.HANDLED
    for action in (Action.APPROVE, Action.CLOSE):
        assert refused(answered(), action, SYSTEM) is Refusal.NOT_YOURS
    assert refused(answered(), Action.CLOSE, OFFICE) is Refusal.NOT_APPROVED


def test_a_river_that_disagrees_bars_acceptance_until_somebody_above_overrules_it() -> None:
    ticket = answered(Answer.DISAGREES)
    assert refused(ticket, Action.APPROVE, VILLAGE) is Refusal.RIVER_DISAGREES
    assert refused(ticket, Action.OVERRULE, VILLAGE) is Refusal.NOT_YOURS
    overruled = moved(ticket, Action.OVERRULE, TOWN)
    assert moved(overruled, Action.APPROVE, VILLAGE).accepted_by is not None


def test_where_no_sensor_can_tell_a_person_decides() -> None:
    assert moved(answered(Answer.CANNOT_TELL), Action.APPROVE, OFFICE).accepted_by is not None


def test_a_river_that_changes_its_mind_takes_the_approval_back() -> None:
    approved = moved(answered(), Action.APPROVE, OFFICE)
    doubted = moved(approved, Action.ANSWER, SYSTEM, answer=Answer.DISAGREES)
    assert refused(doubted, Action.CLOSE, OFFICE) is Refusal.NOT_APPROVED


def test_rejected_work_goes_back_to_its_handler() -> None:
    ticket = moved(answered(), Action.REJECT, OFFICE)
    assert (ticket.state, ticket.handler) == (State.IN_PROGRESS, "D-WATER")
    assert (ticket.handled_by, ticket.watch) == (None, None)


def test_whoever_reported_it_is_answered_before_it_ends() -> None:
    reported = moved(answered(), Action.REPORT, SYSTEM)
    assert reported.repeat_reports == 1
    approved = moved(reported, Action.APPROVE, OFFICE)
    assert refused(approved, Action.CLOSE, OFFICE) is Refusal.FEEDBACK_OWED
    told = moved(approved, Action.FEEDBACK, OFFICE)
    assert moved(told, Action.CLOSE, OFFICE).state is State.CLOSED
    fresh = moved(NEW, Action.REPORT, SYSTEM)
    for action in (Action.DECLINE, Action.FALSE_ALARM):
        assert refused(fresh, action, OFFICE) is Refusal.FEEDBACK_OWED


def test_an_extension_needs_an_approver_other_than_the_asker() -> None:
    later = NEW.deadline.due_at + 24 * HOUR
    assert refused(started(), Action.ASK_EXTENSION, WORKER) is Refusal.NO_LATER_DUE
    same = NEW.deadline.due_at
    assert refused(started(), Action.ASK_EXTENSION, WORKER, due_at=same) is Refusal.NO_LATER_DUE
    asked = moved(started(), Action.ASK_EXTENSION, WORKER, due_at=later)
    assert asked.deadline == NEW.deadline, "asking moves no deadline"
    for actor in (WORKER, VILLAGE):
        assert refused(asked, Action.GRANT_EXTENSION, actor) is Refusal.NOT_YOURS
    same_person = Actor(Role.OFFICE, "office", WORKER.person)
    assert refused(asked, Action.GRANT_EXTENSION, same_person) is Refusal.OWN_REQUEST
    granted = moved(asked, Action.GRANT_EXTENSION, TOWN)
    assert granted.deadline == Deadline(later)
    assert moved(asked, Action.REFUSE_EXTENSION, TOWN).deadline == NEW.deadline
    assert refused(started(), Action.GRANT_EXTENSION, TOWN) is Refusal.NONE_ASKED


def test_reopening_keeps_number_and_history_and_counts_as_chronic() -> None:
    ticket = moved(closed(), Action.REOPEN, INSPECTOR, deadline=Deadline(AT + 90 * HOUR))
    assert (ticket.number, ticket.round, ticket.is_chronic) == (NEW.number, 2, True)
    assert (ticket.state, ticket.closed_at, ticket.handler) == (State.REOPENED, None, None)
    assert ticket.deadline.due_at == AT + 90 * HOUR


def test_a_transfer_stops_the_clock_and_can_be_taken_back() -> None:
    assert refused(started(), Action.TRANSFER, OFFICE) is Refusal.NO_RECIPIENT
    given = moved(started(), Action.TRANSFER, OFFICE, recipient="公安")
    assert not given.state.is_ticking
    back = moved(given, Action.RECALL, OFFICE)
    assert (back.state, back.recipient) == (State.IN_PROGRESS, None)
    assert back.deadline.due_at == NEW.deadline.due_at + HOUR


def test_merging_needs_another_ticket() -> None:
    for into in (None, NEW.id):
        assert refused(NEW, Action.MERGE, OFFICE, into=into) is Refusal.NO_TARGET
    assert moved(NEW, Action.MERGE, OFFICE, into=2).merged_into == 2


def test_a_clock_set_back_does_not_run_a_ticket_backwards() -> None:
    ticket = moved(accepted(), Action.SUSPEND, OFFICE, until=AT + 48 * HOUR)
    resumed = moved(ticket, Action.RESUME, OFFICE, at=AT - 240 * HOUR)
    assert resumed.changed_at == ticket.changed_at
    assert resumed.paused_s == 0


def test_a_deadline_before_its_opening_is_refused() -> None:
    for due_at in (AT, AT - HOUR):
        with pytest.raises(ValueError, match="is not after its opening"):
            Ticket(**{**_fields(NEW), "deadline": Deadline(due_at)})


def _fields(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(ticket, name) for name in Ticket.__dataclass_fields__}


def test_nobody_but_the_gateway_answers_for_the_river() -> None:
    for actor in EVERYBODY[1:]:
        assert refused(handled(), Action.ANSWER, actor) is Refusal.NOT_YOURS
