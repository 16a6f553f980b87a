"""The demonstration's rounds: one ended with reports, one under way; loaded once."""

from assessment.queries.round_visits import my_forms, round_reports
from contracts.assessment.round_visits import MyFormsAsked, RoundReportsAsked
from demo import rounds
from demo.organisations import CITY, ORGANS, PUJIA, ZICHUAN, foundings, organisation_id
from sqlalchemy import Connection, text

from tests.assessment.articles import NOON, a_branch, an_actor


def test_they_are_loaded_once_and_the_secretary_has_a_report(db: Connection) -> None:
    for founding in foundings():
        if founding.code in (ZICHUAN, ORGANS) or founding.code.startswith(rounds.TOWN):
            path = f"{CITY}.{ZICHUAN}" if founding.code == ZICHUAN else rounds._path(founding.code)
            a_branch(db, id=founding.id, path=path, name=founding.name, kind=founding.kind, field=founding.field)
    assert rounds.load(db, at=NOON) == 5 + 6
    assert rounds.load(db, at=NOON) == 0
    states = db.execute(text("SELECT state, count(*) FROM rounds GROUP BY state")).all()
    assert dict(states) == {"closed": 1, "drawn": 1}
    secretary = an_actor(("secretary", rounds._path(PUJIA)))
    asked = RoundReportsAsked(organisation_id(PUJIA))
    (report,) = round_reports(db, asked=asked, actor=secretary, at=NOON).items
    assert (report.state, report.problems) == ("sent", 1)
    forms = my_forms(db, asked=MyFormsAsked(), actor=rounds._actor("assessor"), at=NOON)
    assert len(forms.visits) == 3
    assert all(visit.visit_on for visit in forms.visits)
