//! Reading and appending history. Nothing here updates or deletes an event.

use banjie_domain::history::Hash;

use crate::db::{Row, Tx, Value};
use crate::error::StoreError;
use crate::row::corrupt;

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Whose history.
    pub stream: String,
    /// Place in it, from 1.
    pub version: u64,
    /// The event's type, as `case.submitted`; also inside the bytes.
    pub kind: String,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    /// SM3(0x00 ‖ bytes).
    pub leaf: Hash,
    /// Microseconds since 1970 UTC; also inside the bytes.
    pub recorded_at: i64,
}

/// Events of one statement: one change seldom has more, and no database minds so many parameters.
const MOST_AT_ONCE: usize = 50;

const COLUMNS: &str = "stream, version, kind, bytes, leaf, recorded_at";

fn from_row(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        stream: row.text(0)?,
        version: row.int(1)?.try_into().map_err(|_| corrupt("events.version"))?,
        kind: row.text(2)?,
        bytes: row.bytes(3)?,
        leaf: Hash::from_slice(&row.bytes(4)?).ok_or_else(|| corrupt("events.leaf"))?,
        recorded_at: row.int(5)?,
    })
}

/// The whole history of a stream, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn events_of(tx: &mut dyn Tx, stream: &str) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = format!("select {COLUMNS} from events where stream = $1 order by version");
    tx.query(&sql, &[stream.into()])?.iter().map(from_row).collect()
}

/// Every event there is, stream by stream, for `verify`.
///
/// # Errors
/// When the database cannot be read, or `visit` fails.
pub fn event_each(
    tx: &mut dyn Tx,
    visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = format!("select {COLUMNS} from events order by stream, version");
    tx.each(&sql, &[], &mut |row| visit(from_row(&row)?))
}

/// Where one history stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TipRow {
    /// Whose history.
    pub stream: String,
    /// How many events it had.
    pub version: u64,
    /// Leaf of the last of them.
    pub leaf: Hash,
}

/// Where every history stands now, in the order of their names as bytes.
///
/// # Errors
/// When the database cannot be read, or `visit` fails.
pub fn tip_each(tx: &mut dyn Tx, visit: &mut dyn FnMut(TipRow) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let sql = "select e.stream, e.version, e.leaf from events e where not exists \
               (select 1 from events n where n.stream = e.stream and n.version = e.version + 1) order by e.stream";
    tx.each(sql, &[], &mut |row| {
        visit(TipRow {
            stream: row.text(0)?,
            version: row.int(1)?.try_into().map_err(|_| corrupt("events.version"))?,
            leaf: Hash::from_slice(&row.bytes(2)?).ok_or_else(|| corrupt("events.leaf"))?,
        })
    })
}

/// The leaf at one place of a history; none when there is no event.
///
/// # Errors
/// When the database cannot be read.
pub fn leaf_at(tx: &mut dyn Tx, stream: &str, version: u64) -> Result<Option<Hash>, StoreError> {
    let version = i64::try_from(version).map_err(|_| corrupt("events.version"))?;
    let row =
        tx.query_opt("select leaf from events where stream = $1 and version = $2", &[stream.into(), version.into()])?;
    row.map(|row| Hash::from_slice(&row.bytes(0)?).ok_or_else(|| corrupt("events.leaf"))).transpose()
}

/// Appends events in one statement. The primary key refuses a second event at the same place.
///
/// # Errors
/// [`StoreError::Unique`] when somebody was faster.
pub fn events_append(tx: &mut dyn Tx, events: &[StoredEvent]) -> Result<(), StoreError> {
    for some in events.chunks(MOST_AT_ONCE) {
        let mut params = Vec::with_capacity(some.len() * 6);
        let mut rows = Vec::with_capacity(some.len());
        for event in some {
            let at = params.len();
            rows.push(format!("(${}, ${}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4, at + 5, at + 6));
            params.extend([
                event.stream.as_str().into(),
                i64::try_from(event.version).map_err(|_| corrupt("events.version"))?.into(),
                event.kind.as_str().into(),
                event.bytes.as_slice().into(),
                Value::from(event.leaf.as_bytes().as_slice()),
                event.recorded_at.into(),
            ]);
        }
        let sql =
            format!("insert into events (stream, version, kind, bytes, leaf, recorded_at) values {}", rows.join(", "));
        tx.later(&sql, &params)?;
    }
    Ok(())
}
