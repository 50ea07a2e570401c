#include "packs/blocks/xml_steps.h"

#include <algorithm>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "packs/blocks/xml_marks.h"
#include "packs/blocks/xml_text.h"
#include "packs/same_bytes.h"

namespace penstock::packs {
namespace {

/// Of a value's place before its name: kind, attribute, sizes of name and path.
constexpr size_t kKeyHead = 6;

bool same16(const char* a, const char* b) {
#if defined(__SSE2__)
  const __m128i alike = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a)), _mm_loadu_si128(reinterpret_cast<const __m128i*>(b)));
  return _mm_movemask_epi8(alike) == 0xffff;
#else
  return std::memcmp(a, b, 16) == 0;
#endif
}

/// Steps that lead from one place to several begin alike: their ends are compared first.
bool same_step(const char* a, const char* b, size_t size) {
  if (size < 16) return same_bytes(a, b, size);
  if (!same16(a + size - 16, b + size - 16)) return false;
  for (size_t at = 0; at + 16 < size; at += 16)
    if (!same16(a + at, b + at)) return false;
  return true;
}

uint64_t hash_of(std::string_view text) {
  uint64_t hash = text.size();
  for (size_t at = 0; at < text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min<size_t>(8, text.size() - at));
    hash = mix64(hash ^ word);
  }
  return hash;
}

}  // namespace

XmlSteps::XmlSteps()
    : places_(new Place[kPlaces + 2]), steps_(new Step[kSteps]), bytes_(new char[kBytes + kPadding]), keys_(new char[kKeysMax]), met_(new Met[kValuesMax]) {
  forget();
}

void XmlSteps::forget() {
  std::memset(static_cast<void*>(places_.get()), 0, (kPlaces + 2) * sizeof(Place));
  places_[kPlaces + 1].kind = Kind::kEnd;
  place_count_ = step_count_ = used_ = 0;
  full_ = false;
}

/// The step that stands at `p`: the latest, mostly; of others the longest.
const XmlSteps::Step* XmlSteps::follow(Place& place, const char* p, const char* end) const {
  const auto left = static_cast<size_t>(end - p);
  const auto is = [&](const Step& step) {
    return step.size <= left && (step.to->kind != Kind::kEnd || step.size == left) && same_step(p, step.text, step.size);
  };
  if (Step* const latest = place.latest; latest && is(*latest)) [[likely]] return latest;
  for (Step* step = place.first; step; step = step->other) {
    if (!is(*step)) continue;
    // One that begins another is found again the long way: the longer counts.
    place.latest = step->prefix ? nullptr : step;
    return step;
  }
  return nullptr;
}

bool XmlSteps::walk(std::string_view text, Arena& scratch, Extracted& out) {
  static constexpr const ByteSet* kMarks[] = {&kXmlTextMarks, &kXmlQuotMarks, &kXmlAposMarks};
  const char* p = text.data();
  const char* const end = p + text.size();
  for (Place* place = &places_[kPlaces];;) {
    const Step* const step = follow(*place, p, end);
    if (!step) return false;
    p += step->size;
    place = step->to;
    if (place->kind == Kind::kEnd) return true;
    const ByteSet& marks = *kMarks[static_cast<size_t>(place->kind)];
    const char* const start = p;
    p = marks.find(p, end);
    bool references = false;
    for (; p < end && *p == '&'; p = marks.find(p + 1, end)) references = true;
    if (p == end) return false;
    std::string_view value(start, static_cast<size_t>(p - start));
    uint8_t flags = 0;
    if (references) value = xml_decode(value, scratch, out, flags);
    if (place->kind == Kind::kText) value = xml_trimmed(value);
    if (value.empty()) continue;
    if (out.full()) return false;
    char* const name = scratch.take(place->name_size);
    if (!name) return false;
    copy_xml_name(name, place->name, place->name_size);
    out.add({name, place->name_size}, value, flags);
  }
}

bool XmlSteps::read(std::string_view text, Arena& scratch, Extracted& out) {
  fit_ = false;
  if (paused_ != 0) {
    --paused_;
    return false;
  }
  const Extracted::Mark before = out.mark();
  const size_t taken = scratch.mark();
  if (walk(text, scratch, out)) {
    if (++trust_ > kTrustMax) trust_ = kTrustMax, pause_ = kPauseMin;
    return true;
  }
  out.rewind(before);
  scratch.rewind(taken);
  if (full_) forget();
  fit_ = true;
  if ((trust_ -= 2) >= 0) return false;
  fit_ = false;
  forget();
  trust_ = kTrustFirst;
  paused_ = pause_;
  pause_ = std::min(pause_ * 2, kPauseMax);
  return false;
}

void XmlSteps::begin(std::string_view text) {
  document_ = text;
  met_count_ = keys_used_ = 0;
}

void XmlSteps::value(Kind kind, std::string_view text, std::string_view name, size_t path, size_t attribute) {
  if (!fit_) return;
  if (met_count_ == kValuesMax || keys_used_ + kKeyHead + name.size() > kKeysMax || name.empty() || name.size() > UINT16_MAX) return unfit();
  char* const key = keys_.get() + keys_used_;
  const auto size = static_cast<uint32_t>(kKeyHead + name.size());
  const char head[kKeyHead] = {static_cast<char>(kind),           static_cast<char>(attribute), static_cast<char>(name.size()),
                               static_cast<char>(name.size() >> 8), static_cast<char>(path),      static_cast<char>(path >> 8)};
  std::memcpy(key, head, kKeyHead);
  std::memcpy(key + kKeyHead, name.data(), name.size());
  met_[met_count_++] = {text.data(), text.data() + text.size(), static_cast<uint32_t>(keys_used_), size, static_cast<uint32_t>(name.size()), kind};
  keys_used_ += size;
}

void XmlSteps::within(std::string_view tag) {
  if (!fit_) return;
  if (keys_used_ + 1 + tag.size() > kKeysMax) return unfit();
  char* const to = keys_.get() + keys_used_;
  *to = '<';
  std::memcpy(to + 1, tag.data(), tag.size());
  keys_used_ += 1 + tag.size();
  met_[met_count_ - 1].key_size += static_cast<uint32_t>(1 + tag.size());
}

void XmlSteps::done(bool plain) {
  if (!fit_ || !plain || met_count_ == 0) return;
  Place* at = &places_[kPlaces];
  const char* from = document_.data();
  for (size_t i = 0; i < met_count_ && at; ++i) {
    const Met& met = met_[i];
    at = step(*at, {from, static_cast<size_t>(met.begin - from)}, {keys_.get() + met.key, met.key_size}, met.name_size, met.kind);
    from = met.end;
  }
  if (at) step(*at, {from, static_cast<size_t>(document_.data() + document_.size() - from)}, {}, 0, Kind::kEnd);
}

/// The place that a step leads to; what is new of it is remembered. nullptr: there is no room.
XmlSteps::Place* XmlSteps::step(Place& from, std::string_view text, std::string_view key, size_t name, Kind kind) {
  for (Step* known = from.first; known; known = known->other) {
    if (known->size == text.size() && (known->to->kind == Kind::kEnd) == (kind == Kind::kEnd) && same_step(known->text, text.data(), text.size()))
      return known->to;
  }
  if (text.size() > kStepMax) return nullptr;
  const bool room = from.steps < kStepsOfPlace && step_count_ < kSteps;
  Place* const to = !room ? nullptr : kind == Kind::kEnd ? &places_[kPlaces + 1] : place(key, name, kind);
  const char* const bytes = to ? keep(text) : nullptr;
  if (!bytes) return full_ = true, nullptr;
  Step& step = steps_[step_count_++];
  step = {bytes, to, nullptr, static_cast<uint32_t>(text.size()), false};
  add(from, step);
  return to;
}

/// Longer steps first; those that begin others are marked.
void XmlSteps::add(Place& from, Step& step) {
  const auto begins = [](const Step& a, const Step& b) {
    return a.to->kind != Kind::kEnd && a.size <= b.size && std::memcmp(a.text, b.text, a.size) == 0;
  };
  Step** at = &from.first;
  for (; *at && (*at)->size >= step.size; at = &(*at)->other) step.prefix |= begins(step, **at);
  step.other = *at;
  *at = &step;
  for (Step* shorter = step.other; shorter; shorter = shorter->other) shorter->prefix |= begins(*shorter, step);
  from.latest = nullptr;
  ++from.steps;
}

XmlSteps::Place* XmlSteps::place(std::string_view key, size_t name, Kind kind) {
  const uint64_t hash = hash_of(key);
  size_t i = hash % kPlaces;
  for (; places_[i].key; i = (i + 1) % kPlaces) {
    const Place& known = places_[i];
    if (known.hash == hash && std::string_view(known.key, known.key_size) == key) return &places_[i];
  }
  if (place_count_ + 1 >= kPlaces) return nullptr;
  const char* const kept = keep(key);
  if (!kept) return nullptr;
  ++place_count_;
  places_[i] = {nullptr, nullptr, kept + kKeyHead, static_cast<uint32_t>(name), static_cast<uint32_t>(key.size()), kept, hash, kind, 0};
  return &places_[i];
}

/// nullptr: there is no room.
const char* XmlSteps::keep(std::string_view text) {
  if (text.size() > kBytes - used_) return nullptr;
  char* const to = bytes_.get() + used_;
  std::memcpy(to, text.data(), text.size());
  used_ += text.size();
  return to;
}

}  // namespace penstock::packs
