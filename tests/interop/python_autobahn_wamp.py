"""Joins twice with Debian's python3-autobahn; prints what happened as one line of JSON."""

import asyncio
import json
import sys

from autobahn.asyncio.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp import serializer
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import (CallOptions, ComponentConfig, PublishOptions, RegisterOptions,
                                 SubscribeOptions)

url, form, ticket = sys.argv[1:]
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


async def join():
    """A session that has joined."""
    joined, left = loop.create_future(), loop.create_future()

    class Session(ApplicationSession):
        def onConnect(self):
            self.join("realm1", authmethods=["ticket"], authid="ada")

        def onChallenge(self, challenge):
            return ticket

        def onJoin(self, details):
            self.left = left
            joined.set_result((self, details))

        def onLeave(self, details):
            if not joined.done():
                joined.set_exception(ApplicationError(details.reason))
            self.disconnect()

        def onDisconnect(self):
            if not left.done():
                left.set_result(None)

    made = {"json": serializer.JsonSerializer, "msgpack": serializer.MsgPackSerializer}[form]()
    runner = ApplicationRunner(url, "realm1", serializers=[made])
    await runner.run(lambda config=None: Session(config or ComponentConfig("realm1")),
                     start_loop=False)
    return await joined


async def main():
    told = {}
    try:
        a, details = await join()
    except ApplicationError as error:
        return {"refused": error.error}
    told["role"] = details.authrole
    b, _ = await join()

    events = asyncio.Queue()
    await a.subscribe(lambda *args, **kwargs: events.put_nowait([list(args), kwargs]), "app.topic")
    await a.subscribe(lambda *args: events.put_nowait(["prefix", *args]), "app.news",
                      SubscribeOptions(match="prefix"))
    publication = await b.publish("app.topic", 1, "zwei", drei=[3],
                                  options=PublishOptions(acknowledge=True))
    told["acknowledged"] = publication.id > 0
    told["event"] = await events.get()
    b.publish("app.news.today", "later", options=PublishOptions(exclude=[a._session_id]))
    b.publish("app.news.today", "now")
    told["pattern"] = await events.get()

    def count(to, details=None):
        for i in range(to):
            details.progress(i)
        return "done"

    async def forever():
        await asyncio.sleep(3600)

    await a.register(count, "app.count", RegisterOptions(details_arg="details"))
    await a.register(forever, "app.forever")
    told["progress"] = []
    told["result"] = await b.call("app.count", 3,
                                  options=CallOptions(on_progress=told["progress"].append))
    told["sum"] = await b.call("app.sum", 1, 2, 3)
    for name, procedure, options in [("missing", "app.none", None),
                                     ("late", "app.forever", CallOptions(timeout=50))]:
        try:
            await b.call(procedure, options=options)
        except ApplicationError as error:
            told[name] = error.error
    for session in [a, b]:
        session.leave()
        await session.left
    return told


print(json.dumps(loop.run_until_complete(main())))
