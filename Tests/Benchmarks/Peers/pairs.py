"""Pairs of processes that answer each other, in SimPy: what a line adds to a message is its latency and its length.

    pairs.py PAIRS ROUND-TRIPS
"""

import sys

import simpy

MESSAGE_SIZE = 133  # What a message of migsh takes on the network.
DELAY = 10e-6 + MESSAGE_SIZE / 12.5e6
delivered = 0


def carry(environment, store):
    """Takes a message to where it is received."""
    yield environment.timeout(DELAY)
    yield store.put("hello")


def serve(environment, inbox, outbox, trips):
    global delivered
    for _ in range(trips):
        yield inbox.get()
        delivered += 1
        environment.process(carry(environment, outbox))


def call(environment, inbox, outbox, trips):
    global delivered
    for _ in range(trips):
        environment.process(carry(environment, outbox))
        yield inbox.get()
        delivered += 1


def main():
    pairs, trips = int(sys.argv[1]), int(sys.argv[2])
    environment = simpy.Environment()
    for _ in range(pairs):
        there, back = simpy.Store(environment), simpy.Store(environment)
        environment.process(serve(environment, there, back, trips))
        environment.process(call(environment, back, there, trips))
    environment.run()
    print("delivered", delivered)


main()
