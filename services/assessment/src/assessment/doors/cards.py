"""Doors: cards, what follows from them, objections."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.cards import (
    CardAsked,
    CardBoardAsked,
    CardBoardView,
    CardsAsked,
    CardView,
    ClearCard,
    DecideCardObjection,
    EscalateCard,
    FulfilCardConsequence,
    GiveCard,
    ObjectToCard,
    StepCardDown,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import cards
from assessment.queries import cards as shown


class CardDoors(Doors):
    """Doors: cards, what follows from them, objections."""

    @query(CardsAsked, returns=Page)
    def cards(self, asked: CardsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.cards_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CardAsked, returns=CardView)
    def card(self, asked: CardAsked, *, actor: Actor, at: datetime) -> CardView:
        return shown.card(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CardBoardAsked, returns=CardBoardView)
    def card_board(self, asked: CardBoardAsked, *, actor: Actor, at: datetime) -> CardBoardView:
        return shown.board(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(GiveCard, returns=CardView)
    def give_card(self, asked: GiveCard, *, actor: Actor, at: datetime) -> CardView:
        return cards.give(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EscalateCard, returns=CardView)
    def escalate_card(self, asked: EscalateCard, *, actor: Actor, at: datetime) -> CardView:
        return cards.escalate(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(StepCardDown, returns=CardView)
    def step_card_down(self, asked: StepCardDown, *, actor: Actor, at: datetime) -> CardView:
        return cards.step_down(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ClearCard, returns=CardView)
    def clear_card(self, asked: ClearCard, *, actor: Actor, at: datetime) -> CardView:
        return cards.clear(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(FulfilCardConsequence, returns=CardView)
    def fulfil_card_consequence(self, asked: FulfilCardConsequence, *, actor: Actor, at: datetime) -> CardView:
        return cards.fulfil(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ObjectToCard, returns=CardView)
    def object_to_card(self, asked: ObjectToCard, *, actor: Actor, at: datetime) -> CardView:
        return cards.object_to(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideCardObjection, returns=CardView)
    def decide_card_objection(self, asked: DecideCardObjection, *, actor: Actor, at: datetime) -> CardView:
        return cards.decide(self.database.transaction, asked=asked, actor=actor, at=at)
