//! Zstandard (RFC 8878).

use std::sync::Arc;

use zstd_safe::{
    CCtx, CParameter, DCtx, DDict, DParameter, InBuffer, OutBuffer, ParamSwitch, Strategy, get_error_name,
};
use zstd_sys::{ZSTD_ErrorCode, ZSTD_getErrorCode};

use crate::digested::{Digested, digested};
use crate::output::Output;
use crate::{CodecError, Result};

/// Parameters beyond the level; None leaves the level's own. Bounds are zstd's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tuning {
    pub window_log: Option<u32>,
    pub hash_log: Option<u32>,
    pub chain_log: Option<u32>,
    pub search_log: Option<u32>,
    pub min_match: Option<u32>,
    pub target_length: Option<u32>,
    /// 1 (fast) to 9 (btultra2).
    pub strategy: Option<u32>,
}

pub fn bound(size: usize) -> usize {
    zstd_safe::compress_bound(size)
}

/// Level 1 looks for matches in a table of this many entries (as a power of two): 32 KiB, which stay in a core's first cache. zstd's own
/// table is twice that, and slower by more than it finds: docs/decisions/zstd-table.md.
const HASH_LOG_LEVEL_1: u32 = 13;

/// With a dictionary, level 1 steps on by more where it finds nothing: most of a small frame is in the dictionary, and the rest is hardly worth
/// the search (docs/decisions/frames.md).
const STEP_LEVEL_1: u32 = 6;

/// What is set beside the level where that is 1.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtLevel1 {
    Nothing,
    /// The table of matches fits the first cache.
    SmallTable,
    /// Less is searched.
    LongSteps,
}

pub struct ZstdCompressor {
    context: CCtx<'static>,
    at_level_1: AtLevel1,
    dictionary: Option<Arc<[u8]>>,
}

impl ZstdCompressor {
    pub fn new(level: i32, tuning: &Tuning) -> Result<ZstdCompressor> {
        check_level(level)?;
        let context = CCtx::try_create().ok_or(CodecError::OutOfMemory)?;
        let mut compressor = ZstdCompressor { context, at_level_1: AtLevel1::Nothing, dictionary: None };
        for parameter in parameters(level, tuning)? {
            compressor.set(parameter)?;
        }
        Ok(compressor)
    }

    /// For batches of some hundred KiB and more: at level 1 the table of matches fits the first cache. What `tuning` asks for is kept.
    pub fn for_batches(level: i32, tuning: &Tuning) -> Result<ZstdCompressor> {
        let mut compressor = ZstdCompressor::new(level, tuning)?;
        if tuning.hash_log.is_none() {
            compressor.at_level_1 = AtLevel1::SmallTable;
        }
        compressor.follow_level(level)?;
        Ok(compressor)
    }

    /// For frames of a few KiB with a dictionary, which is to be loaded.
    pub fn for_small_frames(level: i32) -> Result<ZstdCompressor> {
        let mut compressor = ZstdCompressor::new(level, &Tuning::default())?;
        compressor.at_level_1 = AtLevel1::LongSteps;
        compressor.follow_level(level)?;
        Ok(compressor)
    }

    /// Other level from the next call on; the context and what was set beside the level stay.
    pub fn set_level(&mut self, level: i32) -> Result<()> {
        check_level(level)?;
        self.set(CParameter::CompressionLevel(level))?;
        self.follow_level(level)?;
        // Its tables are those of the level it was loaded at.
        if let Some(dictionary) = self.dictionary.take() { self.load_dictionary(&dictionary) } else { Ok(()) }
    }

    fn follow_level(&mut self, level: i32) -> Result<()> {
        let of_the_level = 0;
        let value = |at_level_1| if level == 1 { at_level_1 } else { of_the_level };
        match self.at_level_1 {
            AtLevel1::Nothing => Ok(()),
            AtLevel1::SmallTable => self.set(CParameter::HashLog(value(HASH_LOG_LEVEL_1))),
            AtLevel1::LongSteps => self.set(CParameter::TargetLength(value(STEP_LEVEL_1))),
        }
    }

    /// Compresses with this dictionary from the next call on; its id is in every frame.
    pub fn load_dictionary(&mut self, dictionary: &[u8]) -> Result<()> {
        self.context
            .load_dictionary(dictionary)
            .map_err(|code| CodecError::BadParameter(get_error_name(code).to_owned()))?;
        self.dictionary = Some(Arc::from(dictionary));
        Ok(())
    }

    fn set(&mut self, parameter: CParameter) -> Result<()> {
        self.context
            .set_parameter(parameter)
            .map(|_| ())
            .map_err(|code| CodecError::BadParameter(get_error_name(code).to_owned()))
    }

    /// Entropy-codes literals at the negative levels too, where zstd leaves them as they are.
    pub fn compress_literals(&mut self) -> Result<()> {
        self.set(CParameter::LiteralCompressionMode(ParamSwitch::Enable))
    }

    /// Writes one frame with its content size and without a checksum: a record batch has its own.
    pub fn compress(&mut self, src: &[u8], dst: &mut [u8]) -> Result<Option<usize>> {
        match self.context.compress2(dst, src) {
            Ok(written) => Ok(Some(written)),
            Err(code) => {
                let known = error_code(code);
                if known == ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall {
                    return Ok(None);
                }
                if known == ZSTD_ErrorCode::ZSTD_error_memory_allocation {
                    return Err(CodecError::OutOfMemory);
                }
                Err(CodecError::BadParameter(get_error_name(code).to_owned()))
            }
        }
    }
}

fn check_level(level: i32) -> Result<()> {
    let (min, max) = (zstd_safe::min_c_level(), zstd_safe::max_c_level());
    if (min..=max).contains(&level) {
        return Ok(());
    }
    Err(CodecError::BadParameter(format!("zstd level {level} is not in {min} to {max}")))
}

fn parameters(level: i32, tuning: &Tuning) -> Result<Vec<CParameter>> {
    let mut all = vec![CParameter::CompressionLevel(level), CParameter::ChecksumFlag(false)];
    all.extend(tuning.window_log.map(CParameter::WindowLog));
    all.extend(tuning.hash_log.map(CParameter::HashLog));
    all.extend(tuning.chain_log.map(CParameter::ChainLog));
    all.extend(tuning.search_log.map(CParameter::SearchLog));
    all.extend(tuning.min_match.map(CParameter::MinMatch));
    all.extend(tuning.target_length.map(CParameter::TargetLength));
    if let Some(number) = tuning.strategy {
        all.push(CParameter::Strategy(strategy(number)?));
    }
    Ok(all)
}

fn strategy(number: u32) -> Result<Strategy> {
    Ok(match number {
        1 => Strategy::ZSTD_fast,
        2 => Strategy::ZSTD_dfast,
        3 => Strategy::ZSTD_greedy,
        4 => Strategy::ZSTD_lazy,
        5 => Strategy::ZSTD_lazy2,
        6 => Strategy::ZSTD_btlazy2,
        7 => Strategy::ZSTD_btopt,
        8 => Strategy::ZSTD_btultra,
        9 => Strategy::ZSTD_btultra2,
        _ => return Err(CodecError::BadParameter(format!("zstd strategy {number} is not in 1 to 9"))),
    })
}

/// The window every decoder should support (RFC 8878, 3.1.1.1.2) and the largest we allow, as powers of two: a frame
/// header may ask for gigabytes before it gives a single byte.
const WINDOW_LOG_COMMON: u32 = 23;
const WINDOW_LOG_MAX: u32 = 27;

/// Decompresses one or more frames (skippable ones among them) into at most `max` bytes.
pub fn decompress(input: &[u8], max: usize) -> Result<Vec<u8>> {
    decompress_with(input, max, None)
}

/// The same with a dictionary, for frames that need it; others are read as well.
pub fn decompress_with(input: &[u8], max: usize, dictionary: Option<&[u8]>) -> Result<Vec<u8>> {
    let dictionary = dictionary.map(digested).transpose()?;
    let mut context = context_with(dictionary.as_deref())?;
    let needed = usize::BITS - max.saturating_sub(1).leading_zeros();
    let window_log = needed.clamp(WINDOW_LOG_COMMON, WINDOW_LOG_MAX);
    context.set_parameter(DParameter::WindowLogMax(window_log)).map_err(corrupt)?;

    let mut output = Output::new(input.len(), max);
    let mut source = InBuffer::around(input);
    let mut expected = 1;
    loop {
        let room = output.room()?;
        let size = room.len();
        let mut target = OutBuffer::around(room);
        let before = source.pos();
        expected = match context.decompress_stream(&mut target, &mut source) {
            // Between frames with nothing left to read, zstd asks for the next header: the end, not an error.
            Ok(_) if before == input.len() && expected == 0 && target.pos() == 0 => 0,
            Ok(hint) => hint,
            Err(code) if error_code(code) == ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge => {
                return Err(CodecError::WindowTooLarge(1 << window_log));
            }
            Err(code) => return Err(corrupt(code)),
        };
        let wrote = target.pos();
        output.wrote(wrote);
        if source.pos() == input.len() && wrote < size {
            return if expected == 0 { output.finish() } else { Err(CodecError::Truncated) };
        }
    }
}

fn context_with(dictionary: Option<&Digested>) -> Result<DCtx<'_>> {
    let mut context = DCtx::try_create().ok_or(CodecError::OutOfMemory)?;
    if let Some(dictionary) = dictionary {
        context.ref_ddict(&dictionary.tables).map_err(corrupt)?;
    }
    Ok(context)
}

/// Decompresses a frame's sections, whose sizes are known: one context serves them all.
pub struct Sections<'a> {
    context: DCtx<'a>,
}

impl<'a> Sections<'a> {
    pub fn new(dictionary: Option<&'a Digested>) -> Result<Sections<'a>> {
        Ok(Sections { context: context_with(dictionary)? })
    }

    /// Appends what `input` holds, at most `size` bytes.
    pub fn append(&mut self, input: &[u8], size: usize, output: &mut Vec<u8>) -> Result<()> {
        let start = output.len();
        output.try_reserve(size).map_err(|_| CodecError::OutOfMemory)?;
        output.resize(start.saturating_add(size), 0);
        let room = output.get_mut(start..).ok_or(CodecError::OutOfMemory)?;
        let wrote = self.context.decompress(room, input).map_err(|code| match error_code(code) {
            ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall => CodecError::TooLarge,
            ZSTD_ErrorCode::ZSTD_error_srcSize_wrong => CodecError::Truncated,
            _ => corrupt(code),
        })?;
        output.truncate(start.saturating_add(wrote));
        Ok(())
    }
}

/// Reads a dictionary's tables.
pub fn check_dictionary(dictionary: &[u8]) -> Result<()> {
    DDict::try_create(dictionary)
        .map(|_| ())
        .ok_or_else(|| CodecError::BadParameter("not a zstd dictionary: its tables are damaged".to_owned()))
}

fn corrupt(code: usize) -> CodecError {
    match error_code(code) {
        ZSTD_ErrorCode::ZSTD_error_memory_allocation => CodecError::OutOfMemory,
        _ => CodecError::Corrupt(get_error_name(code).to_owned()),
    }
}

fn error_code(code: usize) -> ZSTD_ErrorCode {
    // SAFETY: a pure function of its argument.
    unsafe { ZSTD_getErrorCode(code) }
}
