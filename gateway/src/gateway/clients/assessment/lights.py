"""The assessment's doors: lights of branches and members, how they stand, the checks they are made of."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def light(fields: Fields, *, who: Holder) -> Answer:
    """Return a branch's light for a month (LightAsked → LightView)."""
    return call(SERVICE, "light", fields, who=who)


def lights(fields: Fields, *, who: Holder) -> Answer:
    """List the lights of the branches below the person's place in the tree (LightsAsked → Page of LightView)."""
    return call(SERVICE, "lights", fields, who=who)


def light_history(fields: Fields, *, who: Holder) -> Answer:
    """Tell how a branch's months ended (LightHistoryAsked → LightHistoryView)."""
    return call(SERVICE, "light_history", fields, who=who)


def my_light(fields: Fields, *, who: Holder) -> Answer:
    """Return one's own light for a month (MyLightAsked → MyLightView)."""
    return call(SERVICE, "my_light", fields, who=who)


def member_lights(fields: Fields, *, who: Holder) -> Answer:
    """List the lights of a branch's members (MemberLightsAsked → MemberLightsView)."""
    return call(SERVICE, "member_lights", fields, who=who)


def light_board(fields: Fields, *, who: Holder) -> Answer:
    """Tell how the lights stand below an organisation (LightBoardAsked → LightBoardView)."""
    return call(SERVICE, "light_board", fields, who=who)


def correct_light(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Correct a frozen light (CorrectLight → CorrectedLightView)."""
    return call(SERVICE, "correct_light", fields, who=who, command_id=command_id)


def check_settings(fields: Fields, *, who: Holder) -> Answer:
    """Return every check with its numbers (CheckSettingsAsked → CheckSettingsView)."""
    return call(SERVICE, "check_settings", fields, who=who)


def set_check(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a check's numbers from a month on (SetCheck → CheckSettingsView)."""
    return call(SERVICE, "set_check", fields, who=who, command_id=command_id)


def simulate_check(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Try other numbers of a check on a month that is over (SimulateCheck → SimulationView)."""
    return call(SERVICE, "simulate_check", fields, who=who, command_id=command_id)


def simulation(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a simulation of one's own is (SimulationAsked → SimulationView)."""
    return call(SERVICE, "simulation", fields, who=who)


def simulated_members(fields: Fields, *, who: Holder) -> Answer:
    """Return the members whom a simulation of one's own found (SimulatedMembersAsked → Page of SimulatedMember)."""
    return call(SERVICE, "simulated_members", fields, who=who)
