"""Flashcards, each person's schedule of them, every review, and the quizzes that are going on: in transactions, never lost."""

from bot.state.cards.groups import GroupRound, Groups, Standing
from bot.state.cards.kept import Cards, KeptCard, Section, Synced
from bot.state.cards.learners import Learner, Learners
from bot.state.cards.reviews import Review, Reviews, Schedule
from bot.state.cards.sessions import Session, Sessions

__all__ = [
    "Cards",
    "GroupRound",
    "Groups",
    "KeptCard",
    "Learner",
    "Learners",
    "Review",
    "Reviews",
    "Schedule",
    "Section",
    "Session",
    "Sessions",
    "Standing",
    "Synced",
]
