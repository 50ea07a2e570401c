// Avro's types that JSON has no form for, as JSON text. Each writes kTextSizeMax bytes at most; false: the value is beyond what its form
// can show, and nothing was written that counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::avro {

inline constexpr size_t kTextSizeMax = 256;
/// Larger decimals are bytes.
inline constexpr size_t kDecimalBytesMax = 32;

/// "2026-03-01"; years 0 to 9999.
bool put_date(uint8_t*& out, int64_t days);
/// "22:14:15.003"; `per_second`: 1000 or 1000000.
bool put_time_of_day(uint8_t*& out, int64_t value, uint32_t per_second);
/// "2026-03-01T22:14:15.003Z", without the Z when `local`; instants that fit 64 bits of nanoseconds (1677 to 2262).
bool put_timestamp(uint8_t*& out, int64_t value, int64_t ns_each, bool local);
/// A number: two's complement, big-endian, times 10^-scale.
bool put_decimal(uint8_t*& out, std::string_view bytes, uint32_t scale);
/// "123e4567-e89b-12d3-a456-426614174000" of 16 bytes.
void put_uuid(uint8_t*& out, const uint8_t* bytes);
/// "P1M2DT3.004S" (ISO 8601) of 12 bytes: months, days, milliseconds.
void put_duration(uint8_t*& out, const uint8_t* bytes);
/// The shortest text that reads back as the same float.
void put_float(uint8_t*& out, float value);

/// Bytes that put_base64 writes, quotes included.
constexpr size_t base64_size(size_t size) { return (size + 2) / 3 * 4 + 2; }
void put_base64(uint8_t*& out, std::string_view bytes);
/// Bytes that put_hex writes, quotes included.
constexpr size_t hex_size(size_t size) { return 2 * size + 2; }
void put_hex(uint8_t*& out, std::string_view bytes);

}  // namespace penstock::avro
