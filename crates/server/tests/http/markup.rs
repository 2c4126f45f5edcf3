//! What a person reads on a page, out of its markup.

/// The text after the first place of this, up to the quote that closes it.
pub fn after<'a>(page: &'a str, place: &str) -> &'a str {
    let (_, rest) = page.split_once(place).unwrap_or(("", "\""));
    rest.split_once('"').unwrap().0
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    after(page, &format!("name=\"{name}\" value=\"")).to_owned()
}

/// Every text between two tags, as a browser shows it.
pub fn texts(page: &str) -> Vec<String> {
    let texts = page.split('<').filter_map(|piece| piece.split_once('>'));
    texts.map(|(_, text)| unescaped(text)).filter(|text| !text.trim().is_empty()).collect()
}

/// The text that markup stands for. Only what our templates write is known.
pub fn unescaped(markup: &str) -> String {
    let mut pieces = markup.split('&');
    let mut text = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap();
        let code = name.strip_prefix('#').unwrap();
        text.push(char::from_u32(code.parse().unwrap()).unwrap());
        text.push_str(rest);
    }
    text
}

/// Id and name of every registration in a list.
pub fn cards(page: &str) -> impl Iterator<Item = (String, String)> {
    page.split("<li><div><h2>").skip(1).map(|card| {
        let (name, rest) = card.split_once("</h2>").unwrap();
        (after(rest, "class=\"num\" href=\"/registrations/").to_owned(), unescaped(name))
    })
}

/// Where the next page of a list is.
pub fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    before.rsplit_once("href=\"").map(|(_, to)| unescaped(to))
}

#[test]
fn markup_is_read_as_a_browser_reads_it() {
    assert_eq!(texts("<p>O&#39;Neil</p>\n<b>&#60;b&#62;</b>"), ["O'Neil", "<b>"]);
    assert_eq!(next("<a href=\"/a?b=1&#38;c=2\" rel=\"next\">"), Some("/a?b=1&c=2".to_owned()));
    assert_eq!(next("<a href=\"/a\">"), None);
}
