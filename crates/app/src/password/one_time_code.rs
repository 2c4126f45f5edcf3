//! The code that a clerk hands over and that opens an account once.
//!
//! Ten Crockford characters, 50 random bits. Only [`OneTimeCode::hash`] is stored; life time and number of tries are
//! the use case's matter.

use std::fmt;

use banjie_domain::problem::Problem;
use zeroize::Zeroizing;

use crate::entropy::{self, Entropy};
use crate::seal::Keyring;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 10;

/// A one-time code; `to_string` groups it for reading aloud: `7K3QM-9XW2P`.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(Zeroizing<String>);

impl OneTimeCode {
    /// A new code.
    #[must_use]
    pub fn random(entropy: &dyn Entropy) -> Self {
        // 32 symbols divide 256 evenly: the lowest five bits of a byte are as random as the byte.
        let symbols =
            entropy::bytes::<CHARS>(entropy).into_iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
        Self(Zeroizing::new(symbols.copied().map(char::from).collect()))
    }

    /// Reads what a person typed: any case, any grouping, `o` for 0, `i` and `l` for 1.
    ///
    /// # Errors
    /// `one-time-code.shape`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new("one-time-code.shape");
        let mut code = Zeroizing::new(String::with_capacity(CHARS));
        for char in typed.chars().filter(|char| !char.is_whitespace() && *char != '-' && *char != '－') {
            if code.len() == CHARS {
                return Err(wrong());
            }
            code.push(symbol(char).ok_or_else(wrong)?);
        }
        if code.len() == CHARS { Ok(Self(code)) } else { Err(wrong()) }
    }

    /// What the database keeps; `account` is the account the code opens.
    #[must_use]
    pub fn hash(&self, keyring: &Keyring, account: &str) -> [u8; 32] {
        keyring.code_hash(account, &self.0)
    }
}

fn symbol(typed: char) -> Option<char> {
    let half_width = match u32::from(typed) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0)?,
        _ => typed,
    };
    let symbol = match half_width.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().any(|byte| char::from(*byte) == symbol).then_some(symbol)
}

impl fmt::Display for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (front, back) = self.0.split_at(CHARS / 2);
        write!(f, "{front}-{back}")
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;
    use crate::seal::a_keyring;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = OneTimeCode::parse("10ABC-DEFGH").unwrap();
        assert_eq!(code.to_string(), "10ABC-DEFGH");
        for typed in ["10abcdefgh", " lo abc defgh ", "IOABCDEFGH", "１０ＡＢＣ－ＤＥＦＧＨ"] {
            assert_eq!(OneTimeCode::parse(typed).unwrap(), code, "{typed}");
        }
        let random = OneTimeCode::random(&SeededEntropy::new(1));
        assert_eq!(OneTimeCode::parse(&random.to_string()).unwrap(), random);
    }

    #[test]
    fn what_is_not_a_code_is_refused() {
        for typed in ["", "10ABC-DEFG", "10ABC-DEFGHJ", "10ABC-DEFGU", "一二三四五六七八九十"] {
            assert_eq!(OneTimeCode::parse(typed).unwrap_err().code, "one-time-code.shape");
        }
    }

    #[test]
    fn the_stored_hash_belongs_to_one_account_and_one_key() {
        let code = OneTimeCode::random(&SeededEntropy::new(1));
        let stored = code.hash(&a_keyring(1), "acc_1");
        assert_eq!(stored, code.hash(&a_keyring(1), "acc_1"));
        assert_ne!(stored, code.hash(&a_keyring(1), "acc_2"));
        assert_ne!(stored, code.hash(&a_keyring(2), "acc_1"));
    }

    #[test]
    fn debug_output_hides_the_code() {
        let code = OneTimeCode::random(&SeededEntropy::new(1));
        assert_eq!(format!("{code:?}"), "OneTimeCode(..)");
    }
}
