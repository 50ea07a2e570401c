//! Compression for Kafka record batches, and bounded decompression of what peers send.
//!
//! A [`Compressor`] owns its codec's context: compressing allocates nothing once the first call has sized it.
//! Decompression never writes more than the caller's limit and answers an error for whatever is not a whole stream.

#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod crc32c;
pub mod dictionary;
mod digested;
pub mod entropy;
pub mod frame_dictionaries;
pub mod frames;
pub mod gzip;
pub mod lz4;
mod output;
pub mod zstd;

use std::fmt;

/// Why a codec refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodecError {
    /// The output would exceed the limit the caller gave.
    TooLarge,
    /// A zstd frame needs a window of more bytes than these, whatever it holds.
    WindowTooLarge(u64),
    /// The bytes are not a stream of this codec; the codec's own words.
    Corrupt(String),
    /// The stream ends early.
    Truncated,
    /// A level or parameter outside what the codec accepts.
    BadParameter(String),
    /// The codec's context could not be allocated.
    OutOfMemory,
    /// A frame needs the zstd dictionary of this id, which is not known to this process.
    NoDictionary(u32),
}

impl CodecError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            CodecError::TooLarge => "TOO_LARGE",
            CodecError::WindowTooLarge(_) => "WINDOW_TOO_LARGE",
            CodecError::Corrupt(_) => "CORRUPT",
            CodecError::Truncated => "TRUNCATED",
            CodecError::BadParameter(_) => "BAD_PARAMETER",
            CodecError::OutOfMemory => "OUT_OF_MEMORY",
            CodecError::NoDictionary(_) => "NO_DICTIONARY",
        }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodecError::TooLarge => f.write_str("the decompressed bytes exceed the limit"),
            CodecError::WindowTooLarge(most) => write!(
                f,
                "a zstd frame needs a window of more than {most} bytes: compress at level 19 or below, without long distance matching"
            ),
            CodecError::Corrupt(why) => write!(f, "not a valid stream: {why}"),
            CodecError::Truncated => f.write_str("the stream ends early"),
            CodecError::BadParameter(why) => write!(f, "parameter refused: {why}"),
            CodecError::OutOfMemory => f.write_str("no memory for the codec's context"),
            CodecError::NoDictionary(id) => write!(
                f,
                "the frame needs the zstd dictionary {id}, which is not known here: it is {id:08x}.zdict in the folder dictionaries beside \
                 the journal of the node that wrote it, and the record {id:08x} of the topic its Kafka sink announces dictionaries in"
            ),
        }
    }
}

impl std::error::Error for CodecError {}

pub type Result<T> = std::result::Result<T, CodecError>;

/// A codec of Kafka's record batches (attribute bits 0–2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Gzip,
    Lz4,
    Zstd,
}

impl Codec {
    pub fn from_name(name: &str) -> Option<Codec> {
        match name {
            "gzip" => Some(Codec::Gzip),
            "lz4" => Some(Codec::Lz4),
            "zstd" => Some(Codec::Zstd),
            _ => None,
        }
    }

    /// Bytes of output that are always enough for `size` bytes of input, at any level.
    pub fn bound(self, size: usize) -> usize {
        match self {
            Codec::Gzip => gzip::bound(size),
            Codec::Lz4 => lz4::bound(size),
            Codec::Zstd => zstd::bound(size),
        }
    }
}

/// A reusable compression context. One thread uses it at a time.
pub enum Compressor {
    Gzip(gzip::GzipCompressor),
    Lz4(lz4::Lz4Compressor),
    Zstd(zstd::ZstdCompressor),
}

impl Compressor {
    /// `tuning` is zstd's own; the other codecs have only a level.
    pub fn new(codec: Codec, level: i32, tuning: &zstd::Tuning) -> Result<Compressor> {
        Ok(match codec {
            Codec::Gzip => Compressor::Gzip(gzip::GzipCompressor::new(level)?),
            Codec::Lz4 => Compressor::Lz4(lz4::Lz4Compressor::new(level)?),
            Codec::Zstd => Compressor::Zstd(zstd::ZstdCompressor::for_batches(level, tuning)?),
        })
    }

    /// Other level from the next call on. zstd's context stays; the other codecs' are made anew.
    pub fn set_level(&mut self, level: i32) -> Result<()> {
        match self {
            Compressor::Gzip(gzip) => *gzip = gzip::GzipCompressor::new(level)?,
            Compressor::Lz4(lz4) => *lz4 = lz4::Lz4Compressor::new(level)?,
            Compressor::Zstd(zstd) => zstd.set_level(level)?,
        }
        Ok(())
    }

    /// Compresses all of `src` into one frame at the start of `dst`. The bytes written, or None when `dst` has no room.
    pub fn compress(&mut self, src: &[u8], dst: &mut [u8]) -> Result<Option<usize>> {
        match self {
            Compressor::Gzip(gzip) => gzip.compress(src, dst),
            Compressor::Lz4(lz4) => lz4.compress(src, dst),
            Compressor::Zstd(zstd) => zstd.compress(src, dst),
        }
    }
}
