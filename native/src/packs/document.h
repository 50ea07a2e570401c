// A JSON document of many events: an array of it, each element of which is an event of its own (`split:` of a pack).
#pragma once

#include "packs/json_path.h"
#include "packs/packs.h"

namespace penstock::packs {

/// One document at a time; reused.
class Document {
 public:
  /// What a document says besides its array goes with each element; one that says more is kept whole.
  static constexpr size_t kContextEntriesMax = 64;
  static constexpr size_t kContextBytesMax = 1024;

  /// Whether `event`, which `pack` of `plan` understood, comes apart; then it is what its elements have in common, and may be
  /// reset. One of more than `elements_max`, or that says too much besides, notes that, and is an event like others; so is one
  /// without elements. `json`: the event is the object, or JSON of a forwarder that has it as its message; else its message begins with it. Views stay those of the event.
  bool open(const Plan& plan, uint32_t pack, Event& event, bool json, uint32_t elements_max);
  /// The next element, as it was received. False: there is none left.
  bool next(std::string_view& element) { return elements_.next(element); }
  /// The only pack that elements may be, or kAnyPack.
  uint32_t element_pack() const { return element_pack_; }
  /// An element's event gets what its document said and it does not: fields, attributes, a time.
  void give(Event& element) const;

 private:
  /// For `count` elements. False: it would be too much.
  bool keep_context(const Event& event, bool json, size_t count);

  JsonElements elements_{{}};
  uint32_t element_pack_ = kAnyPack;
  FieldEntry fields_[kContextEntriesMax];
  AttrEntry attrs_[kContextEntriesMax];
  size_t field_count_ = 0, attr_count_ = 0;
  int64_t timestamp_ns_ = 0;
  bool has_timestamp_ = false;
  bool within_ = false;  ///< the document is the message of JSON that a forwarder made
};

}  // namespace penstock::packs
