//! Where unpredictable bytes come from. Randomness is an argument, so that a test can repeat what happened.
//!
//! Outside tests and the demonstration only [`SystemEntropy`] may be used: [`SeededEntropy`] is predictable.

use std::sync::atomic::{AtomicU64, Ordering};

use sm3::{Digest, Sm3};

/// A source of bytes.
pub trait Entropy: Send + Sync {
    /// Overwrites all of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::panic, reason = "a system without random numbers must not go on with predictable keys")]
    fn fill(&self, out: &mut [u8]) {
        if let Err(error) = getrandom::fill(out) {
            panic!("the operating system gives no random numbers: {error}");
        }
    }
}

/// The same bytes for the same seed: SM3 over seed and counter.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    blocks_used: AtomicU64,
}

impl SeededEntropy {
    /// A source that starts again at the beginning of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, blocks_used: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for piece in out.chunks_mut(32) {
            let counter = self.blocks_used.fetch_add(1, Ordering::Relaxed);
            let mut hash = Sm3::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(counter.to_be_bytes());
            for (slot, byte) in piece.iter_mut().zip(hash.finalize()) {
                *slot = byte;
            }
        }
    }
}

/// `N` fresh bytes.
#[must_use]
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut out = [0; N];
    entropy.fill(&mut out);
    out
}

/// A number of up to `N` decimal digits, each value equally likely; print it with leading zeros.
#[must_use]
pub fn digits<const N: u32>(entropy: &dyn Entropy) -> u64 {
    const { assert!(N >= 1 && N <= 19, "a u64 holds 19 free decimal digits") };
    let end = 10_u64.pow(N);
    let mask = u64::MAX >> (end - 1).leading_zeros();
    // Values past the end are thrown away: a remainder would favour small numbers. Half the tries succeed at least.
    loop {
        let candidate = u64::from_be_bytes(bytes(entropy)) & mask;
        if candidate < end {
            return candidate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let draw = |seed| {
            let entropy = SeededEntropy::new(seed);
            (bytes::<48>(&entropy), bytes::<5>(&entropy))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(draw(7).0[..5], draw(7).1);
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        assert_ne!(bytes::<32>(&SystemEntropy), bytes::<32>(&SystemEntropy));
    }

    #[test]
    fn digits_stay_in_range_and_every_first_digit_is_equally_likely() {
        let entropy = SeededEntropy::new(1);
        let mut first_digits = [0_u32; 10];
        for _ in 0..20_000 {
            let value = digits::<8>(&entropy);
            assert!(value < 100_000_000);
            first_digits[usize::try_from(value / 10_000_000).unwrap()] += 1;
        }
        // 2,000 expected; six standard deviations are 255.
        assert!(first_digits.iter().all(|n| n.abs_diff(2_000) < 255), "{first_digits:?}");
    }

    #[test]
    fn the_longest_number_fits() {
        assert!(digits::<19>(&SeededEntropy::new(3)) < 10_000_000_000_000_000_000);
    }
}
