//! Whether bytes look as if they were compressed or encrypted already: a histogram of some of them, far cheaper than trying.

const SAMPLES: usize = 4096;
const RUN: usize = 64;
/// Below this there are too few bytes to tell.
const BYTES_MIN: usize = 1024;
/// How much less than uniformly random bytes, in bits a byte, still counts as random. Measured: what zstd, gzip, AES and JPEG leave is within
/// 0.03; the densest text there is in practice (base64) is 1.9 away, LogEvents 2.4 and more.
const TOLERANCE: f64 = 0.15;

/// Looks at up to 4 KiB, in runs spread evenly over all of `bytes`.
pub fn looks_compressed(bytes: &[u8]) -> bool {
    if bytes.len() < BYTES_MIN {
        return false;
    }
    let mut counts = [0u32; 256];
    let runs = (SAMPLES / RUN).min(bytes.len() / RUN);
    let stride = bytes.len() / runs;
    for run in bytes.chunks(stride).take(runs) {
        for byte in run.iter().take(RUN) {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
    }
    let total = f64::from(counts.iter().sum::<u32>());
    let entropy: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum();
    // So few samples of 256 values never show all eight bits (Miller and Madow's correction).
    let random = 8.0 - 255.0 / (2.0 * total * std::f64::consts::LN_2);
    entropy > random - TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::looks_compressed;

    fn random(size: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        (0..size)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect()
    }

    #[test]
    fn tells_random_bytes() {
        for size in [1024, 1500, 4096, 100_000, 4 << 20] {
            assert!(looks_compressed(&random(size)), "{size} random bytes");
        }
    }

    #[test]
    fn tells_what_was_compressed() {
        let text: Vec<u8> = random(300_000).iter().map(|byte| b"0123456789abcdef"[usize::from(byte & 15)]).collect();
        assert!(!looks_compressed(&text));
        let packed = zstd_safe::compress_bound(text.len());
        let mut out = vec![0; packed];
        let size = zstd_safe::compress(&mut out[..], &text, 3).unwrap();
        assert!(looks_compressed(&out[..size]));
    }

    #[test]
    fn text_numbers_and_repetition_are_worth_trying() {
        let base64: Vec<u8> = random(100_000).iter().map(|byte| 32 + (byte & 63)).collect();
        assert!(!looks_compressed(&base64));
        assert!(!looks_compressed(&vec![7; 100_000]));
        assert!(!looks_compressed(
            b"<34>1 2024-05-01T00:00:00Z host sshd 7 - - Failed password for root\n".repeat(100).as_slice()
        ));
        let counters: Vec<u8> = (0..25_000u32).flat_map(u32::to_le_bytes).collect();
        assert!(!looks_compressed(&counters));
    }

    #[test]
    fn few_bytes_are_not_judged() {
        assert!(!looks_compressed(&random(1023)));
        assert!(!looks_compressed(&[]));
    }
}
