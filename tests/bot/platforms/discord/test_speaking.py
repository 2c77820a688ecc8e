"""When the bot speaks, and where."""

from __future__ import annotations

from tests.bot.platforms.discord.stage import RICE, Stage, labels


async def test_a_mention_is_answered_once_with_buttons_for_its_sources(stage: Stage) -> None:
    async with stage.running():
        asked = stage.says(f"@bot {RICE}")
        (answer,) = await stage.said()
        assert "煮二十分钟" in answer.text
        assert answer.reference
        assert answer.reference["message_id"] == str(asked.id)
        assert labels(answer)[0].startswith("[1] ")
        assert "👍" in labels(answer)
    stage.all_was_well()


async def test_a_slash_command_is_answered_in_its_response(stage: Stage) -> None:
    async with stage.running():
        call = await stage.slash("ask", question=RICE).until_answered()
        await stage.said()
        assert "煮二十分钟" in call.text
        assert call.latency < 3
    stage.all_was_well()
