//! A table that folds on a telephone and stays a table, and the way to the next page of it.

use askama::Template;

use super::{Link, Status, is_markup};
use crate::texts::Tongue;

/// What stands in one cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, a date, a code.
    Number(String),
    /// Something less important.
    Muted(String),
    /// Due soon.
    Late(String),
    /// Overdue.
    Over(String),
    /// A state.
    Status(Status),
    /// What can be done; the last part is read aloud only, and says for whom.
    Link(Link, String),
    /// A number with a small line under it.
    Pair(String, String),
}

/// One row: its head, which may lead somewhere, and its cells.
#[derive(Debug, Clone)]
pub struct Row {
    /// What the row is about.
    pub head: String,
    /// Where it leads.
    pub href: Option<String>,
    /// A small line under the head.
    pub under: Option<String>,
    /// The other cells, one for each column after the first.
    pub cells: Vec<Cell>,
}

/// A table.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/table.html")]
pub struct Table {
    caption: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    empty: String,
}

impl Row {
    /// A row about this.
    pub fn new(head: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { head: head.into(), href: None, under: None, cells }
    }

    /// Leading here.
    #[must_use]
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// With a small line under the head.
    #[must_use]
    pub fn under(mut self, under: impl Into<String>) -> Self {
        self.under = Some(under.into());
        self
    }
}

impl Table {
    /// A table; the caption is read aloud and not shown, `empty` stands in place of no rows.
    pub fn new<C: Into<String>>(
        caption: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
        rows: Vec<Row>,
        empty: impl Into<String>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { caption: caption.into(), columns, rows, empty: empty.into() }
    }

    fn column(&self, cell: usize) -> &str {
        self.columns.get(cell + 1).map_or("", String::as_str)
    }
}

/// 上一页, 下一页.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    words: String,
    previous: Option<String>,
    next: Option<String>,
    tongue: Tongue,
}

impl Pager {
    /// `words` say what is shown, such as 本页 20 条，共 46 条.
    pub fn new(tongue: &Tongue, words: impl Into<String>, previous: Option<String>, next: Option<String>) -> Self {
        Self { words: words.into(), previous, next, tongue: tongue.clone() }
    }
}

is_markup!(Table, Pager);
