//! A reader of comma-separated values, as strict as RFC 4180, for what the service exports: a file without the mark of
//! UTF-8, with another line end or with an open quote ends the test.

/// The rows of a file that begins with the mark of UTF-8; every line has to end with CRLF.
pub fn rows(file: &str) -> Vec<Vec<String>> {
    let mut rest = file.strip_prefix('\u{FEFF}').unwrap();
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let mut row = Vec::new();
        loop {
            let (cell, after) = cell(rest);
            row.push(cell);
            match after.strip_prefix(',') {
                Some(more) => rest = more,
                None => {
                    rest = after.strip_prefix("\r\n").unwrap();
                    break;
                }
            }
        }
        rows.push(row);
    }
    rows
}

/// The text a spreadsheet shows for a cell that was guarded against being calculated.
pub fn unguarded(cell: &str) -> &str {
    let guarded = |rest: &&str| rest.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']);
    cell.strip_prefix('\'').filter(guarded).unwrap_or(cell)
}

fn cell(text: &str) -> (String, &str) {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\r', '\n', '"']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut cell = String::new();
    loop {
        let (before, after) = rest.split_once('"').unwrap();
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return (cell, after),
        }
    }
}

#[test]
fn quotes_commas_and_line_breaks_are_read_back() {
    let read = rows("\u{FEFF}a,\"b,\"\"c\"\"\"\r\n\"one\ntwo\",\r\n");
    assert_eq!(read, [["a", "b,\"c\""], ["one\ntwo", ""]]);
    assert_eq!(["'-Ann", "'t Hooft", "'=1"].map(unguarded), ["-Ann", "'t Hooft", "=1"]);
}
