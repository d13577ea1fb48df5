"""Sends messages with Debian's python3-autobahn and compares what comes back; prints JSON."""

import asyncio
import json
import sys

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.compress import (PerMessageDeflateOffer, PerMessageDeflateResponse,
                                         PerMessageDeflateResponseAccept)

url, form = sys.argv[1:]
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
done = loop.create_future()

LENGTHS = [0, 1, 125, 126, 1000, 65535, 65536, 300000]
MESSAGES = [bytes((i * i >> 3) % 256 for i in range(length)) for length in LENGTHS]
MESSAGES += ["häl €😀 " * (length // 8) for length in LENGTHS]


class Client(WebSocketClientProtocol):
    def onConnect(self, response):
        self.extensions = [str(each) for each in response.extensions]

    def onOpen(self):
        self.left, self.pongs = list(MESSAGES), 0
        self.next()

    def next(self):
        if not self.left:
            return self.sendClose(3000, "enough")
        message = self.left[0]
        payload = message.encode() if isinstance(message, str) else message
        self.sendPing(b"between")
        self.sendMessage(payload, not isinstance(message, str),
                         fragmentSize=20000 if len(payload) > 60000 else None)

    def onPong(self, payload):
        self.pongs += payload == b"between"

    def onMessage(self, payload, is_binary):
        got = payload if is_binary else payload.decode()
        if got != self.left.pop(0):
            return self.sendClose(3001, "not the same")
        self.next()

    def onClose(self, was_clean, code, reason):
        done.set_result({"clean": was_clean, "code": code, "pongs": self.pongs,
                         "deflate": any("PerMessageDeflate" in each for each in self.extensions)})


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)
    return None


factory = WebSocketClientFactory(url)
factory.protocol = Client
if form == "deflate":
    factory.setProtocolOptions(perMessageCompressionOffers=[PerMessageDeflateOffer()],
                               perMessageCompressionAccept=accept)
loop.run_until_complete(loop.create_connection(factory, factory.host, factory.port))
print(json.dumps(loop.run_until_complete(done)))
