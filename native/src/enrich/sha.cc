#include "enrich/sha.h"

#include <bit>
#include <cstring>

namespace penstock::enrich {
namespace {

constexpr size_t kBlock = 64;

uint32_t word(const uint8_t* p) {
  uint32_t value;
  std::memcpy(&value, p, 4);
  return __builtin_bswap32(value);
}
void put_word(uint8_t* p, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(p, &value, 4);
}

struct Sha1State {
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

  void block(const uint8_t* bytes) {
    uint32_t w[80];
    for (int i = 0; i < 16; ++i) w[i] = word(bytes + 4 * i);
    for (int i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    const auto round = [&](int i, uint32_t f, uint32_t k) {
      const uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    };
    for (int i = 0; i < 20; ++i) round(i, (b & c) | (~b & d), 0x5a827999);
    for (int i = 20; i < 40; ++i) round(i, b ^ c ^ d, 0x6ed9eba1);
    for (int i = 40; i < 60; ++i) round(i, (b & c) | (b & d) | (c & d), 0x8f1bbcdc);
    for (int i = 60; i < 80; ++i) round(i, b ^ c ^ d, 0xca62c1d6);
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
};

constexpr uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct Sha256State {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

  void block(const uint8_t* bytes) {
    uint32_t w[64];
    for (int i = 0; i < 16; ++i) w[i] = word(bytes + 4 * i);
    for (int i = 16; i < 64; ++i) {
      const uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] + (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    uint32_t s[8];
    std::memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; ++i) {
      const uint32_t e = s[4], a = s[0];
      const uint32_t t1 = s[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + kRounds[i] + w[i];
      const uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
      std::memmove(s + 1, s, 7 * sizeof *s);
      s[4] += t1;
      s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; ++i) h[i] += s[i];
  }
};

/// Whole blocks, then what is left with its padding. `before`: bytes that the state has seen.
template <typename State>
void digest(State& state, std::string_view text, uint64_t before) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  size_t left = text.size();
  for (; left >= kBlock; p += kBlock, left -= kBlock) state.block(p);
  uint8_t last[2 * kBlock] = {};
  if (left > 0) std::memcpy(last, p, left);
  last[left] = 0x80;
  const size_t size = left < kBlock - 8 ? kBlock : 2 * kBlock;
  const uint64_t bits = (before + text.size()) * 8;
  put_word(last + size - 8, static_cast<uint32_t>(bits >> 32));
  put_word(last + size - 4, static_cast<uint32_t>(bits));
  for (size_t at = 0; at < size; at += kBlock) state.block(last + at);
}

template <typename Out, typename State>
Out result(const State& state) {
  Out out;
  for (size_t i = 0; i < out.size() / 4; ++i) put_word(out.data() + 4 * i, state.h[i]);
  return out;
}

}  // namespace

Sha1 sha1(std::string_view bytes) {
  Sha1State state;
  digest(state, bytes, 0);
  return result<Sha1>(state);
}

Sha256 sha256(std::string_view bytes) {
  Sha256State state;
  digest(state, bytes, 0);
  return result<Sha256>(state);
}

Sha256 hmac_sha256(std::string_view key, std::string_view text) {
  uint8_t pad[kBlock] = {};
  if (key.size() > kBlock) {
    const Sha256 shorter = sha256(key);
    std::memcpy(pad, shorter.data(), shorter.size());
  } else if (!key.empty()) {
    std::memcpy(pad, key.data(), key.size());
  }
  Sha256State inner, outer;
  for (uint8_t& byte : pad) byte ^= 0x36;
  inner.block(pad);
  digest(inner, text, kBlock);
  for (uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
  outer.block(pad);
  const Sha256 first = result<Sha256>(inner);
  digest(outer, {reinterpret_cast<const char*>(first.data()), first.size()}, kBlock);
  return result<Sha256>(outer);
}

}  // namespace penstock::enrich
