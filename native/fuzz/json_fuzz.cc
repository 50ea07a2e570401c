// The walk that makes events against simdjson's own DOM parser, and the best instruction set against the portable one.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "kernels/ecs_lookup.h"
#include "kernels/json.h"
#include "kernels/simdjson_config.h"
#include "require.h"

using namespace penstock;
namespace dom = simdjson::dom;

namespace {

constexpr uint32_t kBytesMax = 1 << 20;
constexpr uint32_t kDepth = 200;

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ValueKind::kInt64: return a.i == b.i;
    case ValueKind::kDouble: return std::memcmp(&a.d, &b.d, sizeof a.d) == 0;
    case ValueKind::kBool: return a.b == b.b;
    case ValueKind::kNull: return true;
    default: return a.text == b.text;
  }
}

void require_equal(const Event& a, const Event& b) {
  require(a.failed() == b.failed(), "one implementation refuses");
  require(a.has_timestamp == b.has_timestamp && a.timestamp_ns == b.timestamp_ns, "timestamps differ");
  require(a.message == b.message && a.keep_original == b.keep_original, "messages differ");
  // Of several reasons to refuse a document the implementations need not find the same one first.
  require(a.failed() || (a.problems == b.problems && a.problem_offset == b.problem_offset), "problems differ");
  require(a.field_count() == b.field_count() && a.attr_count() == b.attr_count(), "counts differ");
  for (size_t i = 0; i < a.field_count(); ++i) {
    const FieldEntry &x = a.fields()[i], &y = b.fields()[i];
    require(x.field == y.field && same(x.value, y.value), "fields differ");
  }
  for (size_t i = 0; i < a.attr_count(); ++i) {
    const AttrEntry &x = a.attrs()[i], &y = b.attrs()[i];
    require(x.name == y.name && same(x.value, y.value), "attributes differ", x.name);
  }
}

/// What was learned of documents against what knows nothing, on documents that differ from them in a few bytes. Every fourth comes, once a
/// neighbour is known, so often that nobody asks for repetitions any more, and then that neighbour.
void require_known(JsonParser& best, JsonParser& portable, std::string document, const JsonOptions& options) {
  static Arena arena(4 << 20), arena_portable(4 << 20);
  static Event event, event_portable;
  static unsigned documents = 0;
  constexpr unsigned kOften = 10;
  if (++documents % 64 < 2) best.want(nullptr);  // each of two parsers in turn, or nothing is tried any more: most documents are unlike those before
  const size_t size = document.size();
  uint64_t state = size;
  for (const char c : document) state = mix64(state ^ static_cast<uint8_t>(c));
  document.append(kPadding, '}');
  const auto read = [&](const std::string& text) {
    arena.reset();
    arena_portable.reset();
    event.reset();
    event_portable.reset();
    best.parse({text.data(), size}, options, arena, event);
    portable.parse({text.data(), size}, options, arena_portable, event_portable);
    require_equal(event, event_portable);
    require(arena.mark() == arena_portable.mark() || event.failed(), "the arena is used otherwise");
  };
  read(document);
  if (size == 0) return;
  const std::string first = document;
  for (unsigned round = 0; round < 5; ++round) {
    static constexpr char kBytes[] = "0123456789.-eE\"\\u{}[],: \ntfn\x01\xc3\xa9x";
    state = mix64(state + 1);
    char& byte = document[state % size];
    byte = state >> 40 & 1 ? static_cast<char>(byte ^ 1 << (state >> 32 & 7)) : kBytes[(state >> 32) % (sizeof kBytes - 1)];
    read(document);
    if (round != 0 || documents % 8 > 1) continue;  // of either parser
    for (unsigned n = 0; n < kOften; ++n) read(first);
    read(document);
  }
}

/// Follows the DOM and checks off what the event holds, in order.
class Oracle {
 public:
  explicit Oracle(const Event& event) : event_(event) {}

  void object(dom::object object, const std::string& prefix) {
    for (const auto member : object) {
      const std::string name = prefix + std::string(member.key);
      dom::object inner;
      const EcsField field = ecs_field_by_name(name);
      if (member.value.get_object().get(inner) == simdjson::SUCCESS && inner.size() != 0) {
        this->object(inner, name + ".");
      } else {
        leaf(name, field, member.value);
      }
    }
  }
  void finish() const {
    require(field_ == event_.field_count() && attr_ == event_.attr_count(), "the event holds more than the document");
    if (!message_is_number_) require(event_.message == message_, "the message differs");
    else require(std::strtod(std::string(event_.message).c_str(), nullptr) == message_number_, "the message is another number");
  }

 private:
  void leaf(const std::string& name, EcsField field, dom::element value) {
    std::string_view text;
    if (name == "message" && value.get_string().get(text) == simdjson::SUCCESS) {
      message_ = text;
      message_is_number_ = false;
      return;
    }
    if (name == "message" && value.is_number()) {  // taken as its text
      message_is_number_ = value.get_double().get(message_number_) == simdjson::SUCCESS;
      return require(message_is_number_, "a number is none");
    }
    const bool known = field != EcsField::kUnknown && field_ < event_.field_count();
    if (known && event_.fields()[field_].field == field && !next_is(name, value)) {
      // A field of several elements stands once per element; its JSON array is not kept.
      dom::array array;
      const bool repeated = kEcsFields[static_cast<size_t>(field)].repeated;
      const size_t count = repeated && value.get_array().get(array) == simdjson::SUCCESS ? array.size() : 1;
      for (size_t n = 0; n < count; ++n, ++field_) {
        const bool is_there = field_ < event_.field_count() && event_.fields()[field_].field == field;
        require(is_there, "a field's element is missing", name);
      }
      return;
    }
    if (name == "@timestamp" && !next_is(name, value)) return require(event_.has_timestamp, "the timestamp is missing");
    require(next_is(name, value), "an attribute is missing or wrong", name);
    ++attr_;
  }
  bool next_is(const std::string& name, dom::element value) const {
    if (attr_ >= event_.attr_count() || event_.attrs()[attr_].name != name) return false;
    return holds(event_.attrs()[attr_].value, value);
  }
  static bool holds(const Value& ours, dom::element theirs) {
    int64_t i;
    double d;
    bool b;
    std::string_view text;
    switch (theirs.type()) {
      case dom::element_type::STRING:
        if (theirs.get_string().get(text) != simdjson::SUCCESS) return false;
        return ours.kind == ValueKind::kString && ours.text == text;
      case dom::element_type::INT64:
        if (theirs.get_int64().get(i) != simdjson::SUCCESS) return false;
        return ours.kind == ValueKind::kInt64 ? ours.i == i : ours.kind == ValueKind::kDouble && ours.d == 0 && i == 0;
      case dom::element_type::UINT64: return ours.kind == ValueKind::kJson;
      case dom::element_type::DOUBLE:
        if (theirs.get_double().get(d) != simdjson::SUCCESS) return false;
        if (ours.kind == ValueKind::kDouble) return std::memcmp(&ours.d, &d, sizeof d) == 0;
        return ours.kind == ValueKind::kJson && std::strtod(std::string(ours.text).c_str(), nullptr) == d;
      case dom::element_type::BOOL:
        if (theirs.get_bool().get(b) != simdjson::SUCCESS) return false;
        return ours.kind == ValueKind::kBool && ours.b == b;
      case dom::element_type::NULL_VALUE: return ours.kind == ValueKind::kNull;
      default: break;
    }
    static dom::parser parser;
    dom::element again;
    if (ours.kind != ValueKind::kJson) return false;
    if (parser.parse(ours.text.data(), ours.text.size()).get(again) != simdjson::SUCCESS) return false;
    return simdjson::minify(again) == simdjson::minify(theirs);
  }

  const Event& event_;
  size_t field_ = 0;
  size_t attr_ = 0;
  std::string_view message_;
  bool message_is_number_ = false;
  double message_number_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static JsonParser best(kBytesMax), baseline(kBytesMax, JsonIsa::kBaseline), portable(kBytesMax, JsonIsa::kPortable);
  static Arena arena(4 << 20), arena_portable(4 << 20);
  static Event event, event_portable;
  static dom::parser reference;

  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(kPadding, '}');  // what follows a document must not matter
  const std::string_view document(padded.data(), size);
  const JsonOptions options{kDepth};
  arena.reset();
  arena_portable.reset();
  event.reset();
  event_portable.reset();
  best.parse(document, options, arena, event);
  portable.parse(document, options, arena_portable, event_portable);
  require_equal(event, event_portable);
  require_known(best, portable, std::string(document), options);
  require_known(baseline, portable, std::string(document), options);
  const bool valid = best.validate(document, options) == Problem::kNone;
  require(valid == (portable.validate(document, options) == Problem::kNone), "one implementation finds it well-formed");

  dom::element root;
  const auto error = reference.parse(document.data(), document.size()).get(root);  // skips one byte order mark, too
  if (error == simdjson::SUCCESS) {
    require(valid || best.validate(document, options) == Problem::kJsonDepth, "a well-formed document is refused");
  } else {
    // The DOM refuses numbers beyond its types and lone surrogates; RFC 8259 allows both.
    const bool number = error == simdjson::NUMBER_ERROR || error == simdjson::BIGINT_ERROR;
    const bool stricter = number || error == simdjson::STRING_ERROR;
    require(!valid || stricter, "a malformed document is accepted", simdjson::error_message(error));
  }
  dom::object object;
  if (event.failed()) {
    require(event.field_count() == 0 && event.attr_count() == 0 && event.keep_original, "a failed event is not bare");
    require(simdjson::validate_utf8(event.message.data(), event.message.size()), "a message is not UTF-8");
    if (valid && event.problem != Problem::kTooManyFields && event.problem != Problem::kTooComplex) {
      require(event.problem == Problem::kJsonNotObject, "a well-formed object failed", info(event.problem).label);
    }
    return 0;
  }
  require(valid, "an event of a malformed document");
  if (error != simdjson::SUCCESS) return 0;
  require(root.get_object().get(object) == simdjson::SUCCESS, "an event of what is no object");
  Oracle oracle(event);
  oracle.object(object, "");
  oracle.finish();
  return 0;
}
