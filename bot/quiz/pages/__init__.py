"""What a quiz has to say goes in; pages come out that every platform draws its own way."""

from bot.quiz.pages.values import Attachment, Button, QuizPage

__all__ = ["Attachment", "Button", "QuizPage"]
