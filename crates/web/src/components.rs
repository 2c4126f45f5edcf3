//! 样张: every part in every state, with made-up data, for those who build. Also what the look is tested on.
//!
//! It shows nothing of the office's own data.

use askama::Template;
use axum::response::Response;
use banjie_domain::problem::{FieldProblem, Problem};
use jiff::civil::{Date, date};

use crate::{
    form::Fields,
    parts::{
        Answer, Answers, Cell, Course, Day, DayKind, ErrorSummary, Fact, Facts, Field, Fix, Fixes, Frame, KeyValues,
        Link, Mark, Material, Materials, Moment, Note, Pager, QrCode, Questions, Row, Ruler, Seal, Slip, Stamp, Status,
        Step, Stepper, Stop, Stored, Table, Tag, TextKind, Tone, Track, UploadBlock,
    },
    shell::{self, Shell},
    texts::Tongue,
};

#[derive(Template)]
#[template(path = "components.html")]
struct Components<'a> {
    shell: &'a Shell,
    stepper: Stepper,
    summary: Option<ErrorSummary>,
    statuses: Vec<(Status, &'a str)>,
    empty_fields: Vec<Field>,
    full_fields: Vec<Field>,
    uploads: Vec<UploadBlock>,
    notes: Vec<Note>,
    tags: Vec<Tag>,
    facts: Facts,
    answers: Answers,
    materials: Materials,
    fixes: Fixes,
    frames: Vec<(Frame, &'a str)>,
    ruler: Ruler,
    track: Track,
    table: Table,
    no_rows: Table,
    pager: Pager,
    slip: Slip,
}

/// The page.
#[must_use]
pub fn page(shell: &Shell) -> Response {
    let tongue = &shell.tongue;
    let say = Sample(tongue);
    let typed = Fields::from_pairs([
        ("started", "2026 2 30"),
        ("number", "26-4831-0527-9164"),
        ("story", ""),
        ("job", "b"),
        ("reason", ""),
        ("evidence", "b"),
    ]);
    let problems = problems();
    shell::page(&Components {
        shell,
        stepper: stepper(say),
        summary: ErrorSummary::of(tongue, &problems),
        statuses: statuses(tongue),
        empty_fields: questions(say, &Questions::new(tongue, &Fields::default(), &[]), "blank-"),
        full_fields: questions(say, &Questions::new(tongue, &typed, &problems), ""),
        uploads: uploads(say, &Questions::new(tongue, &typed, &problems)),
        notes: notes(say),
        tags: tags(say),
        facts: facts(say),
        answers: answers(say),
        materials: materials(say),
        fixes: fixes(say),
        frames: frames(tongue),
        ruler: ruler(say),
        track: track(say),
        table: table(say),
        no_rows: Table::new(say.of("table.caption"), [say.of("table.name")], Vec::new(), say.of("table.empty")),
        pager: Pager::new(tongue, say.of("pager.words"), Some("#previous".into()), Some("#next".into())),
        slip: slip(say),
    })
}

/// The made-up words of this page.
#[derive(Clone, Copy)]
struct Sample<'a>(&'a Tongue);

impl<'a> Sample<'a> {
    fn of(self, key: &str) -> &'a str {
        self.0.t(&format!("sample.{key}"))
    }
}

fn problems() -> Vec<FieldProblem> {
    let file = |code| Problem::new(code).with("name", "scan.pdf").with("size", "23 MB").with("limit", "10 MB");
    vec![
        Problem::new("sample.date").at("started"),
        Problem::new("sample.number").at("number"),
        Problem::new("sample.reason").at("reason"),
        file("file.too-large").at("proof"),
    ]
}

fn statuses(tongue: &Tongue) -> Vec<(Status, &str)> {
    let say = Sample(tongue);
    let sealed = |seal: Seal| {
        let word = say.of(&format!("status.{}.word", seal.key()));
        (Status::sealed(tongue, seal, word), say.of(&format!("status.{}.meaning", seal.key())))
    };
    let plain = (Status::plain(tongue, say.of("status.plain.word")), say.of("status.plain.meaning"));
    Seal::ALL.into_iter().map(sealed).chain([plain]).collect()
}

fn stepper(say: Sample<'_>) -> Stepper {
    let steps = vec![
        Step::done(say.of("step.pick"), "#pick"),
        Step::done(say.of("step.reason"), "#reason"),
        Step::new(say.of("step.materials")),
        Step::new(say.of("step.check")),
    ];
    Stepper::new(say.0, steps, 2)
}

/// `before` goes before each name, so that the same questions can stand twice on one page.
fn questions(say: Sample<'_>, ask: &Questions<'_>, before: &str) -> Vec<Field> {
    let marks = || {
        vec![
            Mark::new("a", say.of("mark.ended")).hint(say.of("mark.ended-hint")),
            Mark::new("b", say.of("mark.wrong")),
            Mark::new("c", say.of("mark.other")),
        ]
    };
    let name = |name: &str| format!("{before}{name}");
    vec![
        ask.date(&name("started"), say.of("field.date")),
        ask.text(&name("number"), say.of("field.number")).hint(say.of("field.number-hint")).kind(TextKind::Digits),
        ask.text(&name("secret"), say.of("field.secret"))
            .kind(TextKind::Secret)
            .short()
            .autocomplete("current-password"),
        ask.area(&name("story"), say.of("field.story")).optional(),
        ask.select(&name("job"), say.of("field.job"), marks()),
        ask.radios(&name("reason"), say.of("field.reason"), marks()),
        ask.checks(&name("evidence"), say.of("field.evidence"), marks()).optional(),
    ]
}

fn uploads(say: Sample<'_>, ask: &Questions<'_>) -> Vec<UploadBlock> {
    let stored = Stored {
        name: say.of("upload.file").to_owned(),
        meta: say.of("upload.meta").to_owned(),
        open: Some(Link::new("#open", say.of("upload.open"))),
        remove: Some(("remove".into(), "1".into())),
    };
    vec![
        UploadBlock::new(say.0, "there", say.of("upload.card"))
            .tag(Tag::new(Tone::Dai, say.of("tag.free")))
            .stored(stored),
        UploadBlock::new(say.0, "wanted", say.of("upload.proof"))
            .tag(Tag::new(Tone::Plain, say.of("tag.own")))
            .why(say.of("material.why"))
            .field(ask.file("proof", say.of("upload.choose"), 10)),
        UploadBlock::new(say.0, "more", say.of("upload.more"))
            .tag(Tag::new(Tone::Plain, say.of("tag.optional")))
            .field(ask.file("more", say.of("upload.choose"), 10)),
    ]
}

fn notes(say: Sample<'_>) -> Vec<Note> {
    let note = |tone, key: &str| Note::new(tone, say.of(&format!("note.{key}")), [say.of(&format!("note.{key}-line"))]);
    vec![note(Tone::Dai, "dai"), note(Tone::Lu, "lu"), note(Tone::Zhu, "zhu")]
}

fn tags(say: Sample<'_>) -> Vec<Tag> {
    let all = [(Tone::Plain, "tag.own"), (Tone::Dai, "tag.free"), (Tone::Lu, "tag.waiting"), (Tone::Zhu, "tag.new")];
    all.into_iter().map(|(tone, key)| Tag::new(tone, say.of(key))).collect()
}

fn facts(say: Sample<'_>) -> Facts {
    Facts(vec![
        Fact::new(say.of("fact.promise"), "5", say.of("fact.days")).note(say.of("fact.legal")),
        Fact::new(say.of("fact.fee"), "0", say.of("fact.yuan")).note(say.of("fact.fee-note")),
        Fact::new(say.of("fact.visits"), "0", say.of("fact.times")),
    ])
}

fn answers(say: Sample<'_>) -> Answers {
    let change = || Link::new("#change", say.of("answer.change"));
    let rows = vec![
        Answer::new(say.of("field.reason"), say.of("mark.ended")).change(change()),
        Answer::new(say.of("field.date"), say.0.date(date(2026, 3, 6)))
            .tag(Tag::new(Tone::Dai, say.of("tag.free")))
            .change(change()),
        Answer::new(say.of("field.story"), "").change(change()),
        Answer::new(say.of("upload.proof"), say.of("upload.file")).note(say.of("upload.meta")),
    ];
    Answers::new(say.0, rows)
}

fn materials(say: Sample<'_>) -> Materials {
    let item = |name: &str, tone, tag: &str| Material {
        name: say.of(name).to_owned(),
        tag: Some(Tag::new(tone, say.of(tag))),
        spec: say.of("material.spec").to_owned(),
        why: say.of("material.why").to_owned(),
    };
    let items = vec![item("upload.card", Tone::Dai, "tag.free"), item("upload.proof", Tone::Plain, "tag.own")];
    Materials::new(say.0, items)
}

fn fixes(say: Sample<'_>) -> Fixes {
    Fixes(vec![Fix {
        heading: say.of("fix.heading").to_owned(),
        lines: vec![say.of("fix.line").to_owned()],
        basis: say.of("fix.basis").to_owned(),
    }])
}

fn frames(tongue: &Tongue) -> Vec<(Frame, &str)> {
    let say = Sample(tongue);
    let frame = |sides, used, course| Frame::new(tongue, sides, (used, 5), course);
    let closed = |result: &str, granted| Course::Closed { result: result.to_owned(), on: date(2026, 3, 18), granted };
    vec![
        (frame(1, 0, Course::Waiting), say.of("frame.waiting")),
        (frame(2, 2, Course::Running { left: 3 }), say.of("frame.running")),
        (frame(2, 2, Course::Paused { left: 3 }), say.of("frame.paused")),
        (frame(2, 7, Course::Overdue { over: 2 }), say.of("frame.overdue")),
        (frame(3, 5, closed(say.of("frame.granted-seal"), true)), say.of("frame.granted")),
        (frame(3, 5, closed(say.of("frame.refused-seal"), false)), say.of("frame.refused")),
    ]
}

/// The case of the contract: promised 3 working days, paused on the 13th after 2 were used, due on the 17th if what is
/// missing comes in today, the 16th.
fn ruler(say: Sample<'_>) -> Ruler {
    let day = |day: i8, kind, label: &str| Day::new(march(day), kind, label);
    let days = vec![
        day(10, DayKind::Open, say.of("ruler.received")),
        day(11, DayKind::Open, say.of("ruler.accepted")),
        day(12, DayKind::Used, "1"),
        day(13, DayKind::Used, "2"),
        day(14, DayKind::Off, ""),
        day(15, DayKind::Off, ""),
        day(16, DayKind::Paused, ""),
        day(17, DayKind::Due, "3"),
    ];
    Ruler::new(say.0, say.of("ruler.sentence"), days, Some(march(16)), say.of("ruler.due"))
}

const fn march(day: i8) -> Date {
    date(2026, 3, day)
}

fn track(say: Sample<'_>) -> Track {
    let stops = vec![
        Stop::new(Seal::Received, Moment::Past, say.of("status.1.word"))
            .when(say.of("track.when"))
            .line(say.of("track.line")),
        Stop::new(Seal::Fix, Moment::Now, say.of("status.fix.word"))
            .when(say.of("track.when"))
            .link(Link::new("#fix", say.of("track.link"))),
        Stop::new(Seal::Review, Moment::Todo, say.of("status.3.word")).line(say.of("track.next")),
        Stop::new(Seal::Done, Moment::Todo, say.of("status.done.word")),
    ];
    Track::new(say.0, stops)
}

fn table(say: Sample<'_>) -> Table {
    let columns = ["table.name", "table.started", "table.status", "table.limit", "table.act"].map(|key| say.of(key));
    let row = |name: &str, status: Status, limit: Cell| {
        let act = Cell::Link(Link::new("#end", say.of("table.end")), say.of(name).to_owned());
        let cells =
            vec![Cell::Pair("2023-09-12".into(), say.of("table.ago").to_owned()), Cell::Status(status), limit, act];
        Row::new(say.of(name), cells).href("#row").under("5301********0413")
    };
    let plain = || Status::plain(say.0, say.of("status.plain.word"));
    let fix = Status::sealed(say.0, Seal::Fix, say.of("status.fix.word"));
    let rows = vec![
        row("table.person-1", plain(), Cell::Muted(say.of("table.far").to_owned())),
        row("table.person-2", plain(), Cell::Late(say.of("table.soon").to_owned())),
        row("table.person-3", fix, Cell::Over(say.of("table.over").to_owned())),
    ];
    Table::new(say.of("table.caption"), columns, rows, say.of("table.empty"))
}

fn slip(say: Sample<'_>) -> Slip {
    let number = "26-4831-0527-9164-28";
    Slip {
        office: say.of("slip.office").to_owned(),
        title: say.of("slip.title").to_owned(),
        number_label: say.of("slip.number").to_owned(),
        number: number.to_owned(),
        reading: say.of("slip.reading").to_owned(),
        rows: KeyValues::default()
            .with(say.of("slip.matter"), say.of("slip.matter-value"))
            .with(say.of("slip.due"), say.of("slip.due-value")),
        code: QrCode::new(number, say.of("slip.code-label")).map(|code| (code, say.of("slip.code").to_owned())),
        stamp: Some(Stamp {
            upper: say.of("slip.stamp-upper").to_owned(),
            lower: say.of("slip.stamp-lower").to_owned(),
            date: "2026.03.10".to_owned(),
            fresh: false,
        }),
        signed_on: say.0.date(march(10)),
        foot: say.of("slip.foot").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use super::*;
    use crate::{
        cookies::Transport,
        prefs::Prefs,
        shell::{OfficeCard, Site},
        texts::Texts,
    };

    async fn html(lang: &str) -> String {
        let site = Arc::new(Site {
            texts: Texts::load().unwrap(),
            office: OfficeCard { name: "<script>alert(1)</script>".into(), ..OfficeCard::default() },
            base_url: None,
            transport: Transport::Plain,
            demo: true,
        });
        let prefs = Prefs { lang: Some(lang.to_owned()), ..Prefs::default() };
        let body = page(&site.shell(&prefs, "/components?a=\"><b>")).into_body();
        String::from_utf8(axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap()
    }

    /// The values of an attribute, wherever it stands.
    fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
        let opening = format!(" {attribute}=\"");
        html.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[tokio::test]
    async fn every_id_is_there_once_and_every_reference_leads_somewhere() {
        for lang in ["zh-CN", "en"] {
            let html = html(lang).await;
            let ids = values(&html, "id");
            let known: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), known.len(), "an id stands twice");
            for attribute in ["for", "aria-describedby", "aria-labelledby"] {
                for id in values(&html, attribute).iter().flat_map(|value| value.split(' ')) {
                    assert!(known.contains(id), "{attribute} names `{id}`");
                }
            }
        }
    }

    #[tokio::test]
    async fn the_page_keeps_to_its_own_content_policy() {
        let html = html("zh-CN").await;
        assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains("javascript:"));
        assert!(!html.contains(" onclick=") && !html.contains(" onload=") && !html.contains("http://"));
        assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=\"/assets/").count());
    }

    #[tokio::test]
    async fn what_comes_from_outside_is_escaped() {
        let html = html("zh-CN").await;
        assert!(!html.contains("<script>alert") && html.contains("&#60;script&#62;alert"));
        assert!(html.contains("value=\"/components?a=&#34;&#62;&#60;b&#62;\""));
    }

    #[tokio::test]
    async fn no_text_is_missing() {
        for lang in ["zh-CN", "en"] {
            let html = html(lang).await;
            for file in ["shell.", "common.", "sample.", "problem.", "fail."] {
                assert!(!html.contains(&format!("[{file}")), "{lang} {file}");
            }
        }
    }
}
