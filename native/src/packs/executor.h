// Runs one pack's program on one text. No allocation, no JavaScript; every program ends, since its jumps go forward.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kernels/json.h"
#include "packs/block.h"
#include "packs/field_writer.h"
#include "packs/json_path.h"
#include "packs/name_order.h"
#include "packs/pattern.h"
#include "packs/repeated_names.h"
#include "packs/blocks/extracted.h"

namespace penstock::packs {

/// What the envelope (syslog's header) says; empty where it says nothing.
struct Envelope {
  std::string_view text;  ///< what the program takes apart
  std::string_view app, msgid, host, pid, level;
  std::string_view structured_data;  ///< as it was received
  int32_t utc_offset_s = 0;  ///< zone of times that name none
  bool none = false;         ///< the line has no envelope: what was read as one is dropped
  const JsonRange* json = nullptr;  ///< the JSON object that the event is, or holds, when the pack is one of JSON
};

/// Variables of a program that runs. A byte of state each, written as one: bits of a common word would wait for each other.
struct Frame {
  enum State : uint8_t {
    kSet = 1,   ///< has a value
    kUsed = 2,  ///< a step has sent it somewhere
    kJson = 4,  ///< its value is JSON text, not a string (a number, an array …)
  };
  std::string_view values[kVarsMax];
  alignas(16) uint8_t states[kVarsMax];
  uint8_t behind[63];  ///< read, not heeded, where 64 states are read from any on

  void clear() { std::memset(states, 0, sizeof states); }
  bool has(uint32_t var) const { return states[var] & kSet; }
  bool is_json(uint32_t var) const { return states[var] & kJson; }
  void assign(uint32_t var, std::string_view value, bool as_json = false) {
    values[var] = value;
    states[var] = as_json ? kSet | kJson : kSet;
  }
  void use(uint32_t var) { states[var] |= kUsed; }
  /// A bit for each of the 64 variables from `first` on that has a value.
  uint64_t set(uint32_t first) const { return first_bits(states + first, false); }
  /// The same of those that no step has used.
  uint64_t unused(uint32_t first) const { return first_bits(states + first, true); }

 private:
  /// The lowest bits of 64 bytes, side by side; `alone`: of those bytes whose next bit is not set.
  static uint64_t first_bits(const uint8_t* bytes, bool alone) {
    uint64_t out = 0;
#if defined(__SSE2__)
    for (uint32_t i = 0; i < 64; i += 16) {
      __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
      if (alone) sixteen = _mm_andnot_si128(_mm_srli_epi16(sixteen, 1), sixteen);
      out |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(_mm_slli_epi16(sixteen, 7)))} << i;
    }
#else
    for (uint32_t i = 0; i < 64; i += 8) {
      uint64_t eight;
      std::memcpy(&eight, bytes + i, 8);
      if (alone) eight &= ~(eight >> 1);
      out |= ((eight & 0x0101010101010101) * 0x0102040810204080 >> 56) << i;
    }
#endif
    return out;
  }
};
static_assert(Frame::kSet == 1 && Frame::kUsed == 2);
static_assert(kVarsMax % 64 == 0);

/// Looks on, for explanations: a call an operation.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void begin(uint32_t pack) = 0;
  virtual void op(uint32_t pack, uint32_t op, bool applied, const Frame& frame) = 0;
  virtual void end(uint32_t pack, bool understood) = 0;
};

class Executor {
 public:
  static constexpr size_t kDepthMax = 3;  ///< packs within each other

  Executor();
  /// What takes JSON texts apart; without it, none is. It outlives this object.
  void set_json(JsonParser* parser, const JsonOptions& options) { json_parser_ = parser, json_options_ = options; }
  /// Another plan from now on: nothing that refers to the one before may be kept.
  void plan_changed() { name_order_.forget(); }
  /// Whose declarations of columns hold for the text, and are heeded in it; for the next `run`.
  void set_sender(uint64_t sender) { sender_ = sender; }
  DeclaredColumnsTable& declared() { return declared_; }
  /// Whether the pack understood the text: then its fields are in the event; else the event is as it was.
  bool run(const Plan& plan, uint32_t pack, const Envelope& envelope, Arena& arena, Event& event, Observer* observer);

 private:
  struct Running {
    const Plan& plan;
    const PackRow& pack;
    uint32_t pack_index;
    Frame& frame;
    Arena& arena;
    Event& event;
    Observer* observer;
    size_t depth;
    int32_t utc_offset_s;
  };
  bool run_program(Running& r);
  bool enter(const Plan& plan, uint32_t pack, const Envelope& envelope, size_t depth, Arena& arena, Event& event, Observer* observer);
  uint32_t match(Running& r, uint32_t at);
  bool take(Running& r, const OpRow& op);
  bool nested(Running& r, const OpRow& op);
  void map(Running& r, const OpRow& op);
  void join(Running& r, const OpRow& op);
  bool time(Running& r, const OpRow& op);
  bool test(const Running& r, const TestRow& test) const;
  /// Whether `name` is that of a variable that goes nowhere by itself; `$._name` is not.
  static bool forgotten(const Running& r, std::string_view name, uint32_t var);
  BlockResult extract(const Block& block, std::string_view text, Arena& arena);
  bool json(Running& r, const OpRow& op);
  bool read_json(std::string_view text, Arena& arena, Event& event, JsonRange& range);
  /// Attributes and fields of an object that variables have taken, in order.
  struct Taken {
    uint16_t attrs[kVarsMax], fields[kVarsMax];
    size_t attr_count, field_count;
  };
  void adopt(Running& r, const JsonRange& range, Taken& taken);
  void pick(Running& r);
  size_t settle(Running& r, const JsonRange& range, const Taken& taken, bool last);
  bool choose(Running& r, const OpRow& op, uint32_t& next) const;
  void flush(Running& r);

  std::unique_ptr<Frame[]> frames_;
  JsonParser* json_parser_ = nullptr;
  JsonOptions json_options_;
  std::unique_ptr<Taken[]> taken_;  ///< of the packs within each other, and of one `json:` step
  DeclaredColumnsTable declared_;
  uint64_t sender_ = 0;
  uint32_t owner_ = 0;  ///< counter of the pack that was begun with
  bool structured_data_taken_ = false;  ///< a step has said elsewhere all that the syslog header's structured data says
  Extracted extracted_;
  Captures captures_;
  NamedElements named_elements_;
  FieldWriter writer_;
  NameOrder name_order_;
  bool names_repeated_ = false;  ///< a name may be that of several attributes
  size_t attrs_taken_ = 0;       ///< of the event's own object, when the pack is done: so many fewer stand before what it added
  size_t named_begin_ = 0, named_end_ = 0;  ///< fields that came under ECS' names and that no variable took (field_habits.h)
  bool named_within_ = false;    ///< so came fields of an object within a value, too: they stand anywhere
  RepeatedNames repeated_names_;
};

}  // namespace penstock::packs
