//! The growing output of bounded decompression: doubles up to the limit, and one byte past it tells "too large" apart
//! from "exactly the limit".

use crate::{CodecError, Result};

pub struct Output {
    bytes: Vec<u8>,
    filled: usize,
    max: usize,
}

impl Output {
    /// `input` bytes are about to be decompressed into at most `max`.
    pub fn new(input: usize, max: usize) -> Output {
        let first = input.saturating_mul(4).clamp(256, 1 << 20).min(max.saturating_add(1));
        Output { bytes: vec![0; first], filled: 0, max }
    }

    /// Room to write into, never empty. Error when more than the limit was written.
    pub fn room(&mut self) -> Result<&mut [u8]> {
        if self.filled > self.max {
            return Err(CodecError::TooLarge);
        }
        if self.filled == self.bytes.len() {
            let grown = self.bytes.len().saturating_mul(2).min(self.max.saturating_add(1));
            let more = grown.saturating_sub(self.bytes.len());
            self.bytes.try_reserve_exact(more).map_err(|_| CodecError::OutOfMemory)?;
            self.bytes.resize(grown, 0);
        }
        self.bytes.get_mut(self.filled..).ok_or(CodecError::OutOfMemory)
    }

    /// `count` bytes of the room were written.
    pub fn wrote(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.bytes.len());
    }

    pub fn finish(mut self) -> Result<Vec<u8>> {
        if self.filled > self.max {
            return Err(CodecError::TooLarge);
        }
        self.bytes.truncate(self.filled);
        Ok(self.bytes)
    }
}
