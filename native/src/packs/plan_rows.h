// The compiled form of all packs: flat tables of 32-bit words and a pool of strings, made by engine/formats/plan-writer.ts.
//
//   word 0 magic | 1 version | 2 sections | 3 pool offset (bytes) | 4 pool bytes | { offset (words), rows, words a row } × sections
//
// Rows name strings, fields, variables and places in other sections by index; kNone is "none". Little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::packs {

inline constexpr uint32_t kPlanMagic = 0x314b5050;  // "PPK1"
inline constexpr uint32_t kPlanVersion = 5;
inline constexpr uint32_t kNone = 0xffffffff;
inline constexpr uint32_t kFirstBytes = 256;
inline constexpr size_t kPacksMax = 4096;  ///< of a plan
inline constexpr size_t kVarsMax = 512;    ///< of a pack

// SECTION(name in TypeScript, row)
#define PENSTOCK_PLAN_SECTIONS(SECTION)                                                                     \
  SECTION(strings, StringRow)                                                                               \
  SECTION(fields, FieldRow)                                                                                 \
  SECTION(packs, PackRow)                                                                                   \
  SECTION(vars, VarRow)                                                                                     \
  SECTION(ops, OpRow)                                                                                       \
  SECTION(maps, MapRow)                                                                                     \
  SECTION(dests, DestRow)                                                                                   \
  SECTION(consts, ConstRow)                                                                                 \
  SECTION(tests, TestRow)                                                                                   \
  SECTION(tables, TableRow)                                                                                 \
  SECTION(entries, EntryRow)                                                                                \
  SECTION(patterns, PatternRow)                                                                             \
  SECTION(parts, PartRow)                                                                                   \
  SECTION(blocks, BlockRow)                                                                                 \
  SECTION(candidates, CandidateRow)                                                                         \
  SECTION(literals, LiteralRow)                                                                             \
  SECTION(lists, ListRow)                                                                                   \
  SECTION(first_bytes, FirstByteRow)                                                                        \
  SECTION(apps, AppRow)                                                                                     \
  SECTION(json_keys, JsonKeyRow)                                                                            \
  SECTION(json_marks, JsonMarkRow)                                                                          \
  SECTION(picks, PickRow)

struct StringRow { uint32_t offset, size; };  ///< in the pool
struct FieldRow { uint32_t name; };           ///< an ECS name: a string

struct PackRow {
  uint32_t name;
  uint32_t prefix;      ///< string: namespace and a dot, put before names that ECS does not know; may be empty
  uint32_t counter;     ///< place among the counters
  uint32_t var_first, var_count;
  uint32_t names;       ///< table: name of an extracted field → variable
  uint32_t op;          ///< where its program begins
  uint32_t empties_first, empties_count;  ///< list of strings that stand for "no value"
  uint32_t flags;       ///< PackFlags
  uint32_t picks_first, picks_count;
  uint32_t split_first, split_count;  ///< list of strings: keys that lead to the array whose elements are events; none: one event
  uint32_t split_pack;                ///< the only pack that elements may be, or kNone
  uint32_t unwind_first, unwind_count;  ///< list of strings: keys that lead to an array, "#*" behind each but the last; none: one event
  uint32_t rest_first, rest_count;    ///< list of strings in pairs: how names begin that ECS does not know, and what stands in its place, prefix included
};

enum PackFlags : uint32_t {
  kPackJson = 1,      ///< may be given a JSON object, which is taken apart before its program runs
  kPackJsonOnly = 2,  ///< any other text is not its own
  kPackEnvelope = 4,  ///< the message it makes is recognised anew
};

/// A value within a JSON array: variable `to` is what the path finds in variable `from`.
struct PickRow { uint32_t from, to, path_first, path_count; };  ///< list of strings: steps of a JsonPath (json_path.h)

/// A variable. What no step used becomes `dest` at the end.
struct VarRow { uint32_t name, dest_first, dest_count; };

enum class Op : uint32_t {
  kEnd,     ///< understood
  kRefuse,  ///< not this pack's
  kJump,    ///< to `target`
  kMatch,   ///< a: pattern, b: variable (kNone: the text); does not fit: to `target`
  kTake,    ///< a: block, b: variable, c: 1 when the pack, not the text, gives the names; does not fit: to `target`
  kMap,     ///< a: first row, b: count
  kSet,     ///< a: first constant, b: count
  kTest,    ///< a: test; does not hold: to `target`
  kTestNot, ///< a: test; holds: to `target`
  kSwitch,  ///< a: table of places, b: variable, c: 1 without regard to case; not in it: to `target`
  kPack,    ///< a: pack, b: variable; refused: to `target`
  kTime,    ///< a: block of dates, b: first of the list of variables, c: their count, with kTimeTells; d: dest; does not fit: to `target`
  kJoin,    ///< a: first of the list (strings and variables in turn), b: count, c: first dest, d: count
  kJson,    ///< b: variable; not a JSON object: to `target`
  kCount
};
struct OpRow { uint32_t op, a, b, c, d, target; };
/// Of kTime: a text that is no such date is a deviation. Else another step may read it.
inline constexpr uint32_t kTimeTells = 1u << 31;

struct MapRow { uint32_t var, dest_first, dest_count; };

enum class DestKind : uint32_t { kField, kAttr, kVar, kTimestamp, kMessage, kCount };
enum class Convert : uint32_t { kNone, kLower, kUpper, kScale, kSplit, kMac, kHexInt, kBase64, kHexText, kPercent, kCount };
enum DestFlags : uint32_t {
  kDestElse = 1,     ///< only where the one before did not fit
  kRelatedIp = 2, kRelatedUser = 4, kRelatedHosts = 8, kRelatedHash = 16,
  kDestQuiet = 32,   ///< what does not fit is left: another destination has it
};
struct DestRow {
  uint32_t kind, target;      ///< field, string or variable
  uint32_t flags;
  uint32_t convert, param;    ///< kScale: string (a number); kSplit: string
};

enum class ConstKind : uint32_t { kString, kInt, kDouble, kBool, kNone, kCount };  ///< kNone: the field is taken out
struct ConstRow { uint32_t kind, target, flags, value_kind, text, low, high; };  ///< of `kind`: DestKind; number: low, high

enum class TestKind : uint32_t { kPresent, kEquals, kStarts, kEnds, kContains, kLess, kMore, kIsIp, kNetwork, kCount };
struct TestRow { uint32_t kind, var, a, nocase; };  ///< a: table (kEquals; kNetwork: its texts are networks), string

struct TableRow { uint32_t entry_first, entry_count; };
struct EntryRow { uint32_t text, value; };

/// A pattern: parts in order. `open`: the part that is bounded from both ends, or kNone.
struct PatternRow { uint32_t part_first, part_count, open; };
enum class PartKind : uint32_t { kLiteral, kText, kWord, kInt, kNumber, kIp, kQuoted, kOpen, kHex, kSpaces, kTrimmed, kCount };
struct PartRow { uint32_t kind, text, var; };  ///< text: the literal

struct BlockRow { uint32_t kind, param_first, param_count; };  ///< params: list of strings (packs/block_set.h)

/// A way to recognise a pack: all of its literals hold.
struct CandidateRow {
  uint32_t pack, rank, literal_first, literal_count;
  uint32_t json_first, json_count;  ///< marks of a JSON object, all of which hold
  uint32_t order;                   ///< among candidates for JSON objects: the lower is tried first
};
/// A name of a JSON object and its values: strings, of which one ends the value where it ends in '*', or is '*'.
struct JsonMarkRow { uint32_t name, list_first, list_count; };
/// A name that candidates are found by.
struct JsonKeyRow { uint32_t text, list_first, list_count; };
/// kOwns: as kStarts; texts that begin so are tried with those that are told by their beginning before all others.
enum class LiteralKind : uint32_t { kStarts, kContains, kOwns, kCount };
struct LiteralRow { uint32_t kind, list_first, list_count; };  ///< one of the list's strings
struct ListRow { uint32_t value; };
struct FirstByteRow { uint32_t list_first, list_count; };  ///< candidates by the first byte, by rank: 256 rows of texts, 256 of whole lines
struct AppRow { uint32_t text, list_first, list_count; };  ///< candidates by program; a text that ends in '/' is a prefix

}  // namespace penstock::packs
