"""Flashcards, each person's schedule of them, every review, and the quizzes that are going on: in transactions, never lost."""

from bot.storage.cards.cards import Cards, CardSection, KeptCard, Synced
from bot.storage.cards.reviews import Learner, Learners, Review, Reviews, Schedule
from bot.storage.cards.sessions import GroupRound, Groups, Score, Session, Sessions

__all__ = [
    "CardSection",
    "Cards",
    "GroupRound",
    "Groups",
    "KeptCard",
    "Learner",
    "Learners",
    "Review",
    "Reviews",
    "Schedule",
    "Score",
    "Session",
    "Sessions",
    "Synced",
]
