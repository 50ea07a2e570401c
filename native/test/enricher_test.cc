// What is remembered of addresses, and handed on as it is encoded, is what the databases say: events by both ways are the same.
#include "enrich/enricher.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "kernels/encode.h"

using namespace penstock;
using namespace penstock::enrich;

namespace {

std::string file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::shared_ptr<Enrichment> places(const std::vector<std::string>& files) {
  auto out = std::make_shared<Enrichment>();
  out->network = true;
  CHECK(out->internal.add("10.0.0.0/8"));
  std::string error;
  for (const std::string& bytes : files)
    CHECK(out->databases.emplace_back().open(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), error));
  return out;
}

struct Way {
  Enricher enricher;
  Event event, again;
  Arena arena{1 << 16};
  size_t blocks = 0;

  Way(std::shared_ptr<const Enrichment> enrichment, bool encoded) {
    enricher.set_encoded(encoded);
    enricher.set(std::move(enrichment));
  }
  /// The event's fields, in an order of their own, after it was written and read again.
  std::multiset<std::string> fields(std::string_view source, std::string_view destination) {
    event.reset();
    arena.reset();
    event.add_text(EcsField::kSourceIp, source);
    event.add_text(EcsField::kDestinationIp, destination);
    event.add_text(EcsField::kUserName, "ann");
    enricher.run(event, arena);
    blocks += !event.encoded.empty();
    std::vector<uint8_t> out(log_event_size_max(event) + kPadding);
    const auto size = static_cast<size_t>(encode_log_event(event, out.data()) - out.data());
    CHECK_EQ(size, log_event_size(event));
    again.reset();
    CHECK(decode_log_event(view(out.data(), size), again));
    std::multiset<std::string> told;
    for (size_t i = 0; i < again.field_count(); ++i) {
      const auto& [field, value] = again.fields()[i];
      const bool text = value.kind == ValueKind::kString || value.kind == ValueKind::kJson;
      told.insert(std::string(kEcsFields[static_cast<size_t>(field)].name) + "=" + (text ? std::string(value.text) : std::to_string(value.i)));
    }
    return told;
  }
};

std::string address(std::mt19937& random, uint32_t network) {
  return std::to_string(network >> 24) + "." + std::to_string(network >> 16 & 255) + "." + std::to_string(network >> 8 & 255) + "." +
         std::to_string(random() % 256);
}

void same_by_both_ways() {
  const std::vector<std::string> files = {file("test/data/geoip/test-data/GeoLite2-City-Test.mmdb"),
                                          file("test/data/geoip/test-data/GeoLite2-ASN-Test.mmdb")};
  Way encoded(places(files), true), plain(places(files), false);
  std::mt19937 random(20240502);
  std::vector<std::string> known = {"2.125.160.216", "89.160.20.112", "81.2.69.142", "216.160.83.56", "2001:218::1", "67.43.156.1", "10.1.2.3", "no address"};
  // So many that they take each other's places.
  for (int i = 0; i < 60'000; ++i) known.push_back(address(random, i % 2 ? 0x59a01400u : 0x02000000u + static_cast<uint32_t>(random())));
  size_t with_places = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto pick = [&] { return known[random() % 4 == 0 ? random() % 8 : random() % known.size()]; };
    const std::string source = pick(), destination = pick();
    const auto expected = plain.fields(source, destination);
    const auto told = encoded.fields(source, destination);
    if (told != expected) {
      CHECK_EQ(source + " " + destination, "the same");
      return;
    }
    with_places += std::any_of(told.begin(), told.end(), [](const std::string& text) { return text.find(".geo.") != text.npos; });
  }
  CHECK(with_places > 10'000);
  CHECK(encoded.blocks > 10'000);
  CHECK_EQ(plain.blocks, size_t{0});
}

void addresses_that_share_a_pair() {
  const auto memory = std::make_unique<KnownAddresses>();
  std::vector<IpAddress> sharing;
  const size_t pair = KnownAddresses::pair_of(IpAddress::of_v4(1));
  for (uint32_t i = 1; sharing.size() < 3; ++i)
    if (KnownAddresses::pair_of(IpAddress::of_v4(i)) == pair) sharing.push_back(IpAddress::of_v4(i));
  const auto ask = [&](const IpAddress& ip) {
    KnownAddress& known = memory->find(ip);
    const bool was = known.used && known.ip == ip;
    known.used = true;
    known.ip = ip;
    return was;
  };
  CHECK(!ask(sharing[0]) && !ask(sharing[1]) && ask(sharing[0]) && ask(sharing[1]) && ask(sharing[0]));
  CHECK(!ask(sharing[2]));  // in place of the second, which was asked for longer ago
  CHECK(ask(sharing[0]) && !ask(sharing[1]));
}

}  // namespace

int main() {
  same_by_both_ways();
  addresses_that_share_a_pair();
  return check::done();
}
