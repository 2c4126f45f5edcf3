//! Values for the texts: sizes and file names as people may see them.

/// The longest file name that is shown, in characters.
const NAME_CHARS: usize = 60;

/// A size in KB or MB with one decimal, rounded up: what is too large never looks as if it fitted.
#[must_use]
pub fn human_size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    if bytes < MB {
        return format!("{} KB", bytes.div_ceil(KB));
    }
    let tenths = (bytes / MB) * 10 + (bytes % MB * 10).div_ceil(MB);
    match tenths % 10 {
        0 => format!("{} MB", tenths / 10),
        tenth => format!("{}.{tenth} MB", tenths / 10),
    }
}

/// A file name that can be shown and stored as text: without folders, without characters that are invisible or turn
/// the reading direction, and not endless. It is never used to find a file.
#[must_use]
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let visible: String = last.chars().filter(|char| !is_hidden(*char)).collect();
    let visible = visible.trim();
    let count = visible.chars().count();
    if count <= NAME_CHARS {
        return visible.to_owned();
    }
    // The end stays: it carries the extension.
    let half = NAME_CHARS / 2;
    let front: String = visible.chars().take(half).collect();
    let back: String = visible.chars().skip(count - half + 1).collect();
    format!("{front}…{back}")
}

fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (bytes, expected) in [
            (1, "1 KB"),
            (1024, "1 KB"),
            (1025, "2 KB"),
            (1024 * 1024, "1 MB"),
            (10 * 1024 * 1024, "10 MB"),
            (10 * 1024 * 1024 + 1, "10.1 MB"),
            (23 * 1024 * 1024 + 512 * 1024, "23.5 MB"),
            (u64::MAX, "17592186044416 MB"),
        ] {
            assert_eq!(human_size(bytes), expected);
        }
    }

    #[test]
    fn a_shown_name_has_no_folder_and_no_trick() {
        for (name, expected) in [
            ("离职证明.pdf", "离职证明.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\扫描件.jpg", "扫描件.jpg"),
            ("a\u{202e}fdp.exe\0\r\n", "afdp.exe"),
            ("", ""),
        ] {
            assert_eq!(shown_name(name), expected);
        }
        let long = shown_name(&format!("{}.pdf", "长".repeat(4000)));
        assert_eq!(long.chars().count(), NAME_CHARS);
        assert!(long.ends_with(".pdf"));
    }
}
