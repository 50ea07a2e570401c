// Counts a process's heap allocations from outside: loaded with LD_PRELOAD, it stands in front of the C library's own functions
// (__libc_*, glibc) and adds to the file that COUNT_ALLOCATIONS_FILE names, kSlots cache lines of (calls, bytes).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* block, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

enum { kSlots = 64 };
typedef struct {
  uint64_t calls;
  uint64_t bytes;
  uint64_t unused[6];
} Slot;

static Slot* slots;
// Threads seldom share a slot, so that counting does not make them wait for each other.
static _Thread_local unsigned mine;
static unsigned next;

__attribute__((constructor)) static void open_counters(void) {
  const char* path = getenv("COUNT_ALLOCATIONS_FILE");
  const int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd < 0) return;
  unsetenv("LD_PRELOAD");  // what this process starts is not counted
  if (ftruncate(fd, sizeof(Slot) * kSlots) == 0) {
    void* memory = mmap(NULL, sizeof(Slot) * kSlots, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) slots = memory;
  }
  close(fd);
}

static void count(size_t bytes) {
  if (!slots) return;
  if (mine == 0) mine = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % kSlots + 1;
  __atomic_fetch_add(&slots[mine - 1].calls, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&slots[mine - 1].bytes, bytes, __ATOMIC_RELAXED);
}

void* malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void* calloc(size_t number, size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}

void* realloc(void* block, size_t size) {
  count(size);
  return __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** block, size_t alignment, size_t size) {
  void* made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *block = made;
  return 0;
}
