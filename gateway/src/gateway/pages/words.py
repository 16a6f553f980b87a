"""The words a page uses for the codes of the contracts, in both languages, and how a state looks.

A code that a newer service sends and this table does not know is shown as it is.
"""

from typing import Any

from contracts.refusals import REFUSALS, sentence
from flask import Flask, url_for
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from gateway.pages.language import is_chinese

Words = dict[str, object]

CATEGORY: Words = {
    "rural": _("Rural"),
    "urban": _("Urban"),
    "new_economy_and_social": _("New economy and social"),
    "comprehensive": _("Comprehensive"),
}
CATEGORY_LETTER: Words = {
    "rural": lazy_pgettext("pin", "R"),
    "urban": lazy_pgettext("pin", "U"),
    "new_economy_and_social": lazy_pgettext("pin", "N"),
    "comprehensive": lazy_pgettext("pin", "C"),
}
SITE_KIND: Words = {
    "education_base": _("Education base"),
    "demonstration_site": _("Demonstration site"),
    "party_school_teaching_point": _("Party-school teaching point"),
    "service_centre": _("Service centre"),
    "check_up_centre": _("Party-spirit check-up centre"),
    "training_base": _("Training base"),
}
SITE_STATE: Words = {
    "proposed": _("Proposed"),
    "open": _("Open"),
    "suspended": _("Suspended"),
    "withdrawn": _("Withdrawn"),
}
DATUM: Words = {
    "WGS-84": _("WGS-84 (GPS)"),
    "CGCS2000": _("CGCS2000 (Tianditu)"),
    "GCJ-02": _("GCJ-02 (Amap, Tencent)"),
    "BD-09": _("BD-09 (Baidu)"),
}
FACILITY: Words = {
    "car_parking": _("Car park"),
    "coach_parking": _("Coach park"),
    "toilet": _("Toilets"),
    "accessible_toilet": _("Accessible toilet"),
    "step_free": _("Step-free way in"),
    "lift": _("Lift"),
    "wheelchair_loan": _("Wheelchairs to borrow"),
    "drinking_water": _("Drinking water"),
    "canteen": _("Canteen"),
    "meeting_room": _("Meeting room"),
    "projector": _("Projector"),
    "oath_hall": _("Hall for the oath"),
    "guide": _("Guides"),
    "audio_guide": _("Audio guide"),
    "wifi": _("Wi-Fi"),
    "rest_area": _("Rest area"),
    "nursing_room": _("Nursing room"),
    "first_aid": _("First aid"),
}
SITE_MOVE: Words = {
    "register": _("Registered"),
    "edit": _("Record changed"),
    "import": _("Changed by an import"),
    "add_picture": _("Picture added"),
    "order_pictures": _("Pictures put in sequence"),
    "remove_picture": _("Picture removed"),
    "open": _("Open the site"),
    "suspend": _("Suspend"),
    "resume": _("Resume"),
    "withdraw": _("Withdraw"),
    "evaluate": _("Evaluated"),
}
SITE_GRADE: Words = {
    "excellent": _("Excellent"),
    "good": _("Good"),
    "sound": _("Sound"),
    "failed": _("Failed"),
}
ADMISSION_STATE: Words = {
    "applied": _("Waiting for the field check"),
    "checked": _("Checked, to be decided"),
    "approved": _("Admitted"),
    "refused": _("Not admitted"),
    "retracted": _("Taken back"),
}
SITE_FIELD: Words = {
    "name": _("Name"),
    "category": _("Category"),
    "kind": _("Kind"),
    "managing_organisation": _("Kept by"),
    "town": _("Town"),
    "address": _("Address"),
    "capacity": _("Room for how many"),
    "visit_minutes": _("Minutes a visit takes"),
    "hours_text": _("Hours, in words"),
    "facilities": _("Facilities"),
    "facilities_text": _("More about the facilities"),
    "accessibility_text": _("Accessibility"),
    "contact_name": _("Contact person"),
    "contact_phone_masked": _("Telephone"),
    "arrival_text": _("How to arrive"),
    "parking_text": _("Where coaches park"),
    "bring_text": _("What to bring"),
    "point": _("Point"),
    "entrance": _("Entrance"),
    "point_datum": _("Datum of the point"),
    "point_source": _("Where the coordinates come from"),
    "point_accuracy_m": _("Accuracy in metres"),
    "point_checked_on": _("Last verified on"),
    "point_checked_by": _("Verified by"),
    "ground": _("Ground"),
    "keep_until": _("Keep visits until"),
    "year": _("Year"),
    "grade": _("Grade"),
    "star": _("Stars"),
    "district": _("District"),
}
CODED: dict[str, str] = {"category": "category", "kind": "site_kind", "facilities": "facility"}
"""The fields of a site's history whose values are codes, and of which vocabulary."""
THEME: Words = {
    "party_spirit_education": _("Party-spirit education"),
    "training": _("Training"),
    "volunteering": _("Volunteering"),
    "hearing_people_out": _("Hearing people out"),
    "visiting": _("Visiting people"),
}
PROGRAMME_KIND: Words = {
    "tour": _("Guided or free tour"),
    "talk": _("Talk or lecture"),
    "activity": _("Activity"),
    "training_case": _("Training case"),
    "on_the_spot_meeting": _("On-the-spot meeting"),
}
AUDIENCE: Words = {
    "everyone": _("Everybody"),
    "members": _("Party members"),
    "applicants": _("Applicants and activists"),
    "secretaries": _("Branch secretaries"),
    "workers": _("Party-affairs workers"),
}
SPOKEN: Words = {
    "zh": _("Mandarin"),
    "dialect": _("Local dialect"),
    "sign": _("Sign language"),
    "en": _("English"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "ru": _("Russian"),
    "fr": _("French"),
}
CASE_KIND: Words = {
    "assembly": _("Branch assembly"),
    "committee_meeting": _("Committee meeting"),
    "group_meeting": _("Group meeting"),
    "lecture": _("Party lecture"),
    "theme_day": _("Theme day"),
    "organisational_life_meeting": _("Organisational-life meeting"),
    "appraisal": _("Appraisal of members"),
}
PROGRAMME_MOVE: Words = {
    "add": _("Put on the menu"),
    "edit": _("Programme written anew"),
    "retire": _("Taken off the menu"),
    "offer": _("Offered again"),
}
CASE_STATE: Words = {"draft": _("Draft"), "published": _("Case published")}
ROLE_COLOUR: Words = {
    "crimson": _("Crimson, circle"),
    "blue": _("Blue, square"),
    "green": _("Green, triangle"),
    "amber": _("Amber, diamond"),
    "violet": _("Violet, hexagon"),
    "teal": _("Teal, cross"),
}
ORDER_SOURCE: Words = {
    "online": _("ordered online"),
    "telephone": _("called"),
    "walk_in": _("came without an order"),
}
SHEET_KIND: Words = {
    "day": _("Day sheet"),
    "week": _("Week sheet"),
    "vouchers": _("List of vouchers"),
}
ORDER_STATE: Words = {
    "placed": _("Waiting for the site"),
    "confirmed": _("Order confirmed"),
    "refused": _("Refused by the site"),
    "expired": _("Expired unanswered"),
    "cancelled": _("Order cancelled"),
    "used": _("Visit made"),
    "no_show": _("Nobody came"),
}
DEVICE_STATE: Words = {
    "waiting": _("Waits for its code"),
    "enrolled": _("Enrolled"),
    "revoked": _("Revoked"),
}
CHECK_IN_STATE: Words = {
    "flagged": _("In doubt"),
    "duplicate": _("Used twice"),
    "rejected": _("Does not count"),
    "valid": _("Valid"),
}
CHECK_IN_FLAG: Words = {
    "cancelled": _("the order was cancelled"),
    "superseded": _("an older voucher"),
    "leaked": _("a withdrawn key"),
    "early": _("too early"),
    "late": _("after the end"),
    "no_show": _("marked as a no-show"),
}
WAITING_STATE: Words = {
    "waiting": _("On the waiting list"),
    "offered": _("Seats offered"),
    "ordered": _("Seats taken"),
    "declined": _("Offer declined"),
    "lapsed": _("Offer lapsed"),
    "left": _("Left the list"),
    "closed": _("Orders closed"),
}
QUOTA_PERIOD: Words = {
    "day": _("same day"),
    "week": _("same week"),
    "month": _("same month"),
    "year": _("same year"),
}
APPEAL_STATE: Words = {
    "filed": _("To be decided"),
    "excused": _("No-show excused"),
    "rejected": _("Appeal rejected"),
}
CLAIM_STATE: Words = {
    "drafted": _("To be submitted"),
    "submitted": _("With the branch"),
    "disputed": _("Headcount disputed"),
    "confirmed": _("To be checked"),
    "approved": _("Approved, unpaid"),
    "batched": _("In a batch"),
    "paid": _("Claim paid"),
    "returned": _("Returned to the site"),
    "rejected": _("Rejected"),
    "lapsed": _("Lapsed"),
}
BATCH_STATE: Words = {
    "prepared": _("Waiting for approval"),
    "approved": _("Approved, to be paid"),
    "rejected": _("Batch rejected"),
    "settled": _("Settled"),
    "partly_settled": _("Partly settled"),
}
LINE_STATE: Words = {
    "waiting": _("Not yet paid"),
    "paid": _("Line paid"),
    "failed": _("Payment failed"),
    "freed": _("Taken out"),
}
LIGHT: Words = {"green": _("Green"), "yellow": _("Yellow"), "red": _("Red")}
ROLE: Words = {
    "member": _("Party member"),
    "secretary": _("Branch secretary"),
    "administrator": _("Branch administrator"),
    "steward": _("Site steward"),
    "assessor": _("Assessor"),
    "officer": _("Organisation department"),
    "preparer": _("Finance preparer"),
    "approver": _("Finance approver"),
    "auditor": _("Auditor"),
    "admin": _("System administrator"),
}
ORGANISATION_KIND: Words = {
    "committee": _("Party committee"),
    "working_committee": _("Working committee"),
    "leading_group": _("Leading group"),
    "general_branch": _("General branch"),
    "branch": _("Branch"),
    "joint_branch": _("Joint branch"),
}
FIELD: Words = {
    "rural": _("Villages"),
    "community": _("Urban communities"),
    "government": _("Government organs"),
    "public_institution": _("Public institutions"),
    "state_owned": _("State-owned enterprises"),
    "private": _("Private enterprises"),
    "social_organisation": _("Social organisations"),
    "school": _("Schools"),
    "hospital": _("Hospitals"),
}
ACTIVITY_KIND: Words = {
    "theme_day": _("Theme day"),
    "assembly": _("Branch assembly"),
    "committee_meeting": _("Committee meeting"),
    "group_meeting": _("Group meeting"),
    "lecture": _("Party lecture"),
    "organisational_life_meeting": _("Organisational-life meeting"),
}
ACTIVITY_STATE: Words = {
    "planned": _("Planned"),
    "held": _("Held"),
    "cancelled": _("Activity cancelled"),
}
MEMBER_STATUS: Words = {
    "full": _("Full member"),
    "probationary": _("Probationary member"),
}
POST: Words = {
    "secretary": _("Secretary"),
    "deputy_secretary": _("Deputy secretary"),
    "committee_member": _("Committee member"),
    "organisation": _("Committee member for organisation"),
    "publicity": _("Committee member for publicity"),
    "discipline": _("Committee member for discipline"),
}
MOVE: Words = {
    "draft": _("Claim drafted"),
    "submit": _("Submitted by the site"),
    "confirm": _("Headcount confirmed"),
    "dispute": _("Headcount disputed"),
    "approve": _("Approval given"),
    "return": _("Returned to the site"),
    "reject": _("Rejected"),
    "lapse": _("Lapsed"),
    "batch": _("Put into a batch"),
    "free": _("Taken out of the batch"),
    "pay": _("Paid by the bank"),
    "make": _("Batch made"),
    "prepare": _("Batch made"),
    "settle": _("Settled"),
    "settle_partly": _("Partly settled"),
}
"""Moves of claims and batches, as their histories tell them."""
RATING_STATE: Words = {
    "shown": _("In view"),
    "flagged": _("Flagged"),
    "hidden": _("Hidden"),
}
RATING_STEP: Words = {
    "rate": _("Rated"),
    "change_rating": _("Rating changed"),
    "reply": _("Replied"),
    "change_reply": _("Reply changed"),
    "flag": _("Flagged"),
    "hide": _("Hidden"),
    "show": _("Shown again"),
}
INCIDENT_KIND: Words = {
    "injury": _("Injury"),
    "damage": _("Damage"),
    "lost_item": _("Lost item"),
    "complaint": _("Complaint"),
    "other": _("Something else"),
}
CONFIRMATION: Words = {
    "automatic": _("Confirmed at once"),
    "manual": _("The site confirms by hand"),
}
SEVERITY: Words = {
    "breach": _("Breach"),
    "finding": _("Finding"),
    "remark": _("Remark"),
    "warning": _("Remark"),
    "error": _("Breach"),
}
ENTRY_REASON: Words = {
    "appropriation": _("Money appropriated"),
    "order_placed": _("Set aside for an order"),
    "order_restored": _("Set aside again: the party had come"),
    "order_amended": _("Changed with its order"),
    "order_cancelled": _("Set free: order cancelled"),
    "order_refused": _("Set free: order refused"),
    "order_expired": _("Set free: order expired"),
    "order_no_show": _("Set free: nobody came"),
    "nothing_due": _("Set free: nothing due"),
    "claim_rejected": _("Set free: claim rejected"),
    "claim_lapsed": _("Set free: claim lapsed"),
    "claim_approved": _("Claim approved, payable to the site"),
    "claim_remainder": _("Rest of what was set aside"),
    "payment": _("Paid by the bank"),
}
TREATMENT: Words = {
    "open": _("As on any such weekday"),
    "closed": _("Closed"),
    "monday": _("As on a Monday"),
    "tuesday": _("As on a Tuesday"),
    "wednesday": _("As on a Wednesday"),
    "thursday": _("As on a Thursday"),
    "friday": _("As on a Friday"),
    "saturday": _("As on a Saturday"),
    "sunday": _("As on a Sunday"),
}
WEEKDAY: Words = {
    "1": _("Monday"),
    "2": _("Tuesday"),
    "3": _("Wednesday"),
    "4": _("Thursday"),
    "5": _("Friday"),
    "6": _("Saturday"),
    "7": _("Sunday"),
}
CLOSURE_REASON: Words = {
    "weather": _("Bad weather"),
    "repair": _("Repair work"),
    "safety": _("A safety concern"),
    "power": _("No power or water"),
    "staff": _("Too few staff"),
    "official_event": _("An official event"),
    "public_health": _("A public-health event"),
    "other": _("Another reason"),
}
SLOT_EFFECT: Words = {
    "come": _("New"),
    "change": _("Changed"),
    "go": _("Goes"),
    "keep": _("Kept for its orders"),
    "close": _("Slot closed"),
    "left_out": _("Room occupied"),
}
CALENDAR_DAY: Words = {
    "free": _("Seats free"),
    "full": _("Full"),
    "over": _("Over"),
    "not_yet": _("Not yet bookable"),
    "closed": _("Closed"),
    "none": _("No visits"),
}
WEEKDAY_SHORT: Words = {
    "1": lazy_pgettext("weekday", "Mon"),
    "2": lazy_pgettext("weekday", "Tue"),
    "3": lazy_pgettext("weekday", "Wed"),
    "4": lazy_pgettext("weekday", "Thu"),
    "5": lazy_pgettext("weekday", "Fri"),
    "6": lazy_pgettext("weekday", "Sat"),
    "7": lazy_pgettext("weekday", "Sun"),
}
PUBLIC_DAY_SHORT: Words = {"off": lazy_pgettext("day", "off"), "workday_makeup": lazy_pgettext("day", "work")}
PUBLIC_DAY: Words = {"off": _("Day off"), "workday_makeup": _("Make-up workday")}

ROUND_STATE: Words = {
    "announced": _("Announced"),
    "collecting": _("Requests are taken"),
    "collected": _("Waits for the draw"),
    "drawing": _("Is being drawn"),
    "drawn": _("Drawn"),
    "withdrawn": _("Withdrawn"),
}
REQUEST_STATE: Words = {
    "asked": _("Asked"),
    "withdrawn": _("Taken back"),
    "given": _("Given"),
    "waiting": _("On the waiting list"),
    "not_given": _("Not given"),
}
QUOTA_EACH: Words = {"day": _("a day"), "week": _("a week"), "month": _("a month"), "year": _("a year")}
QUOTA_HOLDER: Words = {"branch": _("Each branch"), "member": _("Each member")}
QUOTA_COUNTS: Words = {"orders": _("visits"), "minutes": _("minutes")}

VOCABULARIES: dict[str, Words] = {
    "round_state": ROUND_STATE,
    "request_state": REQUEST_STATE,
    "quota_each": QUOTA_EACH,
    "quota_holder": QUOTA_HOLDER,
    "quota_counts": QUOTA_COUNTS,
    "category": CATEGORY,
    "category_letter": CATEGORY_LETTER,
    "site_kind": SITE_KIND,
    "site_state": SITE_STATE,
    "datum": DATUM,
    "facility": FACILITY,
    "site_move": SITE_MOVE,
    "site_field": SITE_FIELD,
    "site_grade": SITE_GRADE,
    "admission_state": ADMISSION_STATE,
    "theme": THEME,
    "programme_kind": PROGRAMME_KIND,
    "audience": AUDIENCE,
    "spoken": SPOKEN,
    "case_kind": CASE_KIND,
    "programme_move": PROGRAMME_MOVE,
    "case_state": CASE_STATE,
    "role_colour": ROLE_COLOUR,
    "order_state": ORDER_STATE,
    "device_state": DEVICE_STATE,
    "order_source": ORDER_SOURCE,
    "sheet_kind": SHEET_KIND,
    "check_in_state": CHECK_IN_STATE,
    "check_in_flag": CHECK_IN_FLAG,
    "rating_state": RATING_STATE,
    "rating_step": RATING_STEP,
    "incident_kind": INCIDENT_KIND,
    "waiting_state": WAITING_STATE,
    "quota_period": QUOTA_PERIOD,
    "appeal_state": APPEAL_STATE,
    "claim_state": CLAIM_STATE,
    "batch_state": BATCH_STATE,
    "line_state": LINE_STATE,
    "light": LIGHT,
    "role": ROLE,
    "organisation_kind": ORGANISATION_KIND,
    "field": FIELD,
    "activity_kind": ACTIVITY_KIND,
    "activity_state": ACTIVITY_STATE,
    "member_status": MEMBER_STATUS,
    "post": POST,
    "move": MOVE,
    "confirmation": CONFIRMATION,
    "severity": SEVERITY,
    "entry_reason": ENTRY_REASON,
    "treatment": TREATMENT,
    "weekday": WEEKDAY,
    "closure_reason": CLOSURE_REASON,
    "slot_effect": SLOT_EFFECT,
    "calendar_day": CALENDAR_DAY,
    "public_day": PUBLIC_DAY,
    "public_day_short": PUBLIC_DAY_SHORT,
    "weekday_short": WEEKDAY_SHORT,
}

TONES: dict[str, dict[str, str]] = {
    "check_in_state": {"flagged": "warn", "duplicate": "warn", "rejected": "bad", "valid": "good"},
    "device_state": {"waiting": "warn", "enrolled": "good", "revoked": "none"},
    "order_state": {
        "placed": "warn",
        "confirmed": "info",
        "refused": "bad",
        "expired": "none",
        "cancelled": "none",
        "used": "good",
        "no_show": "bad",
    },
    "rating_state": {"shown": "good", "flagged": "warn", "hidden": "bad"},
    "round_state": {"collecting": "good", "collected": "info", "drawing": "info", "drawn": "good", "withdrawn": "bad"},
    "request_state": {"asked": "info", "given": "good", "waiting": "warn", "not_given": "bad"},
    "waiting_state": {"waiting": "info", "offered": "good", "ordered": "good", "lapsed": "warn"},
    "claim_state": {
        "drafted": "warn",
        "submitted": "warn",
        "disputed": "bad",
        "confirmed": "warn",
        "approved": "info",
        "batched": "info",
        "paid": "good",
        "returned": "bad",
        "rejected": "bad",
        "lapsed": "none",
    },
    "batch_state": {
        "prepared": "warn",
        "approved": "info",
        "rejected": "bad",
        "settled": "good",
        "partly_settled": "warn",
    },
    "line_state": {"paid": "good", "failed": "bad"},
    "activity_state": {"planned": "info", "held": "good"},
    "case_state": {"draft": "warn", "published": "good"},
    "site_state": {"open": "good", "suspended": "warn", "withdrawn": "bad", "proposed": "info"},
    "slot_effect": {"come": "good", "change": "info", "go": "none", "keep": "warn", "close": "bad", "left_out": "warn"},
    "admission_state": {
        "applied": "warn",
        "checked": "info",
        "approved": "good",
        "refused": "bad",
        "retracted": "none",
    },
    "severity": {"breach": "bad", "finding": "bad", "error": "bad", "remark": "warn", "warning": "warn"},
}
"""How a state looks (a shape and a colour beside its word): good, info, warn, bad; `none` without a mark."""


def word(code: str | None, vocabulary: str) -> str:
    """Return the person's word for a code."""
    if code is None:
        return "—"
    found = VOCABULARIES[vocabulary].get(code)
    return code if found is None else str(found)


def told(value: object, field: str) -> str:
    """Return the value of a field of a site's history: 甲、乙 for several, words for codes, — for none."""
    if isinstance(value, list):
        return ("、" if is_chinese() else ", ").join(told(one, field) for one in value) or "—"
    if value is None or value == "":
        return "—"
    return word(str(value), CODED[field]) if field in CODED else str(value)


def tone(code: str, vocabulary: str) -> str:
    """Return how the state looks."""
    return TONES.get(vocabulary, {}).get(code, "none")


def refusal_words(error: dict[str, Any]) -> str:
    """Return the sentence of a refusal that a job ended with ({code, detail, params}), in the reader's language."""
    told = REFUSALS.get(error["code"])
    if told is None or not is_chinese():
        return str(error["detail"])
    return sentence(told.zh, error["params"], code=error["code"], language="zh")


def tab_rows(vocabulary: str, endpoint: str) -> list[tuple[str, str, str]]:
    """Return one tab for each code of a vocabulary: code, word, address of the list of those."""
    return [(code, str(text), url_for(endpoint, state=code)) for code, text in VOCABULARIES[vocabulary].items()]


def words_of(vocabulary: str) -> list[tuple[str, str]]:
    """Return a vocabulary as the choices of a form: code, word."""
    return [(code, str(text)) for code, text in VOCABULARIES[vocabulary].items()]


def register(app: Flask) -> None:
    """Give the words to the templates."""
    app.jinja_env.filters.update(word=word, told=told, tone=tone, refusal_words=refusal_words)
    app.jinja_env.globals.update(VOCABULARIES=VOCABULARIES, tab_rows=tab_rows, words_of=words_of)
