// A disk in memory that does what disks are allowed to do: writes tear, syncs fail and forget, names vanish, bits flip, space
// runs out. Everything random comes from one seed.
//
// A file has what the running system sees (`now`) and what a power failure leaves for sure (`safe`). Between two syncs each
// sector that was written may reach the disk whole, in part, or not at all; so may every change of a directory.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "journal/disk.h"

namespace penstock_test {

using penstock::Disk;

/// Chances in 1000 per call.
struct DiskFaults {
  int write_error = 0;
  int short_write = 0;
  int truncate_error = 0;
  int sync_error = 0;
  int directory_sync_error = 0;
  int open_error = 0;
  int read_error = 0;
  int short_read = 0;
  int die_in_write = 0;  ///< the process is killed in the middle of a write
};

class ModelDisk final : public Disk {
 public:
  explicit ModelDisk(uint64_t seed) : random_(seed) {}
  DiskFaults faults;
  bool full = false;   ///< ENOSPC for what needs room
  bool drops_failed_pages = true;

  struct File {
    std::vector<uint8_t> now;
    std::vector<uint8_t> safe;
    std::set<size_t> dirty;     ///< sectors written since the last good sync
    size_t names = 0;
  };
  using Directory = std::map<std::string, std::shared_ptr<File>>;

  // What tests do to it.
  Directory& files() { return now_; }
  /// The process is gone: its descriptors too. What it wrote stays.
  void kill() {
    open_.clear();
    dead_ = false;
  }
  /// The process died within a call; kill() or lose_power() comes next.
  bool dead() const { return dead_; }
  size_t died_writing() const { return died_writing_; }  ///< bytes of that write
  /// The power is gone: of what was not synced any part may be there.
  void lose_power() {
    kill();
    Directory left;
    std::set<std::string> names;
    for (const auto& [name, file] : now_) names.insert(name);
    for (const auto& [name, file] : safe_) names.insert(name);
    for (const std::string& name : names) {
      const auto a = now_.find(name);
      const auto b = safe_.find(name);
      const std::shared_ptr<File> now = a == now_.end() ? nullptr : a->second;
      const std::shared_ptr<File> safe = b == safe_.end() ? nullptr : b->second;
      const std::shared_ptr<File> kept = one_in(2) ? now : safe;
      if (kept) left[name] = kept;
    }
    now_ = safe_ = left;
    std::set<File*> done;
    for (const auto& [name, file] : now_)
      if (done.insert(file.get()).second) tear(*file);
    for (const auto& [name, file] : now_) file->names = 0;
    for (const auto& [name, file] : now_) ++file->names;
  }
  /// Flips a bit of a byte at rest.
  void flip(File& file, size_t at) {
    file.now[at] ^= static_cast<uint8_t>(1u << random_() % 8);
    if (at < file.safe.size()) file.safe[at] = file.now[at];
  }
  uint64_t random() { return random_(); }
  bool one_in(uint64_t n) { return random_() % n == 0; }

  // What the product asks.
  int open(const char* path, int flags, mode_t) override {
    if ((dead_ && flags != O_RDONLY) || chance(faults.open_error)) return fail(EIO);
    auto found = now_.find(path);
    if (found == now_.end()) {
      if (!(flags & O_CREAT)) return fail(ENOENT);
      if (full) return fail(ENOSPC);
      auto file = std::make_shared<File>();
      file->names = 1;
      found = now_.emplace(path, file).first;
    } else if (flags & O_EXCL) {
      return fail(EEXIST);
    }
    open_[next_fd_] = found->second;
    return next_fd_++;
  }
  int close(int fd) override { return open_.erase(fd) ? 0 : fail(EBADF); }
  ssize_t pread(int fd, void* out, size_t size, off_t offset) override {
    File* file = of(fd);
    if (!file) return -1;
    if (chance(faults.read_error)) return fail(EIO);
    const auto at = static_cast<size_t>(offset);
    if (at >= file->now.size()) return 0;
    size = std::min(size, file->now.size() - at);
    if (size > 1 && chance(faults.short_read)) size = 1 + random_() % (size - 1);
    std::memcpy(out, file->now.data() + at, size);
    return static_cast<ssize_t>(size);
  }
  ssize_t pwritev(int fd, const iovec* iov, int count, off_t offset) override {
    File* file = of(fd);
    if (!file) return -1;
    if (dead_ || chance(faults.write_error)) return fail(EIO);
    size_t total = 0;
    for (int i = 0; i < count; ++i) total += iov[i].iov_len;
    if (total > 1 && (full || chance(faults.short_write))) total = random_() % total;
    if (full && total == 0) return fail(ENOSPC);
    if (total == 0) total = 1;
    if (total > 1 && chance(faults.die_in_write)) {
      dead_ = true;
      died_writing_ = total;
      total = random_() % total;
    }
    auto at = static_cast<size_t>(offset);
    size_t left = total;
    for (int i = 0; i < count && left > 0; ++i) {
      const size_t part = std::min(left, iov[i].iov_len);
      put(*file, at, static_cast<const uint8_t*>(iov[i].iov_base), part);
      at += part;
      left -= part;
    }
    return dead_ ? fail(EIO) : static_cast<ssize_t>(total);
  }
  int ftruncate(int fd, off_t size) override {
    File* file = of(fd);
    if (!file) return -1;
    if (dead_ || chance(faults.truncate_error)) return fail(EIO);
    file->now.resize(static_cast<size_t>(size));
    return 0;
  }
  int fallocate(int fd, int, off_t, off_t) override { return !of(fd) ? -1 : full ? fail(ENOSPC) : 0; }
  int fdatasync(int fd) override {
    File* file = of(fd);
    if (!file) return -1;
    if (dead_) return fail(EIO);
    const bool failed = chance(faults.sync_error);
    for (auto sector = file->dirty.begin(); sector != file->dirty.end();) {
      // A sync that fails gets some of it down, drops the rest, and calls all of it clean.
      if (!failed || one_in(2)) settle(*file, *sector);
      sector = failed && !drops_failed_pages ? std::next(sector) : file->dirty.erase(sector);
    }
    if (failed) return fail(EIO);
    file->safe.resize(file->now.size());
    return 0;
  }
  int stat(int fd, uint64_t& size, uint64_t& names) override {
    File* file = of(fd);
    if (!file) return -1;
    size = file->now.size();
    names = file->names;
    return 0;
  }
  int unlink(const char* path) override {
    if (dead_) return fail(EIO);
    const auto found = now_.find(path);
    if (found == now_.end()) return fail(ENOENT);
    --found->second->names;
    now_.erase(found);
    return 0;
  }
  int rename(const char* from, const char* to) override {
    if (dead_) return fail(EIO);
    const auto found = now_.find(from);
    if (found == now_.end()) return fail(ENOENT);
    if (now_.contains(to)) return fail(EEXIST);
    now_[to] = found->second;
    now_.erase(from);
    return 0;
  }
  int make_directory(const char*) override { return fail(EEXIST); }
  int sync_directory(const char*) override {
    if (dead_ || chance(faults.directory_sync_error)) return fail(EIO);
    safe_ = now_;
    return 0;
  }
  int list(const char* path, std::vector<std::string>& names) override {
    names.clear();
    const std::string prefix = std::string(path) + "/";
    for (const auto& [name, file] : now_)
      if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
    return 0;
  }

 private:
  static constexpr size_t kSector = 512;

  static int fail(int error) {
    errno = error;
    return -1;
  }
  bool chance(int in_1000) { return in_1000 > 0 && static_cast<int>(random_() % 1000) < in_1000; }
  File* of(int fd) {
    const auto found = open_.find(fd);
    if (found != open_.end()) return found->second.get();
    errno = EBADF;
    return nullptr;
  }
  static void put(File& file, size_t at, const uint8_t* data, size_t size) {
    if (size == 0) return;
    for (size_t sector = std::min(at, file.now.size()) / kSector; sector <= (at + size - 1) / kSector; ++sector) file.dirty.insert(sector);
    if (file.now.size() < at + size) file.now.resize(at + size);
    std::memcpy(file.now.data() + at, data, size);
  }
  /// The sector is on the disk as it is now.
  static void settle(File& file, size_t sector) {
    const size_t from = sector * kSector;
    const size_t to = std::min(from + kSector, file.now.size());
    if (from >= to) return;
    if (file.safe.size() < to) file.safe.resize(to);
    std::memcpy(file.safe.data() + from, file.now.data() + from, to - from);
  }
  /// What the platter holds when the machine comes up again.
  void tear(File& file) {
    const std::vector<uint8_t> now = file.now;
    std::vector<uint8_t> left = file.safe;
    // The size is metadata of its own: old, new, or one of those in between.
    const size_t low = std::min(left.size(), now.size());
    const size_t high = std::max(left.size(), now.size());
    const size_t size = one_in(3) ? left.size() : one_in(2) ? now.size() : low + random_() % (high - low + 1);
    left.resize(std::max(size, now.size()));
    for (const size_t sector : file.dirty) {
      const size_t from = sector * kSector;
      if (from >= now.size()) continue;
      const size_t bytes = std::min(kSector, now.size() - from);
      const size_t part = one_in(2) ? bytes : one_in(2) ? 0 : random_() % (bytes + 1);
      std::memcpy(left.data() + from, now.data() + from, part);
      // A half-written sector holds anything, but where it was safe before: disks keep that when they overwrite.
      const size_t at = from + part + (part < bytes ? random_() % (bytes - part) : 0);
      if (part < bytes && one_in(8) && at >= file.safe.size()) left[at] ^= 0x5a;
    }
    left.resize(size);
    file.now = file.safe = left;
    file.dirty.clear();
  }

  std::mt19937_64 random_;
  Directory now_;
  Directory safe_;
  std::map<int, std::shared_ptr<File>> open_;
  int next_fd_ = 3;
  bool dead_ = false;
  size_t died_writing_ = 0;
};

}  // namespace penstock_test
