//! Which passwords are refused: too short, too long, or among the first an attacker tries.
//!
//! No rule about kinds of characters: they make passwords worse, not better (NIST SP 800-63B, 3.1.1.2).

use banjie_domain::problem::Problem;

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 10;
/// The most characters of a password; hashing a novel would be a gift to an attacker.
pub const MAX_CHARS: usize = 128;

/// A run of neighbours counts from this length on.
const RUN: usize = 4;
/// A password that is runs and fewer other characters than this is a sequence.
const FREE_CHARS: usize = 4;
/// A shorter piece of an account's own data may stand in a password by chance.
const KNOWN_CHARS: usize = 5;

/// The rows of a keyboard, in which people slide their finger.
const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The commonest passwords of at least [`MIN_CHARS`] characters that no other rule here catches.
const COMMON: &str = "
    1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc qazwsxedcrfv zaq12wsxcde3 1qaz@wsx3edc !qaz2wsx3edc q1w2e3r4t5
    q1w2e3r4t5y6 1a2b3c4d5e a1b2c3d4e5 a1s2d3f4g5 qweasdzxc1 qweasdzxc123 zxcvbnm123 147258369a 147258369q
    1472583690 1593572486 7894561230 123123123a 123qweasdzxc 1314520520 5201314520 5201314521 woaini1314
    woaini1314520 woaini5201314 woaini123456 woaiwojia1 woaiwojia123 woshishui123 woailaopo1314 laopowoaini
    iloveyou123 iloveyou1314 iloveyou520 iloveyou1234 ilovechina ilovechina1 zhongguo123 zhongguo1949 beijing2008
    tsinghua123 nihao123456 wang123456 zhang123456 password10 password12 password123 password1234 password12345
    password2024 password2025 password2026 password!1 password@123 p@ssw0rd123 p@ssword123 passw0rd123 passwd1234
    mima123456 wodemima123 admin12345 admin123456 admin@1234 admin@12345 administrator admin888888 root123456
    root@123456 guest12345 test123456 test1234567 user123456 huawei@123 huawei12#$ changeme123 default123 welcome123
    welcome@123 letmein1234 football123 baseball123 princess123 sunshine123 superman123 dragon12345 monkey12345
    michael123 jordan2323 charlie123 starwars123 computer123 internet123 banjie1234 banjie123456 banjie2025
    banjie2026 yonggong123 dengji123456 rensheju123 renshe123456 shebao123456 11223344556 1122334455 1357924680
    2468013579 3141592653 31415926535";

/// Refuses a password that is easily guessed. `known` is what the account is known by: user name, telephone and ID number.
///
/// # Errors
/// The first reason, as `password.too-short`, `.too-long`, `.known`, `.common`, `.repeats` or `.sequence`.
pub fn check(password: &str, known: &[&str]) -> Result<(), Problem> {
    let chars: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let count = password.chars().count();
    if count < MIN_CHARS {
        return Err(Problem::new("password.too-short").with("min", MIN_CHARS.to_string()));
    }
    if count > MAX_CHARS {
        return Err(Problem::new("password.too-long").with("max", MAX_CHARS.to_string()));
    }
    let lower: String = chars.iter().collect();
    let holds = |part: &&str| part.chars().count() >= KNOWN_CHARS && lower.contains(&part.to_lowercase());
    if known.iter().any(holds) {
        return Err(Problem::new("password.known"));
    }
    if COMMON.split_ascii_whitespace().any(|common| common == lower) {
        return Err(Problem::new("password.common"));
    }
    if repeats(&chars) {
        return Err(Problem::new("password.repeats"));
    }
    if chars_outside_runs(&chars) < FREE_CHARS {
        return Err(Problem::new("password.sequence"));
    }
    Ok(())
}

/// Whether it is one short piece over and over, or made of fewer than four different characters.
fn repeats(chars: &[char]) -> bool {
    let mut different = chars.to_vec();
    different.sort_unstable();
    different.dedup();
    let has_period = |period: usize| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b);
    different.len() < 4 || (1..=chars.len() / 2).any(has_period)
}

/// How many characters do not belong to a run such as `3456`, `fedc`, `rtyu` or `7777`.
fn chars_outside_runs(chars: &[char]) -> usize {
    let mut outside = 0;
    let mut run = 0_usize;
    let mut step_before = None;
    let mut before = None;
    for &char in chars {
        let step = before.and_then(|before| step(before, char));
        if run > 0 && step.is_some() && (run == 1 || step == step_before) {
            run += 1;
        } else {
            outside += if run < RUN { run } else { 0 };
            run = 1;
        }
        step_before = step;
        before = Some(char);
    }
    outside + if run < RUN { run } else { 0 }
}

/// The direction from one character to its neighbour in the alphabet, the digits or a row of keys.
fn step(from: char, to: char) -> Option<i32> {
    let by_code = i32::try_from(u32::from(to)).ok()? - i32::try_from(u32::from(from)).ok()?;
    if by_code.abs() <= 1 {
        return Some(by_code);
    }
    ROWS.iter().find_map(|row| {
        let (from, to) = (row.find(from)?, row.find(to)?);
        (from.abs_diff(to) == 1).then_some(if to > from { 1 } else { -1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<&'static str> {
        check(password, &["zhangsan88", "13800138000", "li"]).err().map(|problem| problem.code)
    }

    #[test]
    fn a_sentence_or_a_random_password_is_taken() {
        for password in ["correct horse", "我家门前有两棵枣树呀", "x7Kp-93mQw", "Hangzhou-liu-77", "lion mane 4 tea"]
        {
            assert_eq!(refused(password), None, "{password}");
        }
        assert_eq!(refused(&"我家门前有两棵枣树1x".repeat(20)[..0]), Some("password.too-short"));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(refused("x7Kp-93mQ"), Some("password.too-short"));
        assert_eq!(refused("我家门前有两棵枣树"), Some("password.too-short"));
        let long: String = ('\u{4e00}'..).step_by(7).take(128).collect();
        assert_eq!(refused(&long), None);
        assert_eq!(refused(&format!("{long}x")), Some("password.too-long"));
    }

    #[test]
    fn the_commonest_are_refused_in_any_case() {
        for password in ["password123", "PassWord123", "woaini1314520", "Admin@12345", "1q2w3e4r5t"] {
            assert_eq!(refused(password), Some("password.common"), "{password}");
        }
    }

    #[test]
    fn repetitions_are_refused() {
        for password in ["aaaaaaaaaa", "ababababab", "abcabcabcabc", "Wang88Wang88", "1112221112", "password1password1"]
        {
            assert_eq!(refused(password), Some("password.repeats"), "{password}");
        }
    }

    #[test]
    fn sequences_are_refused_also_with_a_little_around_them() {
        for password in
            ["1234567890", "9876543210", "abcdefghij", "qwertyuiop", "asdfghjkl;", "abcd1234efgh", "x1234567890y"]
        {
            assert_eq!(refused(password), Some("password.sequence"), "{password}");
        }
    }

    #[test]
    fn what_everybody_knows_about_the_account_is_refused() {
        assert_eq!(refused("my-13800138000"), Some("password.known"));
        assert_eq!(refused("ZhangSan88-ok"), Some("password.known"));
        assert_eq!(refused("li likes tea x"), None);
    }

    #[test]
    fn no_common_password_is_listed_in_vain() {
        let listed: Vec<_> = COMMON.split_ascii_whitespace().collect();
        assert!(listed.len() >= 100, "{}", listed.len());
        for common in listed {
            let chars: Vec<char> = common.chars().collect();
            let caught = chars.len() < MIN_CHARS || repeats(&chars) || chars_outside_runs(&chars) < FREE_CHARS;
            assert!(!caught && common == common.to_lowercase(), "{common}");
        }
    }
}
