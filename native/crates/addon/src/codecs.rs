//! `native/codecs.ts` is the typed face of these: it validates and phrases errors.

use napi::bindgen_prelude::{Buffer, Uint8ArraySlice, Uint32Array};
use napi_derive::napi;
use penstock_codecs::zstd::Tuning;
use penstock_codecs::{Codec, CodecError, entropy, frames, gzip, lz4, zstd};

/// `compressInto` had no room.
const NO_ROOM: i32 = -1;

type Result<T> = napi::Result<T, &'static str>;

fn thrown(error: CodecError) -> napi::Error<&'static str> {
    napi::Error::new(error.code(), error.to_string())
}

fn refused(text: &str) -> napi::Error<&'static str> {
    thrown(CodecError::BadParameter(text.to_owned()))
}

/// zstd parameters beyond the level; absent ones are the level's own.
#[napi(object)]
pub struct ZstdTuning {
    pub window_log: Option<u32>,
    pub hash_log: Option<u32>,
    pub chain_log: Option<u32>,
    pub search_log: Option<u32>,
    pub min_match: Option<u32>,
    pub target_length: Option<u32>,
    pub strategy: Option<u32>,
}

#[napi]
pub struct Compressor {
    inner: penstock_codecs::Compressor,
}

#[napi]
impl Compressor {
    #[napi(constructor, catch_unwind)]
    pub fn new(codec: String, level: i32, tuning: Option<ZstdTuning>) -> Result<Compressor> {
        let tuning = tuning.map_or_else(Tuning::default, |t| Tuning {
            window_log: t.window_log,
            hash_log: t.hash_log,
            chain_log: t.chain_log,
            search_log: t.search_log,
            min_match: t.min_match,
            target_length: t.target_length,
            strategy: t.strategy,
        });
        let codec = Codec::from_name(&codec).ok_or_else(|| refused("unknown codec"))?;
        let inner = penstock_codecs::Compressor::new(codec, level, &tuning).map_err(thrown)?;
        Ok(Compressor { inner })
    }

    #[napi(catch_unwind)]
    pub fn set_level(&mut self, level: i32) -> Result<()> {
        self.inner.set_level(level).map_err(thrown)
    }

    /// Bytes written into `dst` from `dst_offset` on, or −1 when there is no room.
    #[napi(catch_unwind)]
    pub fn compress_into(
        &mut self,
        src: Uint8ArraySlice<'_>,
        src_offset: u32,
        src_length: u32,
        mut dst: Uint8ArraySlice<'_>,
        dst_offset: u32,
    ) -> Result<i32> {
        let (start, length) = (src_offset as usize, src_length as usize);
        let src = src.get(start..start.saturating_add(length)).ok_or_else(|| refused("source range"))?;
        // SAFETY: one thread calls this at a time, and the caller leaves both ranges alone during the call.
        let whole = unsafe { dst.as_mut() };
        let room = whole.get_mut(dst_offset as usize..).ok_or_else(|| refused("destination offset"))?;
        let written = self.inner.compress(src, room).map_err(thrown)?;
        Ok(written.and_then(|count| i32::try_from(count).ok()).unwrap_or(NO_ROOM))
    }
}

#[napi]
pub struct FramePacker {
    inner: frames::Packer,
}

#[allow(clippy::too_many_arguments)] // positional values: the typed face has checked them
#[napi]
impl FramePacker {
    #[napi(constructor, catch_unwind)]
    pub fn new(level: i32) -> Result<FramePacker> {
        Ok(FramePacker { inner: frames::Packer::new(level).map_err(thrown)? })
    }

    #[napi(catch_unwind)]
    pub fn set_level(&mut self, level: i32) -> Result<()> {
        self.inner.set_level(level).map_err(thrown)
    }

    /// Bytes written into `dst` from `dst_offset` on, before `dst_end`, or −1 when there is no room.
    #[napi(catch_unwind)]
    pub fn pack_into(
        &mut self,
        src: Uint8ArraySlice<'_>,
        src_offset: u32,
        src_length: u32,
        mut dst: Uint8ArraySlice<'_>,
        dst_offset: u32,
        dst_end: u32,
        route: u32,
    ) -> Result<i32> {
        let (start, length) = (src_offset as usize, src_length as usize);
        let src = src.get(start..start.saturating_add(length)).ok_or_else(|| refused("source range"))?;
        // SAFETY: one thread calls this at a time, and the caller leaves both ranges alone during the call.
        let whole = unsafe { dst.as_mut() };
        let range = dst_offset as usize..dst_end as usize;
        let room = whole.get_mut(range).ok_or_else(|| refused("destination range"))?;
        let written = self.inner.pack(route, src, room).map_err(thrown)?;
        Ok(written.and_then(|count| i32::try_from(count).ok()).unwrap_or(NO_ROOM))
    }
}

#[napi]
impl FramePacker {
    /// `dictionary`: of small frames of the route; none: they use none.
    #[napi(catch_unwind)]
    pub fn set_dictionary(&mut self, route: u32, dictionary: Option<&[u8]>) -> Result<()> {
        self.inner.dictionaries.set(route, dictionary).map_err(thrown)
    }

    /// [id, bytes without it, bytes with it]
    #[napi(catch_unwind)]
    pub fn dictionary_figures(&self, route: u32) -> Vec<f64> {
        let figures = self.inner.dictionaries.figures(route);
        vec![f64::from(figures.id), figures.without_bytes as f64, figures.with_bytes as f64]
    }

    #[napi(catch_unwind)]
    pub fn set_sampling(&mut self, on: bool) {
        self.inner.dictionaries.set_sampling(on);
    }

    /// The samples of a route; null: fewer than `count` were seen.
    #[napi(catch_unwind)]
    pub fn take_samples(&mut self, route: u32, count: u32) -> Option<Samples> {
        let (bytes, sizes) = self.inner.dictionaries.take_samples(route, u64::from(count))?;
        let sizes: Vec<u32> = sizes.iter().map(|size| *size as u32).collect();
        Some(Samples { route, bytes: bytes.into(), sizes: sizes.into() })
    }
}

#[napi(object)]
pub struct Samples {
    pub route: u32,
    pub bytes: Buffer,
    pub sizes: Uint32Array,
}

#[napi(catch_unwind)]
pub fn unpack_frame(frame: &[u8], max_bytes: u32) -> Result<Buffer> {
    frames::unpack(frame, max_bytes as usize).map(Buffer::from).map_err(thrown)
}

#[napi(catch_unwind)]
pub fn incompressible(src: Uint8ArraySlice<'_>, src_offset: u32, src_length: u32) -> Result<bool> {
    let (start, length) = (src_offset as usize, src_length as usize);
    let src = src.get(start..start.saturating_add(length)).ok_or_else(|| refused("source range"))?;
    Ok(entropy::looks_compressed(src))
}

#[napi(catch_unwind)]
pub fn compress_bound(codec: String, size: u32) -> Result<f64> {
    let codec = Codec::from_name(&codec).ok_or_else(|| refused("unknown codec"))?;
    Ok(codec.bound(size as usize) as f64)
}

#[napi(catch_unwind)]
pub fn zstd_decompress_bounded(input: &[u8], max_bytes: u32, dictionary: Option<&[u8]>) -> Result<Buffer> {
    zstd::decompress_with(input, max_bytes as usize, dictionary).map(Buffer::from).map_err(thrown)
}

#[napi(catch_unwind)]
pub fn lz4_frame_decompress_bounded(input: &[u8], max_bytes: u32) -> Result<Buffer> {
    lz4::decompress(input, max_bytes as usize).map(Buffer::from).map_err(thrown)
}

#[napi(catch_unwind)]
pub fn gzip_decompress_bounded(input: &[u8], max_bytes: u32) -> Result<Buffer> {
    gzip::decompress(input, max_bytes as usize).map(Buffer::from).map_err(thrown)
}
