#include "kernels/json.h"

#include <algorithm>

#include "kernels/json_number.h"
#include "kernels/json_reader.h"
#include "kernels/utf8.h"

namespace penstock {

JsonParser::JsonParser(uint32_t max_message_bytes, JsonIsa isa) : impl_(new Impl(max_message_bytes, isa)) {}
JsonParser::~JsonParser() = default;

void JsonParser::parse(std::string_view document, const JsonOptions& options, Arena& arena, Event& event) {
  const uint32_t mark = static_cast<uint32_t>(json_mark_bytes(document));
  const Problem problem = impl_->read(document.substr(mark), options, arena, event);
  if (problem == Problem::kNone) {
    // What does not fit its field is an attribute, whole.
    const uint64_t deviations = event.problems & ~(uint64_t{1} << static_cast<unsigned>(Problem::kFieldType));
    event.keep_original = mark != 0 || deviations != 0 || impl_->lossy();
    return;
  }
  const uint32_t count = impl_->tokens.count();
  const uint32_t offset = count == 0 ? 0 : impl_->tokens.offset(std::min(impl_->i, count - 1)) + mark;
  event.drop_fields();
  event.has_timestamp = false;
  event.timestamp_ns = 0;
  event.message = document;
  event.keep_original = true;
  const size_t valid = utf8_valid_prefix(document.data(), document.size());
  const uint32_t end = static_cast<uint32_t>(document.size());
  event.note(problem, problem == Problem::kJsonCut ? end : problem == Problem::kJsonUtf8 ? static_cast<uint32_t>(valid) : offset);
  if (valid == document.size()) return;
  event.note(Problem::kInvalidUtf8, static_cast<uint32_t>(valid));
  event.message = utf8_replace_invalid(document, arena);
  if (!event.message.data()) event.message = document.substr(0, valid);  // the original has the rest
}

bool JsonParser::parse_into(std::string_view document, const JsonOptions& options, Arena& arena, Event& event) {
  const Event::Mark before = event.mark();
  event.message = {};
  Problem problem = impl_->read(document, options, arena, event);
  const std::string_view message = event.message;
  event.message = before.message;
  if (problem == Problem::kNone && message.data() && !event.add_attr("message", Value::of_string(message)))
    problem = Problem::kTooManyFields;
  if (problem == Problem::kNone) return true;
  event.rewind(before);
  return false;
}

Problem JsonParser::validate(std::string_view document, const JsonOptions& options) {
  document.remove_prefix(json_mark_bytes(document));
  const Problem problem = impl_->tokens.open(document);
  if (problem != Problem::kNone) return problem;
  uint32_t i = 0;
  const Problem value = impl_->tokens.skip_value(i, 0, std::min(options.max_depth, kJsonDepthMax));
  return value == Problem::kNone && i != impl_->tokens.count() ? Problem::kJsonSyntax : value;
}

void JsonParser::want(const JsonWantedNames* wanted) {
  impl_->names.want(wanted);
  impl_->steps.forget();
}

bool JsonParser::met_wanted() const { return impl_->wanted; }

Problem JsonParser::Impl::read(std::string_view text, const JsonOptions& options, Arena& into, Event& to) {
  arena = &into;
  event = &to;
  const uint32_t depth_most = std::min(options.max_depth, kJsonDepthMax);
  if (depth_max != depth_most) steps.forget();  // what was learned had passed another limit
  depth_max = depth_most;
  if (known && text.size() <= bytes_max && steps.worth_trying(text)) {
    const Event::Mark before = to.mark();
    const size_t text_bytes = to.text_bytes(), arena_bytes = into.mark();
    if (read_known(text)) {
      // Long texts with escapes are read faster by tokens, which tell where they end.
      escaped_bytes <= kEscapedBytesMost ? steps.hit() : steps.miss();
      return Problem::kNone;
    }
    steps.miss();
    to.rewind_parsed(before, text_bytes);
    into.rewind(arena_bytes);
    begin();
    const Problem problem = tokens.open(text);
    if (problem != Problem::kNone) return problem;
    steps.learn_document(text, names);
    return read_tokens();
  }
  begin();
  const Problem problem = tokens.open(text);
  return problem == Problem::kNone ? read_tokens() : problem;
}

void JsonParser::Impl::begin() {
  i = 0;
  escaped_bytes = 0;
  by_steps = field_twice = null_left_out = dotted_key = nested = wanted = false;
  prefix = path.get();
  step = nullptr;
  names.begin_document();
  if (++document == 0) {
    std::memset(field_document.get(), 0, static_cast<size_t>(EcsField::kCount) * sizeof(uint32_t));
    ++document;
  }
}

bool JsonParser::Impl::meet_again(const JsonStep& root, const JsonStep& to, size_t fields_before, JsonNames::Meeting& meeting) {
  for (const JsonStep* at = &root; at != &to;) {
    at = &steps.next(*at);
    if (!meet(*at, meeting)) return false;
  }
  for (size_t n = fields_before; n < event->field_count(); ++n)
    field_document[static_cast<size_t>(event->fields()[n].field)] = document;
  return true;
}

Problem JsonParser::Impl::read_tokens() {
  if (tokens.first(0) != '{') {
    steps.stop_learning();
    const Problem problem = tokens.skip_value(i, 0, depth_max);
    if (problem != Problem::kNone) return problem;
    if (i != tokens.count()) return Problem::kJsonSyntax;
    i = 0;
    return Problem::kJsonNotObject;
  }
  // Only a closing brace can then be the last token, so only after one must the count be looked at.
  if (tokens.first(tokens.count() - 1) != '}') {
    steps.stop_learning();
    i = tokens.count();
    return Problem::kJsonSyntax;
  }
  if (depth_max == 0) return steps.stop_learning(), Problem::kJsonDepth;
  if (!steps.learning()) return read_object<false>();
  const Problem problem = read_object<true>();
  steps.stop_learning();
  return problem;
}

/// `kLearn`: what stands between the values is remembered for the documents to come.
template <bool kLearn>
Problem JsonParser::Impl::read_object() {
  depth = 1;
  objects[0] = {0, 0};
  i = 1;
  if (tokens.first(1) == '}') return tokens.count() == 2 ? Problem::kNone : Problem::kJsonSyntax;
  for (;;) {
    if (tokens.first(i) != '"' || tokens.first(i + 1) != ':') return Problem::kJsonSyntax;
    std::string_view key;
    if (const Problem problem = tokens.string(tokens.token(i), *arena, key); problem != Problem::kNone) return problem;
    const JsonName& name = *names.find(objects[depth - 1].name, key, path.get(), objects[depth - 1].prefix_size);
    dotted_key |= name.target.role == JsonTarget::kDotted;
    if constexpr (kLearn) steps.pass(name, names.place(name), names.kept(name), key);
    i += 2;
    if (tokens.first(i) == '{' && tokens.first(i + 1) != '}') {
      if (depth >= depth_max) return Problem::kJsonDepth;
      const uint32_t prefix_size = objects[depth - 1].prefix_size;
      std::memcpy(path.get() + prefix_size, key.data(), key.size());
      path[prefix_size + key.size()] = '.';
      objects[depth++] = {name.id, static_cast<uint32_t>(prefix_size + key.size() + 1)};
      nested = true;
      ++i;
      continue;
    }
    wanted |= name.wanted;  // of an object that was gone into, only what stands in it is a value
    if constexpr (kLearn) steps.learn(tokens.token(i).data(), key, name.wanted, {path.get(), objects[depth - 1].prefix_size}, depth);
    if (const Problem problem = read_value(name.target, key); problem != Problem::kNone) return problem;
    if constexpr (kLearn) steps.value_ends(tokens.token(i - 1).data() + tokens.token(i - 1).size());
    for (;;) {
      const uint8_t after = tokens.first(i++);
      if (after == ',') break;
      if (after != '}') return --i, Problem::kJsonSyntax;
      const bool last = i == tokens.count();
      if (--depth == 0) {
        if (!last) return Problem::kJsonSyntax;
        if constexpr (kLearn) steps.learn_end();
        return Problem::kNone;
      }
      if (last) return Problem::kJsonSyntax;
    }
  }
}

/// `raw`: one token.
Problem JsonParser::Impl::scalar_of(std::string_view raw, JsonScalar& out) {
  out.raw = raw;
  switch (out.raw[0]) {
    case '"':
      out.value = Value::of_string({});
      return tokens.string(out.raw, *arena, out.value.text);
    case 't':
      out.value = Value::of_bool(true);
      return out.raw == "true" ? Problem::kNone : Problem::kJsonSyntax;
    case 'f':
      out.value = Value::of_bool(false);
      return out.raw == "false" ? Problem::kNone : Problem::kJsonSyntax;
    case 'n':
      out.value = Value();
      return out.raw == "null" ? Problem::kNone : Problem::kJsonSyntax;
    default: {
      Value number;
      const bool valid = parse_json_number(out.raw, number);
      out.value = number;
      return valid ? Problem::kNone : Problem::kJsonSyntax;
    }
  }
}

Problem JsonParser::Impl::emit_attr(std::string_view key, const Value& value) {
  const uint32_t prefix_size = objects[depth - 1].prefix_size;
  if (prefix_size != 0) {
    std::string_view name = step ? whole_name(*step) : std::string_view();
    if (!name.data()) {
      char* const dotted = arena->take(prefix_size + key.size());
      if (!dotted) return Problem::kTooComplex;
      std::memcpy(dotted, prefix, prefix_size);
      std::memcpy(dotted + prefix_size, key.data(), key.size());
      name = {dotted, prefix_size + key.size()};
    }
    key = name;
  }
  return event->add_attr(key, value) ? Problem::kNone : Problem::kTooManyFields;
}

/// How senders write that there is no value.
static bool says_nothing(const JsonScalar& scalar) {
  if (scalar.value.kind == ValueKind::kString) return scalar.value.text.empty();
  return scalar.value.kind == ValueKind::kNull || scalar.raw == "[]" || scalar.raw == "{}";
}

Problem JsonParser::Impl::emit(const JsonTarget& name, std::string_view key, const JsonScalar& scalar) {
  if (name.field != EcsField::kUnknown && name.type == kOneOf) {
    const bool text = scalar.value.kind == ValueKind::kString;
    if (text && is_one_of(name.field, scalar.value.text)) return add_field(name.field, scalar.value);
    if (scalar.value.kind != ValueKind::kNull) event->note(Problem::kFieldType, 0);
  } else if (name.field != EcsField::kUnknown) {
    const EcsFieldInfo& field = kEcsFields[static_cast<size_t>(name.field)];
    const bool array_fits = scalar.raw[0] != '[' || (field.type == EcsType::kJson && !field.repeated);
    if (field.type == EcsType::kString && scalar.value.kind == ValueKind::kString) [[likely]] {
      return add_field(name.field, scalar.value);
    }
    Value value;
    if (scalar.value.kind != ValueKind::kNull && array_fits && json_fits(field.type, scalar, value)) {
      return add_field(name.field, value);
    }
    if (!says_nothing(scalar)) event->note(Problem::kFieldType, 0);
  } else if (name.role == JsonTarget::kMessage) {
    Value text;
    if (scalar.raw[0] != '[' && json_fits(EcsType::kString, scalar, text)) {
      event->message = text.text;
      return Problem::kNone;
    }
  } else if (name.role == JsonTarget::kTimestamp) {
    Value date;
    if (json_fits(EcsType::kDate, scalar, date)) {
      event->timestamp_ns = date.i;
      event->has_timestamp = true;
      event->time_text = scalar.value.kind == ValueKind::kString ? scalar.value.text : std::string_view();
      return Problem::kNone;
    }
    if (by_steps) return Problem::kJsonTimestamp;  // read again, by tokens, which tell where it stands
    event->note(Problem::kJsonTimestamp, tokens.offset(i - 1));
  }
  return emit_attr(key, scalar.value);
}

Problem JsonParser::Impl::read_text(const JsonTarget& name, std::string_view key) {
  const std::string_view raw = tokens.token(i);
  std::string_view text;
  if (const Problem problem = tokens.string(raw, *arena, text); problem != Problem::kNone) return problem;
  ++i;
  return put_text(name, key, raw, text);
}

Problem JsonParser::Impl::read_value(const JsonTarget& name, std::string_view key) {
  const uint8_t first = tokens.first(i);
  if (first == '"') [[likely]] return read_text(name, key);
  if (first == '[') return read_array(name, key);
  if (int64_t number; static_cast<unsigned>(first - '0') < 10 && short_json_int(tokens.token(i), number)) {
    const std::string_view raw = tokens.token(i++);
    return put_int(name, key, raw, number);
  }
  JsonScalar scalar;
  if (first == '{') {  // the empty object: others are read by read_object
    if (depth >= depth_max) return Problem::kJsonDepth;
    scalar.raw = tokens.span(i, i + 1);
    scalar.value = Value::of_json(scalar.raw);
    i += 2;
  } else {
    if (const Problem problem = scalar_of(tokens.token(i), scalar); problem != Problem::kNone) return problem;
    ++i;
  }
  return emit(name, key, scalar);
}

/// An array of nothing but strings that fit a repeated field: into `elements`, `i` behind it. False: it is not one, nothing has
/// changed.
bool JsonParser::Impl::read_texts(const JsonTarget& name, size_t& count) {
  if (name.field == EcsField::kUnknown || !kEcsFields[static_cast<size_t>(name.field)].repeated) return false;
  if (!takes_texts(name)) return false;
  if (depth >= depth_max) return false;
  uint32_t at = i + 1;
  for (count = 0; count < Event::kMaxFields; ++at) {
    std::string_view text;
    if (tokens.first(at) != '"' || tokens.string(tokens.token(at), *arena, text) != Problem::kNone) return false;
    if (!text_fits(name, text)) return false;
    elements[count].kind = ValueKind::kString;
    elements[count++].text = text;
    const uint8_t after = tokens.first(++at);
    if (after == ']') return i = at + 1, true;
    if (after != ',') return false;
  }
  return false;
}

Problem JsonParser::Impl::read_array(const JsonTarget& name, std::string_view key) {
  const uint32_t from = i;
  const char* const visited = tokens.visited();
  if (size_t count; read_texts(name, count)) return add_elements(name.field, count);
  tokens.revisit(visited);
  if (const Problem problem = tokens.skip_value(i, depth, depth_max); problem != Problem::kNone) return problem;
  if (name.field != EcsField::kUnknown && kEcsFields[static_cast<size_t>(name.field)].repeated) {
    size_t count = 0;
    const Problem problem = read_elements(name, from, i - 1, count);
    if (problem != Problem::kNone) return problem;
    if (count != 0) return add_elements(name.field, count);
    if (only_nulls) return emit_attr(key, Value::of_json(tokens.span(from, i - 1)));
  }
  JsonScalar array;
  array.raw = tokens.span(from, i - 1);
  array.value = Value::of_json(array.raw);
  return emit(name, key, array);
}

Problem JsonParser::Impl::add_elements(EcsField field, size_t count) {
  if (const Problem problem = add_field(field, elements[0]); problem != Problem::kNone) return problem;
  for (size_t n = 1; n < count; ++n) {  // of one key: no duplicates
    if (!event->add(field, in_pieces(elements[n]))) return Problem::kTooManyFields;
  }
  return Problem::kNone;
}

/// Elements of the (checked) array between tokens `from` and `to` into `elements`, without null; 0 when one does not fit the field.
Problem JsonParser::Impl::read_elements(const JsonTarget& name, uint32_t from, uint32_t to, size_t& count) {
  tokens.rewind();
  bool nulls = false;
  only_nulls = true;
  for (uint32_t at = from + 1; at < to; ++at) {  // ++at: past the comma
    JsonScalar element;
    const uint32_t start = at;
    if (const Problem problem = tokens.skip_value(at, depth, kJsonDepthMax); problem != Problem::kNone) return problem;
    if (at - start == 1) {
      tokens.rewind();
      if (const Problem problem = scalar_of(tokens.token(start), element); problem != Problem::kNone) return problem;
    } else {
      element.raw = tokens.span(start, at - 1);
      element.value = Value::of_json(element.raw);
    }
    if (element.value.kind == ValueKind::kNull) {  // says nothing: the others are the list
      nulls = true;
      continue;
    }
    only_nulls = false;
    const bool fits = count < Event::kMaxFields && json_fits(name.type, element, elements[count]);
    if (!fits) return count = 0, Problem::kNone;
    ++count;
  }
  null_left_out |= nulls && count != 0;
  return Problem::kNone;
}

/// Whether a reader that lets the later of two equal names win loses something the document said.
bool JsonParser::Impl::lossy() const {
  if (names.duplicate() || field_twice || null_left_out) return true;
  return (names.unsure() || (dotted_key && nested)) && twins.any(*event);
}

}  // namespace penstock
