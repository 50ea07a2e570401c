//! The LZ4 frame format as Kafka uses it since message format 1 (KIP-57): standard header checksum, independent blocks.

use std::ffi::CStr;
use std::ptr;

use lz4_sys::{
    BlockChecksum, BlockMode, BlockSize, ContentChecksum, FrameType, LZ4F_VERSION, LZ4F_compressBegin,
    LZ4F_compressBound, LZ4F_compressEnd, LZ4F_compressUpdate, LZ4F_createCompressionContext,
    LZ4F_createDecompressionContext, LZ4F_decompress, LZ4F_freeCompressionContext, LZ4F_freeDecompressionContext,
    LZ4F_getErrorName, LZ4F_isError, LZ4FCompressionContext, LZ4FDecompressionContext, LZ4FFrameInfo, LZ4FPreferences,
};

use crate::output::Output;
use crate::{CodecError, Result};

const LEVEL_MIN: i32 = 0;
const LEVEL_MAX: i32 = 12;
const HEADER_BYTES_MAX: usize = 19;
/// What LZ4F_compressBegin asks of its buffer whatever the header's real size.
const END_BYTES: usize = 8;

pub fn bound(size: usize) -> usize {
    // SAFETY: the preferences outlive the call; the function only computes.
    let blocks = unsafe { LZ4F_compressBound(size, &preferences(LEVEL_MAX)) };
    blocks.saturating_add(HEADER_BYTES_MAX + END_BYTES)
}

/// Blocks of 256 KiB: a match cannot reach from one block into another, so small blocks lose ratio, and a consumer
/// allocates one block.
fn preferences(level: i32) -> LZ4FPreferences {
    LZ4FPreferences {
        frame_info: LZ4FFrameInfo {
            block_size_id: BlockSize::Max256KB,
            block_mode: BlockMode::Independent,
            content_checksum_flag: ContentChecksum::NoChecksum,
            frame_type: FrameType::Frame,
            content_size: 0,
            dict_id: 0,
            block_checksum_flag: BlockChecksum::NoBlockChecksum,
        },
        compression_level: level.unsigned_abs(),
        auto_flush: 1,
        favor_dec_speed: 0,
        reserved: [0; 3],
    }
}

pub struct Lz4Compressor {
    context: LZ4FCompressionContext,
    preferences: LZ4FPreferences,
}

impl Lz4Compressor {
    /// Level 0 is LZ4's fast mode, 3 to 12 its high compression.
    pub fn new(level: i32) -> Result<Lz4Compressor> {
        if !(LEVEL_MIN..=LEVEL_MAX).contains(&level) {
            let text = format!("lz4 level {level} is not in {LEVEL_MIN} to {LEVEL_MAX}");
            return Err(CodecError::BadParameter(text));
        }
        let mut context = LZ4FCompressionContext(ptr::null_mut());
        // SAFETY: `context` is valid for writing; it is set when the answer is no error.
        let answer = unsafe { LZ4F_createCompressionContext(&mut context, LZ4F_VERSION) };
        if is_error(answer) || context.0.is_null() {
            return Err(CodecError::OutOfMemory);
        }
        Ok(Lz4Compressor { context, preferences: preferences(level) })
    }

    pub fn compress(&mut self, src: &[u8], dst: &mut [u8]) -> Result<Option<usize>> {
        if dst.len() < bound(src.len()) {
            // LZ4F refuses anything less than its own worst case.
            return Ok(None);
        }
        let mut filled = 0;
        // SAFETY: the context is live; pointers and sizes describe `src` and what is left of `dst`.
        unsafe {
            let room = rest(dst, filled)?;
            filled += checked(LZ4F_compressBegin(self.context, room.as_mut_ptr(), room.len(), &self.preferences))?;
            let room = rest(dst, filled)?;
            filled += checked(LZ4F_compressUpdate(
                self.context,
                room.as_mut_ptr(),
                room.len(),
                src.as_ptr(),
                src.len(),
                ptr::null(),
            ))?;
            let room = rest(dst, filled)?;
            filled += checked(LZ4F_compressEnd(self.context, room.as_mut_ptr(), room.len(), ptr::null()))?;
        }
        Ok(Some(filled))
    }
}

impl Drop for Lz4Compressor {
    fn drop(&mut self) {
        // SAFETY: created by `new`, freed here only.
        unsafe { LZ4F_freeCompressionContext(self.context) };
    }
}

struct Decompressor(LZ4FDecompressionContext);

impl Decompressor {
    fn new() -> Result<Decompressor> {
        let mut context = LZ4FDecompressionContext(ptr::null_mut());
        // SAFETY: `context` is valid for writing; it is set when the answer is no error.
        let answer = unsafe { LZ4F_createDecompressionContext(&mut context, LZ4F_VERSION) };
        if is_error(answer) || context.0.is_null() {
            return Err(CodecError::OutOfMemory);
        }
        Ok(Decompressor(context))
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: created by `new`, freed here only.
        unsafe { LZ4F_freeDecompressionContext(self.0) };
    }
}

/// Decompresses one or more frames into at most `max` bytes.
pub fn decompress(input: &[u8], max: usize) -> Result<Vec<u8>> {
    let context = Decompressor::new()?;
    let mut output = Output::new(input.len(), max);
    let mut left = input;
    let mut expected = 1;
    loop {
        let room = output.room()?;
        let size = room.len();
        let (mut wrote, mut read) = (size, left.len());
        // SAFETY: the context is live; pointers and sizes describe `left` and `room`; null options mean the defaults.
        let hint =
            unsafe { LZ4F_decompress(context.0, room.as_mut_ptr(), &mut wrote, left.as_ptr(), &mut read, ptr::null()) };
        if is_error(hint) {
            return Err(CodecError::Corrupt(error_name(hint)));
        }
        output.wrote(wrote);
        let at_end = left.is_empty() && expected == 0;
        if !(at_end && wrote == 0) {
            expected = hint;
        }
        left = left.get(read..).unwrap_or_default();
        if left.is_empty() && wrote < size {
            return if expected == 0 { output.finish() } else { Err(CodecError::Truncated) };
        }
    }
}

fn rest(bytes: &mut [u8], from: usize) -> Result<&mut [u8]> {
    bytes.get_mut(from..).ok_or(CodecError::OutOfMemory)
}

fn checked(answer: usize) -> Result<usize> {
    if is_error(answer) { Err(CodecError::BadParameter(error_name(answer))) } else { Ok(answer) }
}

fn is_error(answer: usize) -> bool {
    // SAFETY: a pure function of its argument.
    unsafe { LZ4F_isError(answer) != 0 }
}

fn error_name(code: usize) -> String {
    // SAFETY: LZ4F_getErrorName answers a static, terminated string for any code.
    unsafe { CStr::from_ptr(LZ4F_getErrorName(code)) }.to_string_lossy().into_owned()
}
