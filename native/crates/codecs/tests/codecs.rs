//! Round trips, bounds, bombs and damage, for every codec alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::PathBuf;

use penstock_codecs::zstd::Tuning;
use penstock_codecs::{Codec, CodecError, Compressor, gzip, lz4, zstd};

const CODECS: [(Codec, [i32; 3]); 3] = [(Codec::Gzip, [1, 6, 9]), (Codec::Lz4, [0, 3, 12]), (Codec::Zstd, [-5, 1, 9])];

fn decompress(codec: Codec, input: &[u8], max: usize) -> Result<Vec<u8>, CodecError> {
    match codec {
        Codec::Gzip => gzip::decompress(input, max),
        Codec::Lz4 => lz4::decompress(input, max),
        Codec::Zstd => zstd::decompress(input, max),
    }
}

fn compressed(codec: Codec, level: i32, input: &[u8]) -> Vec<u8> {
    let mut out = vec![0; codec.bound(input.len())];
    let mut compressor = Compressor::new(codec, level, &Tuning::default()).unwrap();
    let size = compressor.compress(input, &mut out).unwrap().unwrap();
    out.truncate(size);
    out
}

fn noise(size: usize) -> Vec<u8> {
    let mut state = 1u32;
    (0..size)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn logs(size: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for i in 0.. {
        text.extend(format!("<34>1 2024-05-01T00:00:{:02}Z host{} sshd {i} - - Failed\n", i % 60, i % 7).bytes());
        if text.len() >= size {
            break;
        }
    }
    text.truncate(size);
    text
}

fn golden(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../test/data/codecs/zstd").join(folder);
    let mut files: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3);
    files.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

#[test]
fn round_trips_with_one_context_for_all() {
    for (codec, levels) in CODECS {
        for level in levels {
            let mut compressor = Compressor::new(codec, level, &Tuning::default()).unwrap();
            for input in [vec![], vec![7], logs(100), logs(300_000), noise(1_000), noise(700_000), vec![0; 1 << 20]] {
                let mut out = vec![0xaa; codec.bound(input.len()) + 1];
                let size = compressor.compress(&input, &mut out).unwrap().expect("the bound is always enough");
                assert!(size < out.len(), "{codec:?} {level}: the byte after the bound was used");
                assert_eq!(decompress(codec, &out[..size], input.len()).unwrap(), input, "{codec:?} {level}");
            }
        }
    }
}

#[test]
fn says_when_there_is_no_room_and_goes_on() {
    for (codec, levels) in CODECS {
        let mut compressor = Compressor::new(codec, levels[1], &Tuning::default()).unwrap();
        let input = noise(10_000);
        for room in [0, 1, 30, 9_000] {
            assert_eq!(compressor.compress(&input, &mut vec![0; room]).unwrap(), None, "{codec:?} {room}");
        }
        let mut out = vec![0; codec.bound(input.len())];
        let size = compressor.compress(&input, &mut out).unwrap().unwrap();
        assert_eq!(decompress(codec, &out[..size], 10_000).unwrap(), input);
    }
}

#[test]
fn the_limit_is_exact_and_a_bomb_stops_at_it() {
    let bomb = vec![0; 64 << 20];
    for (codec, levels) in CODECS {
        let small = compressed(codec, levels[1], &bomb);
        assert!(small.len() < bomb.len() / 200, "{codec:?}");
        assert_eq!(decompress(codec, &small, 1 << 20), Err(CodecError::TooLarge), "{codec:?}");
        assert_eq!(decompress(codec, &small, bomb.len() - 1), Err(CodecError::TooLarge), "{codec:?}");
        assert_eq!(decompress(codec, &small, bomb.len()).unwrap().len(), bomb.len(), "{codec:?}");
        assert_eq!(decompress(codec, &small, 0), Err(CodecError::TooLarge), "{codec:?}");
    }
}

#[test]
fn several_frames_are_one_stream() {
    for (codec, levels) in CODECS {
        let (a, b) = (logs(5_000), logs(70_000));
        let joined = [compressed(codec, levels[0], &a), compressed(codec, levels[2], &b)].concat();
        assert_eq!(decompress(codec, &joined, 100_000).unwrap(), [a, b].concat(), "{codec:?}");
    }
}

#[test]
fn a_stream_that_ends_early_is_truncated_at_every_length() {
    for (codec, levels) in CODECS {
        let whole = compressed(codec, levels[1], &logs(400));
        for length in 0..whole.len() {
            assert_eq!(
                decompress(codec, &whole[..length], 10_000),
                Err(CodecError::Truncated),
                "{codec:?} {length} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn damage_never_panics_nor_exceeds_the_limit() {
    for (codec, levels) in CODECS {
        let whole = compressed(codec, levels[1], &logs(2_000));
        for at in 0..whole.len() {
            for flip in [1, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                if let Ok(out) = decompress(codec, &damaged, 4_000) {
                    assert!(out.len() <= 4_000);
                }
            }
        }
        assert!(decompress(codec, &noise(5_000), 4_000).is_err());
        let trailed = [whole.clone(), b"garbage".to_vec()].concat();
        assert!(decompress(codec, &trailed, 4_000).is_err(), "{codec:?}: bytes after the stream");
    }
}

#[test]
fn refuses_levels_and_parameters_out_of_bounds() {
    for (codec, level) in [(Codec::Gzip, 10), (Codec::Gzip, -1), (Codec::Lz4, 13), (Codec::Lz4, -1), (Codec::Zstd, 23)]
    {
        let answer = Compressor::new(codec, level, &Tuning::default()).err().expect("refused");
        assert_eq!(answer.code(), "BAD_PARAMETER");
    }
    for tuning in
        [Tuning { strategy: Some(10), ..Tuning::default() }, Tuning { window_log: Some(60), ..Tuning::default() }]
    {
        assert_eq!(Compressor::new(Codec::Zstd, 1, &tuning).err().expect("refused").code(), "BAD_PARAMETER");
    }
}

#[test]
fn tuning_changes_the_frame_and_round_trips() {
    let input = logs(600_000);
    let tuning = Tuning {
        window_log: Some(17),
        hash_log: Some(14),
        chain_log: Some(14),
        search_log: Some(1),
        min_match: Some(6),
        target_length: Some(1),
        strategy: Some(2),
    };
    let mut out = vec![0; Codec::Zstd.bound(input.len())];
    let mut compressor = Compressor::new(Codec::Zstd, 1, &tuning).unwrap();
    let size = compressor.compress(&input, &mut out).unwrap().unwrap();
    assert_ne!(out[..size], compressed(Codec::Zstd, 1, &input));
    assert_eq!(zstd::decompress(&out[..size], input.len()).unwrap(), input);
}

#[test]
fn level_1_has_a_table_that_fits_the_first_cache_and_other_levels_have_their_own() {
    let input = logs(700_000);
    let with = |level, hash_log| {
        let tuning = zstd::Tuning { hash_log, ..Default::default() };
        let mut out = vec![0; Codec::Zstd.bound(input.len())];
        let size = zstd::ZstdCompressor::new(level, &tuning).unwrap().compress(&input, &mut out).unwrap().unwrap();
        out.truncate(size);
        out
    };
    assert_ne!(with(1, Some(13)), with(1, None));
    let mut compressor = Compressor::new(Codec::Zstd, 1, &zstd::Tuning::default()).unwrap();
    for (level, expected) in [(1, with(1, Some(13))), (3, with(3, None)), (-3, with(-3, None)), (1, with(1, Some(13)))]
    {
        compressor.set_level(level).unwrap();
        let mut out = vec![0; Codec::Zstd.bound(input.len())];
        let size = compressor.compress(&input, &mut out).unwrap().unwrap();
        assert_eq!(out[..size], expected, "level {level}");
    }
}

#[test]
fn lz4_frames_are_what_kafka_reads() {
    let frame = compressed(Codec::Lz4, 0, &logs(300_000));
    assert_eq!(frame[..4], [0x04, 0x22, 0x4d, 0x18], "magic, little-endian");
    assert_eq!(frame[4], 0b0110_0000, "version 1, independent blocks, no checksums, no content size, no dictionary");
    assert_eq!(frame[5], 5 << 4, "blocks of 256 KiB");
    assert_eq!(frame[frame.len() - 4..], [0; 4], "end mark");
}

#[test]
fn zstd_golden_files() {
    for (name, bytes) in golden("golden-decompression") {
        assert!(zstd::decompress(&bytes, 1 << 20).is_ok(), "{name}");
    }
    for (name, bytes) in golden("golden-decompression-errors") {
        assert!(zstd::decompress(&bytes, 1 << 20).is_err(), "{name}");
    }
    for (name, bytes) in golden("golden-compression") {
        for (codec, levels) in CODECS {
            for level in levels {
                let small = compressed(codec, level, &bytes);
                assert_eq!(decompress(codec, &small, bytes.len()).unwrap(), bytes, "{name} {codec:?} {level}");
            }
        }
    }
}

#[test]
fn a_frame_that_asks_for_a_huge_window_is_refused() {
    // Magic, a frame header with a window descriptor of 2^31 (exponent 21), no content size; then one raw byte.
    let hostile = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x09, 0x00, 0x00, b'x'];
    assert_eq!(zstd::decompress(&hostile, 1000), Err(CodecError::WindowTooLarge(8 << 20)));
}
