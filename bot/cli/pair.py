"""`notesbot pair`: a code for the terminal's owner to send to the bot, which lets that chat account in."""

from __future__ import annotations

from argparse import Namespace

from bot import DONE
from bot.app import interface_language, open_database, run
from bot.markup import printable
from bot.middleware.admission import say
from bot.settings import Settings


def main(options: Namespace) -> int:
    return run(options, _pair)


async def _pair(options: Namespace, settings: Settings) -> int:
    from bot.storage import Pairing
    from bot.storage.access import VALID

    database = await open_database(settings)
    try:
        code = await Pairing(database).make("user" if options.guest else "admin")
    finally:
        await database.close()
    minutes = int(VALID.total_seconds() // 60)
    print(printable(say("pair_code", interface_language(settings), code=f"{code[:4]}-{code[4:]}", minutes=minutes)))
    return DONE
