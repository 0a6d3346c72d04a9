"""Calls the echo service as a generated client does. Usage: echo_client.py GENERATED_FOLDER PORT|PATH
framed|buffered|compact NAME CLIENTS [several]

CLIENTS make one call each on a connection of their own. `several`: the servers are, and each counts its own notes.
Prints "done", or fails with what was wrong."""

import sys

sys.path.insert(0, sys.argv[1])

from echo import echo_service
from echo.ttypes import echo_refused
from thrift.protocol import TBinaryProtocol, TCompactProtocol
from thrift.Thrift import TApplicationException
from thrift.transport import TSocket, TTransport

where, kind, name, clients = sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])


def connected():
    if where.startswith("/"):
        socket = TSocket.TSocket(unix_socket=where)
    else:
        socket = TSocket.TSocket("127.0.0.1", int(where))
    socket.setTimeout(20000)
    if kind == "buffered":
        transport = TTransport.TBufferedTransport(socket)
    else:
        transport = TTransport.TFramedTransport(socket)
    if kind == "compact":
        protocol = TCompactProtocol.TCompactProtocol(transport)
    else:
        protocol = TBinaryProtocol.TBinaryProtocol(transport)
    transport.open()
    return transport, echo_service.Client(protocol)


def expect(got, wanted):
    assert got == wanted, (got, wanted)


transport, client = connected()
expect(client.name(), name)
large = b"x" * 3000000
expect(client.echo(large), large)
expect(client.echo(b"\0\xff frame"), b"\0\xff frame")
expect(client.add(2, 40), 42)
try:
    client.add(-1, 0)
    assert False, "a declared exception is thrown"
except echo_refused as refused:
    expect(refused.why, "less than nothing")
try:
    client.fail()
    assert False, "it fails"
except TApplicationException:
    pass
before = client.notes()
for i in range(20):
    client.note("remember")
    expect(client.add(i, 1), i + 1)
while len(sys.argv) < 7 and client.notes() < before + 20:
    pass
transport.close()
for i in range(clients):
    transport, client = connected()
    expect(client.add(i, 1), i + 1)
    transport.close()
print("done")
