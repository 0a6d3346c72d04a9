"""A framed Thrift server in Python. Usage: echo_server.py GENERATED_FOLDER PORT NAME"""

import sys
import threading
import time

sys.path.insert(0, sys.argv[1])

from echo import echo_service
from echo.ttypes import echo_refused
from thrift.protocol import TBinaryProtocol
from thrift.server import TServer
from thrift.transport import TSocket, TTransport


class handler:
    def __init__(self, name):
        self.own_name = name
        self.lock = threading.Lock()
        self.noted = 0

    def name(self):
        return self.own_name

    def echo(self, what):
        return what

    def add(self, left, right):
        if left < 0:
            raise echo_refused("less than nothing")
        return left + right

    def wait_for(self, milliseconds):
        time.sleep(milliseconds / 1000)
        return milliseconds

    def fail(self):
        raise RuntimeError("it failed")

    def note(self, what):
        with self.lock:
            self.noted += 1

    def notes(self):
        with self.lock:
            return self.noted


server = TServer.TThreadedServer(
    echo_service.Processor(handler(sys.argv[3])),
    TSocket.TServerSocket(host="127.0.0.1", port=int(sys.argv[2])),
    TTransport.TFramedTransportFactory(),
    TBinaryProtocol.TBinaryProtocolAcceleratedFactory(),
    daemon=True,
)
server.serve()
