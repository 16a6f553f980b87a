"""Elections: quorum, majority and ties by rule; each step in its turn by the right side; one result."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.roster.elections import (
    ELECTION_STATES,
    ApprovalsAsked,
    ApproveElectionStep,
    CancelElection,
    DividePosts,
    ElectionAsked,
    HoldElectionMeeting,
    NominateCandidates,
    NotCounted,
    ReportElection,
    SendBackElectionStep,
    SettleForFewer,
)
from contracts.roster.terms import CommitteeAsked, EndPost
from hypothesis import given
from hypothesis import strategies as st
from roster.domain.elections import (
    MOVES,
    NEXT,
    OPEN,
    ElectionOpen,
    ElectionTooEarly,
    NoEmptySeat,
    NotElected,
    QuorumMissed,
    SecretaryNeeded,
    StepNotDue,
    StepTooEarly,
    TooFewCandidates,
    candidates_least,
    decide,
    faults_of_papers,
    quorum_of,
    votes_needed,
)
from roster.domain.terms import NotByOneself, NoTerm, NotHere
from roster.operations import ballots, election_steps, elections, members, terms
from roster.queries import elections as asked_of
from roster.queries import terms as terms_asked
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.roster.committees import (
    TODAY,
    Place,
    a_term,
    approved,
    asked_for,
    ballot,
    to_the_meeting,
    to_the_report,
)
from tests.roster.factories import a_branch, a_member, path_of, told_of
from tests.roster.test_terms import together

VOTES = st.dictionaries(st.integers(0, 9), st.integers(0, 12), min_size=1)


def seen(db: Connection, place: Place):
    return terms_asked.committee(db, CommitteeAsked(place.branch), actor=place.officer, today=TODAY)


def test_nobody_approves_their_own_election(db: Connection):
    place = Place(db, full=7)
    election, elected = to_the_report(db, place)
    own = an_actor(("officer", path_of(db, place.superior)), person=elected[0])
    with pytest.raises(NotByOneself):
        elections.approve(db, asked=ApproveElectionStep(election, "result", "批复1号", TODAY), actor=own, at=NOON)
    assert approved(db, place, election, "result").state == "effective"


def test_a_refusal_names_nobody_of_another_branch(db: Connection):
    place = Place(db, full=7)
    election = asked_for(db, place)
    approved(db, place, election.id, "reply", day=date(2026, 11, 2))
    stranger = a_member(db, branch=a_branch(db), name="欧阳某某")
    asked = NominateCandidates(election.id, [*place.members(db)[:3], stranger], date(2026, 11, 4))
    with pytest.raises(NotHere) as refused:
        elections.nominate(db, asked=asked, actor=place.clerk, at=NOON)
    assert "欧阳" not in str(refused.value)


class TestRule:
    @given(counted=st.integers(0, 3000))
    def test_the_quorum_is_the_least_number_that_is_four_fifths(self, counted: int):
        quorum = quorum_of(counted, come=4, of=5)
        assert quorum * 5 >= counted * 4
        assert quorum == 0 or (quorum - 1) * 5 < counted * 4

    @given(present=st.integers(1, 3000))
    def test_the_majority_is_the_least_number_over_half(self, present: int):
        needed = votes_needed(present, more_than=1, of=2)
        assert 2 * needed > present
        assert 2 * (needed - 1) <= present

    @pytest.mark.parametrize(("seats", "least"), [(1, 1), (2, 2), (3, 4), (5, 6), (6, 8), (7, 9)])
    def test_candidates_are_a_fifth_more_than_seats(self, seats: int, least: int):
        assert candidates_least(seats, more_percent=20, from_seats=3) == least

    @given(votes=VOTES, seats=st.integers(1, 7), needed=st.integers(1, 8))
    def test_who_is_elected_has_enough_votes_and_nobody_left_out_has_more(self, votes, seats: int, needed: int):
        outcome = decide(votes, seats=seats, needed=needed)
        assert len(outcome.elected) + outcome.seats_left == seats
        assert all(votes[name] >= needed for name in (*outcome.elected, *outcome.tied))
        assert not set(outcome.elected) & set(outcome.tied)
        for left_out in set(votes) - set(outcome.elected):
            assert all(votes[left_out] < votes[name] for name in outcome.elected) or votes[left_out] < needed

    @given(votes=VOTES, seats=st.integers(1, 7), needed=st.integers(1, 8))
    def test_a_tie_is_of_equal_votes_for_fewer_seats(self, votes, seats: int, needed: int):
        outcome = decide(votes, seats=seats, needed=needed)
        if outcome.tied:
            assert len({votes[name] for name in outcome.tied}) == 1
            assert 0 < outcome.seats_left < len(outcome.tied)
        elif outcome.seats_left:
            assert set(outcome.elected) == {name for name in votes if votes[name] >= needed}

    def test_examples(self):
        assert decide({"a": 9, "b": 8, "c": 6, "d": 5}, seats=3, needed=6).elected == ("a", "b", "c")
        tie = decide({"a": 9, "b": 7, "c": 7, "d": 2}, seats=2, needed=6)
        assert (tie.elected, set(tie.tied), tie.seats_left, tie.word) == (("a",), {"b", "c"}, 1, "tied")
        few = decide({"a": 9, "b": 5}, seats=2, needed=6)
        assert (few.elected, few.seats_left, few.word) == (("a",), 1, "missing")

    @pytest.mark.parametrize(
        ("papers", "field"),
        [
            ({"handed_out": 11}, "handed_out"),
            ({"spoiled": 11}, "spoiled"),
            ({"votes": [10], "spoiled": 1}, "votes"),
            ({"votes": [10, 10, 10], "seats": 2}, "votes"),
            ({}, None),
        ],
    )
    def test_papers_agree_with_themselves(self, papers: dict, field: str | None):
        kept = {"handed_out": 10, "returned": 10, "spoiled": 0, "votes": [8], "seats": 2, "present": 10}
        assert set(faults_of_papers(**{**kept, **papers})) == ({field} if field else set())

    def test_each_state_but_the_last_ones_has_one_next_step(self):
        assert set(NEXT) == OPEN
        assert {target for _, target in MOVES.values()} - OPEN == {"effective", "refused", "cancelled"}


class TestWholeWay:
    def test_the_result_becomes_the_committee_on_the_day_it_is_approved(self, db: Connection):
        place = Place(db, full=10, secretary=True, seats=2)
        a_term(db, place, active_from=date(2021, 11, 1))
        before = seen(db, place).posts
        election, elected = to_the_report(db, place)
        assert seen(db, place).posts == before
        done = approved(db, place, election, "result")
        assert (done.state, done.next, done.can) == ("effective", None, [])
        after = seen(db, place)
        assert {held.person_id for held in after.posts} == set(elected)
        assert [held.post for held in after.posts] == ["secretary", "committee_member", "committee_member"]
        assert (after.term.active_from, after.term.ends_on) == (TODAY, date(2031, 11, 9))
        assert (after.term.made_by, after.status) == ("elected", "running")
        assert {(held.ended_by, held.held_until) for held in after.former} == {("term_ended", TODAY)}
        assert told_of(db, place.branch)[-1]["secretary_id"] == str(elected[0])
        assert [step.step for step in done.steps] == [
            "request",
            "reply",
            "nominate",
            "approve_candidates",
            "meet",
            "count",
            "divide",
            "report",
            "approve_result",
        ]

    def test_a_by_election_keeps_the_terms_end(self, db: Connection):
        place = Place(db, full=10, secretary=True, seats=2)
        a_term(db, place, active_from=date(2024, 3, 1))
        held = seen(db, place).posts[-1]
        asked = EndPost(place.branch, held.id, "moved", date(2026, 9, 1), "免1号")
        terms.end_post(db, asked=asked, actor=place.officer, at=NOON)
        with pytest.raises(NoEmptySeat), db.begin_nested():
            asked_for(db, place, kind="by_election", seats=2)
        # Whoever holds a post already is no candidate of sense here; take somebody who holds none.
        election, candidates = to_the_meeting_of(db, place, {p.person_id for p in seen(db, place).posts})
        ballot(db, place, election, {candidates[0]: 10}, papers=10)
        elections.divide(db, asked=DividePosts(election, date(2026, 11, 8), [], None), actor=place.clerk, at=NOON)
        asked = ReportElection(election, "报告1号", date(2026, 11, 9))
        elections.report(db, asked=asked, actor=place.clerk, at=NOON)
        approved(db, place, election, "result")
        after = seen(db, place)
        assert (after.term.active_from, after.vacant_seats, len(after.posts)) == (date(2024, 3, 1), 0, 3)

    def test_more_than_a_year_early_is_refused(self, db: Connection):
        place = Place(db, full=10)
        a_term(db, place, active_from=date(2022, 11, 12))  # ends 2027-11-11; planned for 2026-11-10
        with pytest.raises(ElectionTooEarly):
            asked_for(db, place)
        near = Place(db, full=10)
        a_term(db, near, active_from=date(2022, 11, 11))
        assert asked_for(db, near).state == "requested"

    def test_a_by_election_needs_a_term(self, db: Connection):
        with pytest.raises(NoTerm):
            asked_for(db, Place(db, full=5), kind="by_election", seats=1)


def to_the_meeting_of(db: Connection, place: Place, taken: set[UUID]) -> tuple[UUID, list[UUID]]:
    election = asked_for(db, place, kind="by_election", seats=1)
    approved(db, place, election.id, "reply", day=date(2026, 11, 2))
    candidates = [one for one in place.members(db) if one not in taken][:1]
    asked = NominateCandidates(election.id, candidates, date(2026, 11, 4))
    elections.nominate(db, asked=asked, actor=place.clerk, at=NOON)
    approved(db, place, election.id, "candidates", day=date(2026, 11, 5))
    asked = HoldElectionMeeting(election.id, date(2026, 11, 8), 10, [])
    elections.meet(db, asked=asked, actor=place.clerk, at=NOON)
    return election.id, candidates


class TestSteps:
    def acts(self, election: UUID, some: list[UUID]):
        """Each verb of somebody, as a call that does it."""
        return {
            "nominate": (elections.nominate, NominateCandidates(election, some[:4], TODAY)),
            "meet": (elections.meet, HoldElectionMeeting(election, TODAY, 10, [])),
            "settle": (ballots.settle, SettleForFewer(election, "接近应选名额")),
            "divide": (elections.divide, DividePosts(election, TODAY, [], some[0])),
            "report": (elections.report, ReportElection(election, "1号", TODAY)),
        }

    def test_no_step_is_skipped(self, db: Connection):
        place = Place(db, full=10)
        election = asked_for(db, place)
        for verb, (act, asked) in self.acts(election.id, place.members(db)).items():
            with pytest.raises(StepNotDue), db.begin_nested():
                act(db, asked=asked, actor=place.clerk, at=NOON)
            assert "requested" not in MOVES[verb][0]
        for step in ("candidates", "result"):
            with pytest.raises(StepNotDue), db.begin_nested():
                approved(db, place, election.id, step)
        with pytest.raises(StepNotDue), db.begin_nested():
            ballot(db, place, election.id, {}, papers=1)

    @pytest.mark.parametrize("state", ELECTION_STATES)
    def test_every_verb_in_every_state(self, db: Connection, state: str):
        place = Place(db, full=3)
        election = asked_for(db, place)
        db.execute(text("UPDATE elections SET state = :state WHERE id = :id"), {"state": state, "id": election.id})
        row = asked_of.election_row(db, election.id, actor=place.clerk)
        for verb, (sources, target) in MOVES.items():
            with db.begin_nested() as tried:
                try:
                    election_steps.move(db, row, verb, TODAY, actor=place.clerk, at=NOON)
                    end = asked_of.election_row(db, election.id, actor=place.clerk).state
                except StepNotDue:
                    end = "refused by the database"
                tried.rollback()
            assert end == (target if state in sources else "refused by the database"), verb

    def test_a_step_is_not_before_the_one_before_and_not_tomorrow(self, db: Connection):
        place = Place(db, full=10)
        election = asked_for(db, place)  # asked for on 2026-11-01
        with pytest.raises(StepTooEarly), db.begin_nested():
            approved(db, place, election.id, "reply", day=date(2026, 10, 31))
        with pytest.raises(Refusal), db.begin_nested():
            approved(db, place, election.id, "reply", day=date(2026, 11, 11))
        assert approved(db, place, election.id, "reply", day=date(2026, 11, 1)).state == "allowed"

    def test_the_superior_sends_back_what_waits(self, db: Connection):
        place = Place(db, full=10)
        election, _ = to_the_report(db, place)
        asked = SendBackElectionStep(election, "result", "票数与报告不符")
        back = elections.send_back(db, asked=asked, actor=place.officer, at=NOON)
        assert (back.state, back.steps[-1].note) == ("divided", "票数与报告不符")
        other = Place(db, full=10)
        asked = SendBackElectionStep(asked_for(db, other).id, "reply", "时机不当")
        refused = elections.send_back(db, asked=asked, actor=other.officer, at=NOON)
        assert refused.state == "refused"
        assert asked_for(db, other).state == "requested"  # and may be asked for again

    def test_each_side_does_its_own_and_nobody_approves_their_own(self, db: Connection):
        place = Place(db, full=10)
        both = an_actor(("administrator", path_of(db, place.branch)), ("officer", path_of(db, place.superior)))
        election = asked_for(db, place, actor=both)
        assert election.can == ["send_back", "cancel"]
        asked = elections.ApproveElectionStep(election.id, "reply", "1号", TODAY)
        with pytest.raises(NotByOneself):
            elections.approve(db, asked=asked, actor=both, at=NOON)
        with pytest.raises(Forbidden):
            elections.approve(db, asked=asked, actor=place.clerk, at=NOON)
        # An officer of the branch itself is not its superior, and one of another place does not even see it.
        with pytest.raises(Forbidden):
            elections.approve(db, asked=asked, actor=an_actor(("officer", path_of(db, place.branch))), at=NOON)
        with pytest.raises(NotFound):
            elections.approve(db, asked=asked, actor=Place(db).officer, at=NOON)
        nomination = NominateCandidates(election.id, [uuid4()], TODAY)
        with pytest.raises(Forbidden):
            elections.nominate(db, asked=nomination, actor=place.officer, at=NOON)

    def test_what_waits_for_the_superior_is_listed(self, db: Connection):
        place = Place(db, full=10)
        election = asked_for(db, place)
        waiting = asked_of.approvals(db, ApprovalsAsked(), actor=place.officer)
        assert [(line.election_id, line.step) for line in waiting.elections] == [(election.id, "reply")]
        approved(db, place, election.id, "reply")
        assert asked_of.approvals(db, ApprovalsAsked(), actor=place.officer).elections == []
        with pytest.raises(Forbidden):
            asked_of.approvals(db, ApprovalsAsked(), actor=place.clerk)

    def test_one_that_is_cancelled_says_why_and_makes_room(self, db: Connection):
        place = Place(db, full=10)
        election = asked_for(db, place)
        with pytest.raises(ElectionOpen), db.begin_nested():
            asked_for(db, place)
        done = elections.cancel(db, asked=CancelElection(election.id, "班子将调整"), actor=place.clerk, at=NOON)
        assert (done.state, done.steps[-1].note, done.can) == ("cancelled", "班子将调整", [])
        assert asked_for(db, place).state == "requested"


class TestCandidates:
    def test_too_few_or_strangers_are_refused(self, db: Connection):
        place = Place(db, full=8, probationary=1)
        election = asked_for(db, place)
        approved(db, place, election.id, "reply")
        full = [
            v.person_id for v in asked_of.roll(db, ElectionAsked(election.id), actor=place.clerk, today=TODAY).voters
        ]
        assert len(full) == 8
        stranger = a_member(db, branch=a_branch(db))
        probationary = next(one for one in place.members(db) if one not in full)
        for candidates, refusal in (
            (full[:3], TooFewCandidates),
            ([*full[:3], stranger], NotHere),
            ([*full[:3], probationary], NotHere),
        ):
            with pytest.raises(refusal), db.begin_nested():
                elections.nominate(
                    db, asked=NominateCandidates(election.id, candidates, TODAY), actor=place.clerk, at=NOON
                )


class TestMeeting:
    def to_it(self, db: Connection, place: Place) -> UUID:
        election = asked_for(db, place)
        approved(db, place, election.id, "reply", day=date(2026, 11, 2))
        asked = NominateCandidates(election.id, place.members(db)[:4], date(2026, 11, 4))
        elections.nominate(db, asked=asked, actor=place.clerk, at=NOON)
        approved(db, place, election.id, "candidates", day=date(2026, 11, 5))
        return election.id

    def meet(self, db: Connection, place: Place, election: UUID, present: int, absent=(), *, delegates=None):
        asked = HoldElectionMeeting(
            election, date(2026, 11, 8), present, [NotCounted(*one) for one in absent], delegates
        )
        return elections.meet(db, asked=asked, actor=place.clerk, at=NOON)

    def test_four_fifths_of_those_who_ought_to_come(self, db: Connection):
        place = Place(db, full=11)
        election = self.to_it(db, place)
        with pytest.raises(QuorumMissed, match=r"Of 11 .* at least 9 .* 8 are"), db.begin_nested():
            self.meet(db, place, election, 8)
        some = place.members(db)
        # One has no vote at all, one is not counted: of 9 who ought to come 8 must be there.
        absent = [(some[0], "rights_suspended"), (some[1], "bedridden")]
        view = self.meet(db, place, election, 8, absent)
        meeting = view.meetings[0]
        assert (meeting.entitled, meeting.counted, meeting.quorum) == (10, 9, 8)
        assert {one.reason for one in meeting.not_counted} == {"rights_suspended", "bedridden"}

    def test_no_more_come_than_may_vote_and_strangers_are_not_excused(self, db: Connection):
        place = Place(db, full=11)
        election = self.to_it(db, place)
        with pytest.raises(InvalidInput), db.begin_nested():
            self.meet(db, place, election, 12)
        with pytest.raises(NotHere), db.begin_nested():
            self.meet(db, place, election, 11, [(a_member(db, branch=a_branch(db)), "away")])
        with pytest.raises(InvalidInput), db.begin_nested():
            self.meet(db, place, election, 11, [(place.members(db)[0], "away")] * 2)
        with pytest.raises(InvalidInput), db.begin_nested():
            self.meet(db, place, election, 90, delegates=100)


class TestBallots:
    def test_a_tie_is_voted_on_again_among_those_who_are_tied(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        view = ballot(db, place, election, dict(zip(four, (9, 8, 6, 6), strict=True)), papers=10)
        assert (view.state, view.seats_left, set(view.runoff)) == ("met", 1, set(four[2:]))
        for votes in ({four[2]: 10}, {four[2]: 5, four[3]: 4, place.members(db)[5]: 1}, {four[0]: 10}):
            with pytest.raises(InvalidInput), db.begin_nested():
                ballot(db, place, election, votes, papers=10)
        again = ballot(db, place, election, {four[2]: 5, four[3]: 5}, papers=10)
        assert (again.ballots[-1].outcome, again.ballots[-1].is_runoff) == ("tied", True)
        # The most votes decide: those who are tied all have had more than half.
        done = ballot(db, place, election, {four[2]: 4, four[3]: 3}, papers=10)
        assert (done.state, [c.person_id for c in done.candidates if c.elected_in == 3]) == ("counted", [four[2]])

    def test_who_has_half_is_not_elected_and_the_seat_is_voted_on_again(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        view = ballot(db, place, election, dict(zip(four, (9, 8, 5, 5), strict=True)), papers=10)
        assert (view.ballots[0].needed, view.ballots[0].outcome, view.seats_left) == (6, "missing", 1)
        written_in = place.members(db)[7]
        done = ballot(db, place, election, {four[2]: 3, written_in: 7}, papers=10)
        assert done.state == "counted"
        assert [c.nominated for c in done.candidates if c.person_id == written_in] == [False]

    def test_more_papers_than_were_handed_out_make_it_void(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        view = ballot(db, place, election, dict.fromkeys(four[:3], 10), papers=9, returned=10)
        assert (view.ballots[0].outcome, view.seats_left, view.state) == ("invalid", 3, "met")
        assert not any(candidate.elected_in for candidate in view.candidates)
        assert ballot(db, place, election, dict.fromkeys(four[:3], 10), papers=10).state == "counted"

    def test_what_is_missing_may_be_left_empty_as_the_meeting_agrees(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        asked = SettleForFewer(election, "接近应选名额，大会同意")
        with pytest.raises(Refusal), db.begin_nested():
            ballots.settle(db, asked=asked, actor=place.clerk, at=NOON)
        ballot(db, place, election, dict(zip(four, (9, 8, 5, 5), strict=True)), papers=10)
        done = ballots.settle(db, asked=asked, actor=place.clerk, at=NOON)
        assert (done.state, done.seats, done.seats_left) == ("counted", 2, 0)

    def test_votes_and_ballots_cannot_be_rewritten(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        ballot(db, place, election, dict.fromkeys(four[:3], 10), papers=10)
        for table in ("election_votes", "election_ballots", "election_steps", "election_meetings"):
            with pytest.raises(Exception, match=table), db.begin_nested():
                db.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of the test


class TestPosts:
    def test_only_who_is_elected_gets_a_post_and_somebody_leads(self, db: Connection):
        place = Place(db, full=10)
        election, four = to_the_meeting(db, place)
        ballot(db, place, election, dict.fromkeys(four[:3], 10), papers=10)
        for secretary, deputies, refusal in (
            (None, [], SecretaryNeeded),
            (four[3], [], NotElected),
            (four[0], [four[3]], NotElected),
            (four[0], [four[0]], InvalidInput),
        ):
            asked = DividePosts(election, date(2026, 11, 8), deputies, secretary)
            with pytest.raises(refusal), db.begin_nested():
                elections.divide(db, asked=asked, actor=place.clerk, at=NOON)

    def test_who_has_left_meanwhile_does_not_take_office(self, db: Connection):
        place = Place(db, full=10)
        election, elected = to_the_report(db, place)
        members.transfer(db, elected[1], branch_id=a_branch(db), at=NOON)
        with pytest.raises(NotHere), db.begin_nested():
            approved(db, place, election, "result")
        assert seen(db, place).posts == []


class TestRaces:
    def test_two_elections_for_one_organisation(self, database: Engine):
        with database.begin() as db:
            place = Place(db, full=10)
        ends = together(database, *[lambda db: asked_for(db, place)] * 2)
        assert sorted(ends) == ["ElectionOpen", "done"]

    def test_two_results_of_one_election(self, database: Engine):
        with database.begin() as db:
            place = Place(db, full=10, secretary=True)
            election, elected = to_the_report(db, place)
        ends = together(database, *[lambda db: approved(db, place, election, "result")] * 2)
        assert sorted(ends) == ["StepNotDue", "done"]
        with database.connect() as db:
            view = seen(db, place)
            assert [len(view.terms), len(view.posts)] == [1, 3]
            assert {held.person_id for held in view.posts} == set(elected)

    def test_the_result_is_approved_and_the_election_cancelled(self, database: Engine):
        with database.begin() as db:
            place = Place(db, full=10)
            election, _ = to_the_report(db, place)
        asked = CancelElection(election, "有人反映问题")
        ends = together(
            database,
            lambda db: approved(db, place, election, "result"),
            lambda db: elections.cancel(db, asked=asked, actor=place.clerk, at=NOON),
        )
        assert sorted(ends) == ["StepNotDue", "done"]
        with database.connect() as db:
            state = asked_of.one(db, ElectionAsked(election), actor=place.clerk, today=TODAY).state
            assert bool(seen(db, place).posts) == (state == "effective")

    def test_two_ballots_counted_at_the_same_time_fill_the_seats_once(self, database: Engine):
        with database.begin() as db:
            place = Place(db, full=10)
            election, four = to_the_meeting(db, place)
        ends = together(database, *[lambda db: ballot(db, place, election, dict.fromkeys(four[:3], 10), papers=10)] * 2)
        assert sorted(ends) == ["StepNotDue", "done"]

    def test_who_takes_office_while_they_leave_holds_a_post_only_as_a_member(self, database: Engine):
        with database.begin() as db:
            place = Place(db, full=10)
            elsewhere = a_branch(db)
            election, elected = to_the_report(db, place)
        together(
            database,
            lambda db: approved(db, place, election, "result"),
            lambda db: members.transfer(db, elected[1], branch_id=elsewhere, at=NOON),
        )
        with database.connect() as db:
            assert elected[1] not in {held.person_id for held in seen(db, place).posts}
