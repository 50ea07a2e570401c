//! gzip (RFC 1952).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::output::Output;
use crate::{CodecError, Result};

const LEVEL_MAX: i32 = 9;
const WINDOW_BITS: u8 = 15;

/// The fastest level writes incompressible bytes with 9 bits each; then block overhead, header and trailer.
pub fn bound(size: usize) -> usize {
    size.saturating_add(size / 8).saturating_add(32)
}

pub struct GzipCompressor {
    context: Compress,
}

impl GzipCompressor {
    pub fn new(level: i32) -> Result<GzipCompressor> {
        let number = u32::try_from(level).ok().filter(|_| level <= LEVEL_MAX);
        let Some(number) = number else {
            return Err(CodecError::BadParameter(format!("gzip level {level} is not in 0 to {LEVEL_MAX}")));
        };
        Ok(GzipCompressor { context: Compress::new_gzip(Compression::new(number), WINDOW_BITS) })
    }

    pub fn compress(&mut self, src: &[u8], dst: &mut [u8]) -> Result<Option<usize>> {
        self.context.reset();
        match self.context.compress(src, dst, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => Ok(usize::try_from(self.context.total_out()).ok()),
            Ok(Status::Ok | Status::BufError) => Ok(None),
            Err(error) => Err(CodecError::BadParameter(error.to_string())),
        }
    }
}

/// Decompresses one or more members into at most `max` bytes.
pub fn decompress(input: &[u8], max: usize) -> Result<Vec<u8>> {
    let mut context = Decompress::new_gzip(WINDOW_BITS);
    let mut output = Output::new(input.len(), max);
    let mut left = input;
    loop {
        let room = output.room()?;
        let size = room.len();
        let (read_before, wrote_before) = (context.total_in(), context.total_out());
        let status = context.decompress(left, room, FlushDecompress::None);
        let read = usize::try_from(context.total_in() - read_before).unwrap_or(usize::MAX);
        let wrote = usize::try_from(context.total_out() - wrote_before).unwrap_or(usize::MAX);
        output.wrote(wrote);
        left = left.get(read..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) if left.is_empty() => return output.finish(),
            Ok(Status::StreamEnd) => context = Decompress::new_gzip(WINDOW_BITS),
            Ok(Status::Ok | Status::BufError) if left.is_empty() && wrote < size => {
                return Err(CodecError::Truncated);
            }
            Ok(Status::Ok) => {}
            Ok(Status::BufError) if wrote > 0 || read > 0 => {}
            Ok(Status::BufError) => return Err(CodecError::Corrupt("no progress".to_owned())),
            Err(error) => return Err(CodecError::Corrupt(error.to_string())),
        }
    }
}
