"""`notesbot pair`: a code for the terminal's owner to send to the bot, which lets that chat account in."""

from __future__ import annotations

from argparse import Namespace

from bot.cli import DONE
from bot.cli.building import STATE_FILE, data_folder, interface_language, run
from bot.guards.refusals import say
from bot.settings import Settings


def main(options: Namespace) -> int:
    return run(options, _pair)


async def _pair(options: Namespace, settings: Settings) -> int:
    from bot.state import Pairing, State
    from bot.state.access import VALID

    state = await State.open_file(data_folder(settings) / STATE_FILE)
    try:
        code = await Pairing(state.database).make("user" if options.guest else "admin")
    finally:
        await state.close()
    minutes = int(VALID.total_seconds() // 60)
    print(say("pair_code", interface_language(settings), code=f"{code[:4]}-{code[4:]}", minutes=minutes))
    return DONE
