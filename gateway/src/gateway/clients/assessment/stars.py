"""The assessment's doors: stars and levels."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def star_formulas(fields: Fields, *, who: Holder) -> Answer:
    """List the versions of the formula of stars (StarFormulasAsked → Page of StarFormulaView)."""
    return call(SERVICE, "star_formulas", fields, who=who)


def star_formula(fields: Fields, *, who: Holder) -> Answer:
    """Return a version of the formula of stars (StarFormulaAsked → StarFormulaView)."""
    return call(SERVICE, "star_formula", fields, who=who)


def draft_star_formula(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft a version of the formula of stars (DraftStarFormula → StarFormulaView)."""
    return call(SERVICE, "draft_star_formula", fields, who=who, command_id=command_id)


def adopt_star_formula(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt a version of the formula that somebody else drafted (AdoptStarFormula → StarFormulaView)."""
    return call(SERVICE, "adopt_star_formula", fields, who=who, command_id=command_id)


def withdraw_star_formula(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put the draft of a formula away (WithdrawStarFormula → StarFormulaView)."""
    return call(SERVICE, "withdraw_star_formula", fields, who=who, command_id=command_id)


def star_ratings(fields: Fields, *, who: Holder) -> Answer:
    """List the ratings of stars and levels (StarRatingsAsked → Page of StarRatingView)."""
    return call(SERVICE, "star_ratings", fields, who=who)


def star_rating(fields: Fields, *, who: Holder) -> Answer:
    """Return a rating with how many got what (StarRatingAsked → StarRatingView)."""
    return call(SERVICE, "star_rating", fields, who=who)


def star_results(fields: Fields, *, who: Holder) -> Answer:
    """List what the organisations of a rating got (StarResultsAsked → Page of StarResultView)."""
    return call(SERVICE, "star_results", fields, who=who)


def star_result(fields: Fields, *, who: Holder) -> Answer:
    """Return what an organisation got in a rating, with every step (StarResultAsked → StarResultView)."""
    return call(SERVICE, "star_result", fields, who=who)


def stars_of_branch(fields: Fields, *, who: Holder) -> Answer:
    """List what an organisation got in its ratings (StarsOfBranchAsked → Page of StarResultView)."""
    return call(SERVICE, "stars_of_branch", fields, who=who)


def draw_up_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw up a rating of a period (DrawUpStarRating → StarRatingView)."""
    return call(SERVICE, "draw_up_star_rating", fields, who=who, command_id=command_id)


def show_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Show a rating to the organisations for objections (ShowStarRating → StarRatingView)."""
    return call(SERVICE, "show_star_rating", fields, who=who, command_id=command_id)


def publish_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt and publish a rating that somebody else drew up (PublishStarRating → StarRatingView)."""
    return call(SERVICE, "publish_star_rating", fields, who=who, command_id=command_id)


def withdraw_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a rating away (WithdrawStarRating → StarRatingView)."""
    return call(SERVICE, "withdraw_star_rating", fields, who=who, command_id=command_id)


def object_to_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Object to what an organisation got in a rating (ObjectToStarRating → StarResultView)."""
    return call(SERVICE, "object_to_star_rating", fields, who=who, command_id=command_id)


def answer_star_objection(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Answer an objection to a rating (AnswerStarObjection → StarRatingView)."""
    return call(SERVICE, "answer_star_objection", fields, who=who, command_id=command_id)


def correct_star_rating(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Correct a fact of a rating (CorrectStarRating → StarRatingView)."""
    return call(SERVICE, "correct_star_rating", fields, who=who, command_id=command_id)


def confirm_star_correction(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm the correction of a published rating (ConfirmStarCorrection → StarRatingView)."""
    return call(SERVICE, "confirm_star_correction", fields, who=who, command_id=command_id)


def try_star_formula(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Calculate a rating again from its frozen facts (TryStarFormula → StarTrialView)."""
    return call(SERVICE, "try_star_formula", fields, who=who, command_id=command_id)


def star_trial(fields: Fields, *, who: Holder) -> Answer:
    """Return a calculation that was asked for (StarTrialAsked → StarTrialView)."""
    return call(SERVICE, "star_trial", fields, who=who)


def make_star_file(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Make an organisation's sheet or the whole of a rating (MakeStarFile → StarFileView)."""
    return call(SERVICE, "make_star_file", fields, who=who, command_id=command_id)


def star_file(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a file of a rating is (StarFileAsked → StarFileView)."""
    return call(SERVICE, "star_file", fields, who=who)


def star_file_content(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a file of a rating (StarFileAsked → StoredFile)."""
    return call(SERVICE, "star_file_content", fields, who=who)
