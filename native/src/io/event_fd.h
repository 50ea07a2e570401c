// Event descriptors for rings and threads. They are never closed, only lent again: a consumer that has just read a ring's
// descriptor may still write to it, and must not write into a file that was given the same number.
#pragma once

namespace penstock {

/// A non-blocking eventfd, perhaps with a wake-up left in it; −errno when there is none.
int take_event_fd();
void give_back_event_fd(int fd);

}  // namespace penstock
