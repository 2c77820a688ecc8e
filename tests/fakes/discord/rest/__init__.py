"""The routes of the REST API, a module for each resource."""

from __future__ import annotations

from tests.fakes.discord.rest import applications, channels, commands, guilds, interactions, messages, reactions, threads

ROUTES = (
    *applications.ROUTES,
    *channels.ROUTES,
    *commands.ROUTES,
    *guilds.ROUTES,
    *interactions.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *threads.ROUTES,
)
