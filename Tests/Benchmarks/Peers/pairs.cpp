// Pairs of processes that answer each other, in SimGrid: a client and a server on a host each, and a line between them.
//   pairs PAIRS ROUND-TRIPS
#include <simgrid/s4u.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace sg4 = simgrid::s4u;

static const double message_size = 133;  // What a message of migsh takes on the network.
static long delivered = 0;

static void serve(std::string name, long trips) {
  auto *in = sg4::Mailbox::by_name("to-" + name);
  auto *out = sg4::Mailbox::by_name("from-" + name);
  for (long trip = 0; trip < trips; trip++) {
    auto *word = in->get<long>();
    delivered++;
    out->put(word, message_size);
  }
}

static void call(std::string name, long trips) {
  auto *out = sg4::Mailbox::by_name("to-" + name);
  auto *in = sg4::Mailbox::by_name("from-" + name);
  long word = 0;
  for (long trip = 0; trip < trips; trip++) {
    out->put(&word, message_size);
    in->get<long>();
    delivered++;
  }
}

int main(int argc, char **argv) {
  sg4::Engine engine(&argc, argv);
  if (argc != 3) return 2;
  const long pairs = std::atol(argv[1]), trips = std::atol(argv[2]);
  auto *zone = sg4::create_full_zone("cluster");
  for (long pair = 0; pair < pairs; pair++) {
    const auto name = std::to_string(pair);
    auto *server = zone->create_host("server" + name, 1e9)->seal();
    auto *client = zone->create_host("client" + name, 1e9)->seal();
    auto *line = zone->create_link("line" + name, 12.5e6)->set_latency(10e-6)->seal();
    zone->add_route(server->get_netpoint(), client->get_netpoint(), nullptr, nullptr, {sg4::LinkInRoute(line)});
    sg4::Actor::create("server" + name, server, serve, name, trips);
    sg4::Actor::create("client" + name, client, call, name, trips);
  }
  zone->seal();
  engine.run();
  std::printf("delivered %ld\n", delivered);
}
