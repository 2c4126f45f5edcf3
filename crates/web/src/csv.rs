//! Comma-separated values after RFC 4180, so that a spreadsheet opens them as they are and runs nothing of them.

/// Tells a spreadsheet that the file is UTF-8; without it Chinese comes out as garbage.
pub const MARK: &str = "\u{FEFF}";

/// One line, with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(begins_a_formula) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

/// What a spreadsheet calculates instead of showing it, in full width too. An apostrophe in front makes it text again.
const fn begins_a_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(line(["买买提·吐尔逊", "O'Neil", ""]), "买买提·吐尔逊,O'Neil,\r\n");
        assert_eq!(line(["a,b", "say \"hi\"", "one\ntwo"]), "\"a,b\",\"say \"\"hi\"\"\",\"one\ntwo\"\r\n");
    }

    #[test]
    fn nothing_is_a_formula() {
        let wanted = [("=1+1", "'=1+1"), ("+86", "'+86"), ("-Ann", "'-Ann"), ("@a", "'@a"), ("\ta", "'\ta")];
        for (text, written) in wanted {
            assert_eq!(line([text]), format!("{written}\r\n"));
        }
        assert_eq!(line(["=a,\"b\""]), "\"'=a,\"\"b\"\"\"\r\n");
        assert_eq!(line(["－Ann", "'t Hooft", "a-b"]), "'－Ann,'t Hooft,a-b\r\n");
    }
}
