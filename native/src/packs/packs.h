// Format packs on the event path: which pack is an event's, and what it makes of it. One object a worker.
#pragma once

#include <memory>

#include "packs/executor.h"
#include "packs/forwarded.h"
#include "packs/recogniser.h"
#include "packs/usual_names.h"

namespace penstock::packs {

/// Which packs a listener's events may be.
inline constexpr uint32_t kAnyPack = 0xffffffff;
inline constexpr uint32_t kNoPack = 0xfffffffe;

/// What packs are chosen by.
struct PackMarks {
  std::string_view text, app, msgid;
};

class Packs {
 public:
  /// No plan: no event is recognised.
  void set_plan(std::shared_ptr<const Plan> plan);
  const Plan* plan() const { return plan_.get(); }

  /// What takes JSON texts apart, and has read the events that are one; it outlives this object.
  void set_json(JsonParser* parser, const JsonOptions& options);
  /// As `run`, for JSON objects too (`json`, that the event is one; else one may be its message), and for lines under columns that their
  /// sender has declared. `connection`: any number; with the event's peer it tells apart who declares.
  uint32_t apply(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                 Observer* observer = nullptr);

  /// The parsed event gets the fields of the pack that understands it. Returns the pack, or kNone: the event is as it was.
  /// `door`: any number; with the event's peer it tells senders apart. `pinned`: the only pack to be tried, kAnyPack or kNoPack.
  uint32_t run(Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s,
               Observer* observer = nullptr);

 private:
  uint32_t understand(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                      Observer* observer);
  uint32_t apply_text(Event& event, Arena& arena, bool json, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                      Observer* observer);
  uint32_t run_broken(Event& event, Arena& arena, uint64_t door, uint64_t connection, uint32_t pinned, int32_t utc_offset_s,
                      Observer* observer);
  static constexpr size_t kSenders = 4096;
  static constexpr size_t kKnownApps = 64;
  /// What was found for a program's name, or that nothing was: a few programs write most of a log.
  struct KnownApp {
    uint64_t head = 0, tail = 0;
    size_t size = 0;
    uint32_t row = kNone;
  };
  struct Remembered {
    uint64_t sender = 0;
    uint32_t candidate = kNone;
  };
  void want_names();
  uint32_t run_text(const PackMarks& marks, Event& event, Arena& arena, uint64_t door, uint32_t pinned, Observer* observer);
  uint32_t run_declared(Event& event, Arena& arena, uint64_t connection, uint32_t pinned, int32_t utc_offset_s, Observer* observer);
  uint32_t apply_json_text(std::string_view object, Event& event, Arena& arena, uint32_t pinned, int32_t utc_offset_s, Observer* observer);
  uint32_t run_json(Event& event, Arena& arena, const JsonRange& range, uint32_t pinned, int32_t utc_offset_s, Observer* observer);
  uint32_t open_envelope(uint32_t pack, Event& event, Arena& arena, uint64_t door, int32_t utc_offset_s, Observer* observer);
  uint32_t apply_message(const UsualNames* names, Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s,
                         Observer* observer);
  uint32_t apply_content(Event& event, Arena& arena, uint64_t door, uint32_t pinned, int32_t utc_offset_s, Observer* observer);
  uint32_t by_line(std::string_view line, bool whole, Event& event, Arena& arena, uint32_t pinned, Observer* observer);
  uint32_t by_app(const PackMarks& marks, Event& event, Arena& arena, Observer* observer);
  uint32_t by_text(const PackMarks& marks, uint64_t door, Event& event, Arena& arena, Observer* observer);
  uint32_t first_confirmed(std::span<const uint64_t> places, uint32_t but, const PackMarks& marks, Event& event, Arena& arena,
                           Observer* observer);
  bool confirmed(uint32_t candidate, const PackMarks& marks, Event& event, Arena& arena, Observer* observer);
  std::span<const ListRow> app_candidates(std::string_view app);
  uint32_t app_row(std::string_view app) const;

  std::shared_ptr<const Plan> plan_;
  Executor executor_;
  Recogniser recogniser_, lines_;  ///< of texts, of whole lines
  JsonParser* json_parser_ = nullptr;
  JsonOptions json_options_;
  Forwarded forwarded_;
  std::unique_ptr<Remembered[]> senders_;
  KnownApp known_apps_[kKnownApps];
  int32_t utc_offset_s_ = 0;
  char pid_[24];
};

}  // namespace penstock::packs
