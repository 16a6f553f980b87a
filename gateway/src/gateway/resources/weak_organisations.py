"""The list of weak organisations: proposed, decided, mended item by item, released."""

from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    AddWeakItem,
    DismissWeakOrganisation,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakByRating,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
    ReturnWeakItem,
    WeakEntriesOfAsked,
    WeakEntryAsked,
    WeakEntryView,
    WeakOrganisationsAsked,
    WeakProposalsView,
)

from gateway.clients import assessment
from gateway.nouns import Many, Noun

weak = Noun("weak_organisations")

weak.read(
    "/weak-organisations",
    assessment.weak_organisations.weak_organisations,
    needs=("read_weak_list",),
    takes=WeakOrganisationsAsked,
    answers=Many(WeakEntryView),
)
weak.read(
    "/branches/<uuid:organisation_id>/weak-entries",
    assessment.weak_organisations.weak_entries_of,
    needs=("read_weak_entry",),
    takes=WeakEntriesOfAsked,
    answers=Many(WeakEntryView),
    refusals=("not-found",),
)
weak.read(
    "/weak-organisations/<uuid:entry_id>",
    assessment.weak_organisations.weak_entry,
    needs=("read_weak_entry",),
    takes=WeakEntryAsked,
    answers=WeakEntryView,
    refusals=("not-found",),
)
weak.act(
    "/weak-organisations",
    assessment.weak_organisations.propose_weak_organisation,
    needs=("propose_weak",),
    takes=ProposeWeakOrganisation,
    answers=WeakEntryView,
    status=201,
    refusals=("not-found", "weak-entry-there"),
)
weak.act(
    "/star-ratings/<uuid:rating_id>/weak-proposals",
    assessment.weak_organisations.propose_weak_by_rating,
    needs=("propose_weak",),
    takes=ProposeWeakByRating,
    answers=WeakProposalsView,
    status=201,
    refusals=("not-found", "weak-rating-not-published"),
)
weak.act(
    "/weak-organisations/<uuid:entry_id>/listing",
    assessment.weak_organisations.list_weak_organisation,
    needs=("decide_weak",),
    takes=ListWeakOrganisation,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable"),
)
weak.act(
    "/weak-organisations/<uuid:entry_id>/dismissal",
    assessment.weak_organisations.dismiss_weak_organisation,
    needs=("decide_weak",),
    takes=DismissWeakOrganisation,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable"),
)
weak.act(
    "/weak-organisations/<uuid:entry_id>/items",
    assessment.weak_organisations.add_weak_item,
    needs=("decide_weak",),
    takes=AddWeakItem,
    answers=WeakEntryView,
    status=201,
    refusals=("not-found", "weak-entry-not-movable", "too-many-weak-items"),
)
weak.act(
    "/weak-items/<uuid:item_id>/completion",
    assessment.weak_organisations.do_weak_item,
    needs=("do_weak_item",),
    takes=DoWeakItem,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable", "weak-item-not-movable"),
)
weak.act(
    "/weak-items/<uuid:item_id>/acceptance",
    assessment.weak_organisations.accept_weak_item,
    needs=("accept_weak_item",),
    takes=AcceptWeakItem,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable", "weak-item-not-movable", "weak-item-own"),
)
weak.act(
    "/weak-items/<uuid:item_id>/return",
    assessment.weak_organisations.return_weak_item,
    needs=("accept_weak_item",),
    takes=ReturnWeakItem,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable", "weak-item-not-movable"),
)
weak.act(
    "/weak-organisations/<uuid:entry_id>/release",
    assessment.weak_organisations.release_weak_organisation,
    needs=("release_weak",),
    takes=ReleaseWeakOrganisation,
    answers=WeakEntryView,
    refusals=("not-found", "weak-entry-not-movable", "weak-items-open", "weak-release-own"),
)
